// Catches: two versions of a browser that count as the same engine, or one browser that counts as two.
import assert from "node:assert/strict";
import { browserName } from "../../../engine/checkpoint/browser_name.ts";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)", MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";

for (
  const [agent, name] of [
    [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`, "Chromium 142"],
    [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/142.0.0.0 Safari/537.36`, "Chromium 142"],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`, "Edge 141"],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0", "Firefox 146"],
    [`${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15`, "Safari 26.1"],
    ["Deno/2.5.6", "Deno 2.5"],
    ["something else", null],
  ] as const
) Deno.test(`the browser of ${agent.slice(-40)} is ${name}`, () => assert.equal(browserName(agent), name));

Deno.test("browsers with Chromium's engine of one version are one", () => {
  const brands = [{ brand: "Not;A=Brand", version: "99" }, { brand: "Chromium", version: "142" }];
  assert.equal(browserName("Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", brands), "Chromium 142");
});
