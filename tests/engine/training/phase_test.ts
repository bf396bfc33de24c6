// Catches: a border between two phases that is not where the lesson says, and a wrong phase for a text without rungs.
import assert from "node:assert/strict";
import { phaseBorders, phaseIndex, trainingRungs } from "../../../engine/training/phase.ts";

/** Tiny Shakespeare's, to the hundredth. */
const RUNGS = { uniform: 4.17, unigram: 3.35, bigram: 2.49, trigram: 2.05, fourgram: 1.77, fivegram: 1.67 };

Deno.test("the borders on tiny Shakespeare are 3.35, 2.27 and 1.84", () => {
  assert.deepEqual(phaseBorders(RUNGS).map((border) => border.toFixed(2)), ["3.35", "2.27", "1.84"]);
});

Deno.test("the reference run's losses give the phases that the lesson describes", () => {
  const curve = [4.19, 2.40, 2.18, 2.05, 1.96, 1.94, 1.83, 1.81, 1.77, 1.76, 1.74]; // every 200 iterations
  assert.deepEqual(curve.map((val) => phaseIndex(val, RUNGS, 65)), [0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
});

Deno.test("a loss on a border belongs to the phase above it", () => {
  assert.deepEqual([3.35, 3.349].map((val) => phaseIndex(val, RUNGS, 65)), [0, 1]);
});

Deno.test("if longer n-grams do not predict better, a loss below them is not enough for the later phases", () => {
  const small = { uniform: 3, unigram: 3.2, bigram: 2, trigram: 2.6, fourgram: 2.9, fivegram: 3.1 };
  assert.deepEqual(phaseBorders(small).map((border) => border.toFixed(2)), ["3.00", "1.65", "1.35"]);
  // A German text of 3,000 characters: its val loss reaches 1.99 and then rises, and the model never acquires a style.
  const german = { uniform: 3.87, unigram: 2.98, bigram: 2.44, trigram: 2.31, fourgram: 2.33, fivegram: 2.36 };
  const curve = [3.9, 2.7, 2.4, 2.15, 1.99, 2.3, 3.4], best = curve.map((_, i) => Math.min(...curve.slice(0, i + 1)));
  assert.deepEqual(best.map((loss) => phaseIndex(loss, german, 48)), [0, 1, 1, 1, 2, 2, 2]);
});

Deno.test("without rungs the phases depend on fractions of ln V", () => {
  const V = 40, shares = [1, 0.81, 0.79, 0.56, 0.54, 0.46, 0.44];
  assert.deepEqual(shares.map((part) => phaseIndex(part * Math.log(V), null, V)), [0, 0, 1, 1, 2, 2, 3]);
});

Deno.test("without validation text, rungs counted on the training text keep noise from counting as style", () => {
  const verse = "Two boats lie in the harbour, and a cat sits on the wall between them. The old man mends a net; " +
    "his daughter counts the gulls. When the wind turns, one boat goes out.";
  const points = [...new Set(verse)].sort(), tokens = Uint8Array.from(verse, (letter) => points.indexOf(letter));
  const rungs = trainingRungs(tokens, points.length), ln_v = Math.log(points.length);
  assert.ok(rungs.unigram < rungs.uniform && rungs.bigram < 0.6 * rungs.unigram && rungs.fivegram < 0.1 * ln_v);
  // 0.4 ln V is still noise with the right letters; a memorised text costs next to nothing.
  assert.deepEqual([0.95, 0.6, 0.4, 0.01].map((part) => phaseIndex(part * ln_v, rungs, points.length)), [0, 1, 1, 3]);
  const two = trainingRungs(Uint8Array.from({ length: 90 }, (_, i) => i % 2), 2);
  assert.deepEqual([0.7, 0.6, 0.01].map((loss) => phaseIndex(loss, two, 2)), [0, 1, 3]);
});

Deno.test("before the first measurement the phase is the first", () => {
  assert.equal(phaseIndex(Infinity, RUNGS, 65), 0);
  assert.equal(phaseIndex(NaN, RUNGS, 65), 0);
});
