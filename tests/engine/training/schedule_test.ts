// Catches: a warm-up or cosine off by one iteration, a bias correction with the wrong power, a table in another order.
import assert from "node:assert/strict";
import { defaultRun, type TrainingConfig } from "../../../engine/training/config.ts";
import { learningRate, SCHEDULE_COLUMNS, scheduleTable } from "../../../engine/training/schedule.ts";

const training = defaultRun(65).training;

/** The schedule's definition, with Math.cos. */
function reference({ learning_rate, warmup_iterations, iterations }: TrainingConfig, it: number): number {
  if (it < warmup_iterations) return learning_rate * (it + 1) / warmup_iterations;
  const progress = (it - warmup_iterations) / (iterations - warmup_iterations);
  return learning_rate * (0.1 + 0.9 * (1 + Math.cos(Math.PI * progress)) / 2);
}

Deno.test("the rate climbs for a hundred iterations and then follows half a cosine to a tenth", () => {
  for (let it = 0; it < 2000; it++) {
    const wanted = reference(training, it);
    assert.ok(Math.abs(learningRate(training, it) - wanted) < 1e-12 * wanted, `iteration ${it}`);
  }
  assert.equal(learningRate(training, 0), 3e-3 / 100);
  assert.equal(learningRate(training, 99), 3e-3);
  assert.equal(learningRate(training, 100), 3e-3);
  assert.ok(Math.abs(learningRate(training, 2000) - 3e-4) < 1e-18);
});

Deno.test("a schedule without warm-up, and one that is only warm-up", () => {
  assert.equal(learningRate({ ...training, warmup_iterations: 0 }, 0), 3e-3);
  const all = { ...training, iterations: 50, warmup_iterations: 50 };
  assert.equal(learningRate(all, 49), 3e-3);
  assert.ok(Number.isFinite(learningRate(all, 50)));
});

Deno.test("during warm-up, a shorter run has the same schedule", () => {
  const columns = 100 * SCHEDULE_COLUMNS;
  const short = scheduleTable({ ...training, iterations: 150 });
  assert.deepEqual(short.subarray(0, columns), scheduleTable(training).subarray(0, columns));
});

Deno.test("the table contains the rate and bias corrections of update t = iteration + 1, in f32", () => {
  const table = scheduleTable(training);
  assert.equal(table.length, 2000 * SCHEDULE_COLUMNS);
  for (const it of [0, 1, 10, 500, 1999]) {
    const [lr, correct1, correct2, spare] = table.subarray(it * SCHEDULE_COLUMNS);
    assert.equal(lr, Math.fround(learningRate(training, it)));
    const near = (x: number, wanted: number) => assert.ok(Math.abs(x / wanted - 1) < 2e-7, `${x}, expected ${wanted}`);
    near(correct1, 1 / (1 - 0.9 ** (it + 1)));
    near(correct2, 1 / (1 - 0.99 ** (it + 1)));
    assert.equal(spare, 0);
  }
});
