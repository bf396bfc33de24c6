// Catches: a sample that is missing, repeated or of the wrong length.
import assert from "node:assert/strict";
import { defaultRun } from "../../../engine/training/config.ts";
import { milestones } from "../../../engine/training/milestones.ts";

function of(iterations: number, early: number[] = [25, 50, 100]): [number, number][] {
  const run = defaultRun(65);
  run.training.iterations = iterations;
  run.sampling.early = early;
  return milestones(run).map(({ iteration, characters }) => [iteration, characters]);
}

Deno.test("the lesson's run has milestones at 0, the early iterations, every 200 and its end", () => {
  const regular = Array.from({ length: 10 }, (_, i) => [200 * (i + 1), 80]);
  assert.deepEqual(of(2000), [[0, 80], [25, 40], [50, 40], [100, 40], ...regular]);
});

Deno.test("a run that ends between milestones has a full sample at its end, and none after it", () => {
  assert.deepEqual(of(60), [[0, 80], [25, 40], [50, 40], [60, 80]]);
  assert.deepEqual(of(50), [[0, 80], [25, 40], [50, 80]]);
  assert.deepEqual(of(450, []), [[0, 80], [200, 80], [400, 80], [450, 80]]);
  assert.deepEqual(of(1), [[0, 80], [1, 80]]);
});

Deno.test("norms alone are observed between milestones, where they are wanted", () => {
  const run = defaultRun(65),
    observe = { lines: null, norms: true, writings: false, early_norms: [1, 25, 40, 60, 99, 0] };
  run.training.iterations = 60;
  run.sampling.early = [25];
  const found = milestones(run, observe).map((
    { iteration, characters, only_norms },
  ) => [iteration, characters, only_norms]);
  const both = [[0, 80, undefined], [1, 0, true], [25, 40, undefined], [40, 0, true], [60, 80, undefined]];
  assert.deepEqual(found, both);
  assert.deepEqual(milestones(run, { ...observe, early_norms: undefined }), milestones(run));
});

Deno.test("early samples may be given in any order; only those between 0 and the first regular one count", () => {
  assert.deepEqual(of(400, [300, 50, 0, 200, 25]), [[0, 80], [25, 40], [50, 40], [200, 80], [400, 80]]);
});
