// Catches: columns of different lengths, a speed that includes warm-up or rests, a best loss that rises.
import assert from "node:assert/strict";
import { RunRecord } from "../../../engine/session/history.ts";

Deno.test("a train loss belongs to the iteration of its batch, a val loss to that of its weights", () => {
  const record = new RunRecord();
  record.addVal(0, 4, 100);
  record.addReport({ first: 0, losses: Float32Array.of(5, 4.5) }, 30);
  record.addReport({ first: 2, losses: Float32Array.of(4.25) }, 10);
  record.addVal(3, 3, 300);
  assert.deepEqual(record.history, {
    iteration: [0, 1, 2, 3],
    train: [5, 4.5, 4.25, null],
    val: [4, null, null, 3],
  });
  assert.equal(record.last_train, 4.25);
  assert.equal(record.elapsed_ms, 40);
  assert.equal(record.observing_ms, 200);
});

Deno.test("the best loss never rises; without validation text there is none", () => {
  const record = new RunRecord();
  assert.deepEqual([record.last_val, record.best_val, record.rate], [null, null, null]);
  for (const [i, val] of [4, 3, 3.5].entries()) record.addVal(i, val, 1);
  assert.deepEqual([record.last_val, record.best_val], [3.5, 3]);
  const without = new RunRecord();
  without.addVal(0, null, 1);
  assert.deepEqual([without.last_val, without.best_val, without.history.val], [null, null, [null]]);
});

Deno.test("the speed ignores the first report and follows the last seconds", () => {
  const record = new RunRecord();
  record.addReport({ first: 0, losses: new Float32Array(1) }, 5000); // the engine warms up
  assert.equal(record.rate, null);
  record.addReport({ first: 1, losses: new Float32Array(10) }, 1000);
  assert.equal(record.rate, 10);
  for (let i = 0; i < 100; i++) record.addReport({ first: 11 + 2 * i, losses: new Float32Array(2) }, 100);
  assert.ok(Math.abs(record.rate! - 20) < 1e-9, `${record.rate}`);
  assert.equal(record.elapsed_ms, 16_000);
});

Deno.test("a report longer than the averaging window counts alone", () => {
  const record = new RunRecord();
  record.addReport({ first: 0, losses: new Float32Array(1) }, 9000);
  record.addReport({ first: 1, losses: new Float32Array(1) }, 8000);
  record.addReport({ first: 2, losses: new Float32Array(1) }, 10_000);
  assert.equal(record.rate, 0.1);
});
