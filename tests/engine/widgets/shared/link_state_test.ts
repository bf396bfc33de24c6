// Catches: a link that asks for something missing without a message, a seed that differs from the same seed typed in,
// an address meant for something else (the site's search) that changes a lesson.
import { deepStrictEqual, match, strictEqual } from "node:assert";
import { meantRunner, mistakesIn, readLink } from "../../../../engine/widgets/shared/link_state.ts";

Deno.test("a link is read part by part; missing parts are null", () => {
  deepStrictEqual(readLink("?seed=%20Ame%CC%81lie%20&corpus=a-b&preset=dead&hide=seed,%20log,"), {
    seed: "Am\u00e9lie",
    corpus: "a-b",
    preset: "dead",
    hide: ["seed", "log"],
  });
  deepStrictEqual(readLink("?seed=%E2%80%8Blady%C2%A0macbeth%E2%80%913").seed, "lady macbeth-3");
  const nothing = { seed: null, corpus: null, preset: null, hide: [] };
  for (const search of ["", "?h=loss", "?seed=&corpus=%20&preset&hide="]) deepStrictEqual(readLink(search), nothing);
});

Deno.test("if a link asks for something missing, the sentence lists what the page has", () => {
  const link = readLink("?corpus=hamlet&preset=deed&hide=seed,everything");
  deepStrictEqual(mistakesIn(link, ["shakespeare", "play-machine"], []), [
    "The link to this page asks for the text “hamlet”; this page has shakespeare, play-machine.",
    "The link to this page asks for the preset “deed”; this page has none.",
    "The link to this page asks for the hidden control “everything”; " +
    "this page has seed, reset, engine, log, compare, rate, careless, presets, mystery.",
  ]);
  const unseen = readLink("?seed=%20%E2%80%8B");
  strictEqual(unseen.seed, "");
  match(
    mistakesIn(unseen, ["a"], []).join(),
    /asks for a seed of only spaces or invisible characters/,
  );
  deepStrictEqual(mistakesIn(readLink("?corpus=a&preset=b&hide=log"), ["a"], ["b"]), []);
});

Deno.test("a link refers to the first runner with its text", () => {
  strictEqual(meantRunner(readLink("?corpus=b"), ["a", "b", "b"]), 1);
  strictEqual(meantRunner(readLink("?seed=x"), ["a", "b"]), 0);
  strictEqual(meantRunner(readLink("?corpus=c"), ["a", "b"]), 0);
});
