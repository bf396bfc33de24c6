// Catches: a long run that fills the page's memory with what it observed, or that forgets its first or last milestone;
// readings of a run that was replaced.
import assert from "node:assert/strict";
import { fitting, Observed } from "../../../engine/session/observed.ts";
import type { Observation, SampleReading } from "../../../engine/training/observation.ts";

const CHARACTERS = 80, CANDIDATES = 5, L = 4, NH = 4;

/** As large as one of the lesson's model. */
function reading(iteration: number): SampleReading {
  const count = CHARACTERS * CANDIDATES;
  return {
    candidates: CANDIDATES,
    likeliest: new Uint8Array(count),
    probabilities: new Float32Array(count),
    surprise: new Float32Array(CHARACTERS).fill(iteration),
    tempered: new Float32Array(CHARACTERS),
    early_likeliest: new Uint8Array(count * L),
    early_probabilities: new Float32Array(count * L),
  };
}

function observation(iteration: number, characters = 64): Observation {
  const attention = new Uint8Array(L * NH * characters ** 2), scores = Array(L * NH).fill(0);
  const line = { surprise: [], attention, stream_rms: [], previous: scores, prefix: scores };
  return { iteration, norms: null, line, writings: null };
}

function ran(observed: Observed, iterations: number[], characters?: number): void {
  for (const iteration of iterations) {
    const sample = { iteration, val: 2, phase: "", prompt: "", text: "" };
    observed.take({ sample, reading: reading(iteration), observation: observation(iteration, characters) });
  }
}

/** Bytes of all numbers that it holds; a number in a list takes eight. */
function bytes(observed: Observed, iterations: number[]): number {
  const sizeOf = (value: unknown): number =>
    ArrayBuffer.isView(value)
      ? value.byteLength
      : typeof value === "object" && value !== null
      ? Object.values(value).reduce((sum: number, one) => sum + sizeOf(one), 0)
      : 8;
  return sizeOf(observed.observations) + sizeOf(iterations.map((iteration) => observed.reading(iteration)));
}

const every = (step: number, count: number) => Array.from({ length: count }, (_, i) => i * step);
const withMaps = (observations: readonly Observation[]) =>
  observations.filter(({ line }) => line!.attention.length > 0).map(({ iteration }) => iteration);

Deno.test("a run of the lesson takes less than 8 MB, one of a hundred samples less than 16", () => {
  for (const [count, most] of [[14, 8e6], [100, 16e6]]) {
    for (const characters of [40, 64, 256]) {
      const observed = new Observed(), iterations = every(200, count);
      ran(observed, iterations, characters);
      assert.ok(bytes(observed, iterations) < most, `${bytes(observed, iterations)} bytes of ${count} samples`);
      assert.equal(observed.observations.length, count);
      assert.ok(iterations.every((iteration) => observed.reading(iteration)!.surprise[0] === iteration));
    }
  }
});

Deno.test("the newest twenty samples keep the residual stream read early", () => {
  const observed = new Observed(), iterations = every(200, 30);
  ran(observed, iterations);
  const early = iterations.filter((iteration) => observed.reading(iteration)!.early_likeliest.length > 0);
  assert.deepEqual(early, iterations.slice(-20));
});

Deno.test("where attention does not fit, the first, the last and evenly spaced ones stay", () => {
  const some = every(100, 9).map((iteration) => observation(iteration)), size = L * NH * 64 ** 2;
  assert.deepEqual(withMaps(fitting(some, 9 * size)), every(100, 9));
  const fewer = fitting(some, 5 * size);
  assert.deepEqual([withMaps(fewer)[0], withMaps(fewer).at(-1), withMaps(fewer).length], [0, 800, 5]);
  assert.equal(fewer.length, 9);
  assert.deepEqual(withMaps(fitting(some, size)), [0, 800]);
  assert.deepEqual(withMaps(some), every(100, 9), "what was given stays as it is");
});

Deno.test("what is cut is gone, and what follows takes its place", () => {
  const observed = new Observed();
  ran(observed, [0, 10, 20, 30]);
  observed.cut(20);
  assert.deepEqual([observed.reading(20), observed.reading(30)], [null, null]);
  assert.deepEqual(observed.observations.map(({ iteration }) => iteration), [0, 10]);
  ran(observed, [20]);
  assert.deepEqual(observed.observations.map(({ iteration }) => iteration), [0, 10, 20]);
});
