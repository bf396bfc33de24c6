// Catches: a copy counted as a first writing or the other way round, a character that counts although its line begins
// before the window, a loss credited to the neighbouring character.
import assert from "node:assert/strict";
import { readCorpus } from "../../../engine/training/corpus.ts";
import { writingRoles, writingsNll } from "../../../engine/training/writings.ts";

const corpus = readCorpus("abcd abcd abcd\nbadca badca badca\n", 0.9);
const tokens = (text: string) => Uint8Array.from(text, (letter) => corpus.characters.indexOf(letter));
/** A letter for each role: unknown, first, copy. */
const roles = (text: string) => writingRoles(tokens(text), corpus.characters).map((role) => role[0]).join("");

Deno.test("a window that begins with a line break knows the role of each character", () => {
  assert.equal(roles("\nabcd abcd abcd\nba"), "fffffccccccccccff");
});

Deno.test("before the first line break of a window, roles are unknown", () => {
  assert.equal(roles("cd abcd\nbadca badca"), "uuuuuuu" + "ffffff" + "ccccc");
  assert.equal(roles("abcd abcd abcd abcd"), "u".repeat(18));
});

Deno.test("the space after the first writing belongs to it, the line break to the last copy", () => {
  const text = "\nabcd abcd\n", found = roles(text);
  assert.deepEqual([text.indexOf(" "), text.lastIndexOf("\n")].map((at) => found[at - 1]), ["f", "c"]);
});

Deno.test("the means are those of the characters that follow each start", () => {
  // Each character's loss is its place in the text.
  const T = 8, starts = Uint32Array.of(10, 17), nll = new Float32Array(starts.length * T);
  starts.forEach((start, window) => {
    for (let i = 0; i < T; i++) nll[window * T + i] = start + 1 + i;
  });
  // The window from 10 on has “bcd”, the line break at 14 and “badc” in 15 to 18; that from 17 on has no line break.
  assert.deepEqual(writingsNll(nll, starts, corpus.tokens, corpus.characters), null);
  const longer = Float32Array.from({ length: 20 }, (_, i) => 11 + i); // up to place 30
  const means = writingsNll(longer, Uint32Array.of(10), corpus.tokens, corpus.characters);
  // Places 15 to 20 are “badca ”, 21 to 30 “badca bad”.
  assert.deepEqual(means, { first: 17.5, copies: 25.5 });
  assert.equal(corpus.tokens.length, 33);
});
