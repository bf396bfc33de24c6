// Catches: two pages, or another program's page on the same disk, that share what they remember.
import assert from "node:assert/strict";
import { memoryKey } from "../../../../engine/widgets/shared/browser_storage.ts";

Deno.test("a key names the program, the page and the thing", () => {
  const keys = [
    memoryKey("/a.html", "complete"),
    memoryKey("/b.html", "complete"),
    memoryKey("/a.html", "quiz:1"),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.ok(keys.every((key) => key.startsWith("press-start:/")));
});
