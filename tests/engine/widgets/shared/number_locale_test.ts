// Catches: a browser whose language is none ending the page's script, a browser's good language being replaced.
import { strictEqual } from "node:assert";
import { mendLanguage } from "../../../../engine/widgets/shared/number_locale.ts";

Deno.test("a language that no number format knows gives way to the page's", () => {
  const browser = { language: "C" };
  mendLanguage(browser);
  strictEqual(browser.language, "en-GB");
});

Deno.test("a browser's own language stays", () => {
  const browser = { language: "pt-BR" };
  mendLanguage(browser);
  strictEqual(browser.language, "pt-BR");
});
