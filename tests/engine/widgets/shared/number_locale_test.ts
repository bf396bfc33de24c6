// Catches: a browser with an invalid language that stops the page's script; a valid language that is replaced.
import { strictEqual } from "node:assert";
import { mendLanguage } from "../../../../engine/widgets/shared/number_locale.ts";

Deno.test("a language that no number format accepts is replaced by the page's", () => {
  const browser = { language: "C" };
  mendLanguage(browser);
  strictEqual(browser.language, "en-GB");
});

Deno.test("a valid language is kept", () => {
  const browser = { language: "pt-BR" };
  mendLanguage(browser);
  strictEqual(browser.language, "pt-BR");
});
