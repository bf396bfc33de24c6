// Catches: a chart that loses a spike or a val point when it thins a long run, labels that overlap or leave the
// picture, wrong lines, and a pointer that reads the wrong row.
import assert from "node:assert/strict";
import type { Columns } from "../../../../engine/session/history.ts";
import {
  fitting,
  lastVal,
  levelsOf,
  logTicks,
  lossRange,
  nearestRow,
  spread,
  standing,
  thin,
} from "../../../../engine/widgets/shared/curve.ts";
import cases from "./thinning_cases.json" with { type: "json" };

function run(rows: number, every: number): Columns {
  const iteration = Array.from({ length: rows }, (_, i) => i);
  return {
    iteration,
    train: iteration.map((i) => 2 + ((i * 7919) % 101) / 100),
    val: iteration.map((i) => i % every === 0 ? 2 : null),
  };
}

Deno.test("a short run is not thinned", () => {
  const columns = run(300, 50);
  assert.deepEqual(thin(columns, 4000), columns);
});

Deno.test("a long run keeps its extremes, its val points and its order", () => {
  const columns = run(50_000, 200);
  columns.train[31_415] = 9;
  columns.train[27_182] = 0.1;
  const drawn = thin(columns, 1000);
  assert.ok(drawn.iteration.length <= 1000 + 250 + 2, `${drawn.iteration.length} rows`);
  assert.equal(drawn.train[drawn.iteration.indexOf(31_415)], 9);
  assert.equal(drawn.train[drawn.iteration.indexOf(27_182)], 0.1);
  assert.equal(drawn.val.filter((value) => value !== null).length, 250);
  assert.ok(drawn.iteration.every((at, row) => row === 0 || at > drawn.iteration[row - 1]));
});

Deno.test("infinite and NaN losses become gaps in the drawing", () => {
  const drawn = thin({ iteration: [0, 1, 2], train: [4, NaN, Infinity], val: [4, null, -Infinity] }, 100);
  assert.deepEqual(drawn, { iteration: [0, 1, 2], train: [4, null, null], val: [4, null, null] });
});

Deno.test("a live run is thinned as a recorded one is", () => {
  for (const { what, stretches, train, val, kept } of cases) {
    const iteration = train.map((_, row) => row);
    assert.deepEqual(thin({ iteration, train, val }, 2 * stretches).iteration, kept, what);
  }
});

const rungs = { uniform: 4.174, unigram: 3.35, bigram: 2.49, trigram: 2.05, fourgram: 1.77, fivegram: 1.67 };

Deno.test("the lines of a corpus run from ln V to the floor, with their usual names", () => {
  const levels = levelsOf(65, rungs, 1.2);
  assert.deepEqual(levels.map(({ name }) => name), [
    "ln 65",
    "unigram",
    "bigram",
    "trigram",
    "4-gram",
    "5-gram",
    "floor",
  ]);
  assert.ok(Math.abs(levels[0].nats - 4.174387) < 1e-6);
  assert.deepEqual(levels.filter(({ kind }) => kind === "floor").map(({ nats }) => nats), [1.2]);
});

Deno.test("a text too short for rungs still has ln V", () => {
  assert.deepEqual(levelsOf(7, null, null).map(({ name, kind }) => [name, kind]), [["ln 7", "rung"]]);
});

Deno.test("the loss axis includes every line and every finite loss", () => {
  const levels = levelsOf(65, rungs, null);
  const still = lossRange({ iteration: [], train: [], val: [] }, levels);
  assert.deepEqual(lossRange({ iteration: [0], train: [3], val: [3] }, levels), still);
  const [low, high] = lossRange({ iteration: [0, 1], train: [0.2, 2000], val: [NaN, null] }, levels);
  assert.ok(low < 0.2 && high > 2000 && Number.isFinite(low) && Number.isFinite(high));
});

Deno.test("labels are moved apart, no farther than needed, and stay in the picture", () => {
  assert.deepEqual(spread([10, 50, 90], 14, 0, 100), [10, 50, 90]);
  assert.deepEqual(spread([10, 12, 60], 14, 0, 100), [10, 24, 60]);
  assert.deepEqual(spread([50, 95, 99], 14, 0, 100), [50, 86, 100]);
  assert.deepEqual(spread([-5, 300], 14, 0, 100), [0, 100]);
});

Deno.test("labels that do not fit share the space evenly", () => {
  assert.deepEqual(spread([0, 0, 0, 0, 0], 14, 0, 40), [0, 10, 20, 30, 40]);
  assert.deepEqual(spread([], 14, 0, 40), []);
});

Deno.test("the pointer reads the nearest row, and the last val at or before it", () => {
  const columns = { iteration: [0, 2, 4, 10], train: [4, 3, 2, 1], val: [4, null, 3, null] };
  assert.deepEqual([-3, 0, 1, 3.5, 6, 8, 99].map((at) => nearestRow(columns, at)), [0, 0, 0, 2, 2, 3, 3]);
  assert.equal(nearestRow({ iteration: [], train: [], val: [] }, 5), null);
  assert.deepEqual([0, 1, 2, 3].map((row) => lastVal(columns, row)), [0, 0, 2, 2]);
  assert.equal(lastVal({ iteration: [0], train: [4], val: [null] }, 0), null);
});

Deno.test("the words say between which rungs the model is, and never that it beats an entropy", () => {
  const levels = levelsOf(65, rungs, 1.2), words = (nats: number | null) => standing(nats, levels);
  assert.deepEqual([null, NaN, 4.2, 4, 2.2, 1.7, 1.3, 1.19].map(words), [
    "",
    "",
    "0.03 above ln 65: worse than guessing evenly",
    "below ln 65, 0.65 above the unigram rung",
    "below the bigram rung, 0.15 above the trigram rung",
    "below the 4-gram rung, 0.03 above the 5-gram rung",
    "below every rung, 0.10 above the exact floor",
    "0.01 below the floor of the whole validation text, of which these windows are a part",
  ]);
  assert.equal(standing(1.6, levelsOf(65, rungs, null)), "below every rung, 0.07 under the 5-gram rung");
  assert.equal(standing(3, levelsOf(65, null, null)), "below every rung, 1.17 under ln 65");
  // On a small text a longer n-gram may predict worse than a shorter one.
  const small = levelsOf(65, { ...rungs, fivegram: 1.9 }, null);
  assert.equal(standing(1.8, small), "below the 5-gram rung, 0.03 above the 4-gram rung");
});

Deno.test("a logarithmic axis has labels from 0 to its end", () => {
  assert.deepEqual(logTicks(2000), [0, 1, 3, 10, 30, 100, 300, 1000]);
  assert.deepEqual(logTicks(2), [0, 1]);
});

Deno.test("labels without room are left out, crowded rungs first, the uniform guess and the floor last", () => {
  const wanted = [0, 40, 60, 66, 71, 73], keep = [false, false, false, false, false, true];
  assert.deepEqual(fitting(wanted, keep, 6), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(fitting(wanted, keep, 5), [0, 1, 2, 3, 5]);
  assert.deepEqual(fitting(wanted, keep, 3), [0, 1, 5]);
  assert.deepEqual(fitting(wanted, keep, 2), [0, 5]);
  assert.equal(fitting(wanted, keep, 1).length, 1);
  assert.equal(fitting(wanted, keep, 0).length, 1, "a chart without height still has one label");
  assert.deepEqual(fitting([], [], 0), []);
});
