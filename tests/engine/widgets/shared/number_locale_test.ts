// Catches: a browser with an invalid language that stops the page's script; a valid language that is replaced.
import { strictEqual } from "node:assert";
import { fixLanguage } from "../../../../engine/widgets/shared/number_locale.ts";

Deno.test("a language that no number format accepts is replaced by the page's", () => {
  const browser = { language: "C" };
  fixLanguage(browser);
  strictEqual(browser.language, "en-GB");
});

Deno.test("a valid language is kept", () => {
  const browser = { language: "pt-BR" };
  fixLanguage(browser);
  strictEqual(browser.language, "pt-BR");
});
