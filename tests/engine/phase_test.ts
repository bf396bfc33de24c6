// Catches: a border between two phases that is not where the lesson says, and a phase for a text without rungs.
import assert from "node:assert/strict";
import { phaseBorders, phaseIndex } from "../../engine/phase.ts";

/** Tiny Shakespeare's, to the hundredth. */
const RUNGS = { uniform: 4.17, unigram: 3.35, bigram: 2.49, trigram: 2.05, fourgram: 1.77, fivegram: 1.67 };

Deno.test("the borders on tiny Shakespeare are 3.35, 2.27 and 1.84", () => {
  assert.deepEqual(phaseBorders(RUNGS).map((border) => border.toFixed(2)), ["3.35", "2.27", "1.84"]);
});

Deno.test("the reference run's losses give the phases that the lesson tells of", () => {
  const curve = [4.19, 2.40, 2.18, 2.05, 1.96, 1.94, 1.83, 1.81, 1.77, 1.76, 1.74]; // every 200 iterations
  assert.deepEqual(curve.map((val) => phaseIndex(val, RUNGS, 65)), [0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
});

Deno.test("a loss on a border belongs to the phase above it", () => {
  assert.deepEqual([3.35, 3.349].map((val) => phaseIndex(val, RUNGS, 65)), [0, 1]);
});

Deno.test("on a small text longer n-grams predict worse: the borders still fall", () => {
  const odd = { uniform: 3, unigram: 3.2, bigram: 2, trigram: 2.6, fourgram: 2.9, fivegram: 3.1 };
  assert.deepEqual(phaseBorders(odd), [3, 2, 2]);
});

Deno.test("without rungs the phases go by fractions of ln V", () => {
  const V = 40, fractions = [1, 0.81, 0.79, 0.55, 0.53, 0.45, 0.43];
  assert.deepEqual(fractions.map((part) => phaseIndex(part * Math.log(V), null, V)), [0, 0, 1, 1, 2, 2, 3]);
});

Deno.test("before anything was measured the phase is the first", () => {
  assert.equal(phaseIndex(Infinity, RUNGS, 65), 0);
  assert.equal(phaseIndex(NaN, RUNGS, 65), 0);
});
