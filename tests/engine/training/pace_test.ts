// Catches: counted time during which nothing was trained, because the page was frozen, put aside or asleep; an estimate
// that recovers slowly from such a pause; and a slow machine whose real time is not counted.
import assert from "node:assert/strict";
import { timedBlock } from "../../../engine/bench/bench_run.ts";
import { RunRecord } from "../../../engine/session/history.ts";
import type { IterationReport } from "../../../engine/training/iteration_report.ts";
import { Pace } from "../../../engine/training/pace.ts";
import type { Sample } from "../../../engine/session/session.ts";
import { Speech } from "../../../engine/session/speech.ts";
import type { Trainer } from "../../../engine/training/trainer.ts";

/** Adds `count` reports of `each` iterations that took `ms`. */
function train(record: RunRecord, count: number, each: number, ms: number): void {
  for (let i = 0; i < count; i++) {
    record.addReport({ first: record.history.iteration.length, losses: new Float32Array(each) }, ms);
  }
}

// Iterations and milliseconds of a report: the CPU engine on a slow and on an average machine, a graphics card.
for (const [each, ms] of [[1, 600], [1, 180], [60, 100]]) {
  Deno.test(`twenty seconds or eight hours without training do not count: ${each} in ${ms} ms`, () => {
    for (const away_ms of [20_000, 8 * 3600 * 1000]) {
      const record = new RunRecord();
      train(record, 12, each, ms);
      const { elapsed_ms, rate } = record;
      train(record, 1, each, ms + away_ms);
      assert.ok(Math.abs(record.elapsed_ms - elapsed_ms - ms) < 1);
      assert.ok(Math.abs(record.rate! - rate!) < 1e-6, "the speed is what it was, at once");
      train(record, 3, each, ms);
      assert.ok(Math.abs(record.elapsed_ms - elapsed_ms - 4 * ms) < 1);
    }
  });
}

Deno.test("a pause is detected from the second report on, even two of them with one report between", () => {
  const record = new RunRecord();
  train(record, 1, 1, 200);
  train(record, 1, 1, 30_000);
  train(record, 1, 1, 200);
  train(record, 1, 1, 30_000);
  train(record, 1, 1, 200);
  assert.equal(record.elapsed_ms, 1000);
});

Deno.test("a machine that becomes slower is believed: at once if three times, soon if twenty times as slow", () => {
  const record = new RunRecord();
  train(record, 20, 1, 100);
  train(record, 10, 1, 300);
  assert.equal(record.elapsed_ms, 5000, "two programs on one machine");
  train(record, 40, 1, 4000);
  assert.ok(Math.abs(record.rate! - 0.25) < 1e-9, `${record.rate}`);
  assert.ok(record.elapsed_ms > 5000 + 30 * 4000);
  const slow = new RunRecord();
  train(slow, 5, 1, 9000);
  assert.equal(slow.elapsed_ms, 45_000, "no time is too long by itself");
});

Deno.test("the first report after a freeze is not timed, even if there is nothing to compare it with", () => {
  const record = new RunRecord();
  record.doubtClock();
  record.addVal(0, 4, 40_000);
  train(record, 1, 1, 40_000);
  assert.deepEqual([record.elapsed_ms, record.measuring_ms, record.rate], [0, 0, null]);
  train(record, 3, 1, 200);
  record.addVal(4, 3.9, 300);
  assert.deepEqual([record.elapsed_ms, record.measuring_ms, record.rate], [600, 300, 5]);
  record.doubtClock();
  train(record, 1, 1, 900);
  assert.equal(record.elapsed_ms, 800, "a pause too short to be recognised by its length");
});

Deno.test("an interrupted measurement, even the first, does not make the rest of the run look longer", () => {
  for (const times of [[300, 320, 25_000, 310], [25_000, 300, 320, 310]]) {
    const record = new RunRecord();
    times.forEach((ms, i) => record.addVal(i, 4, ms));
    assert.ok(record.observing_ms < 330 && record.measuring_ms < 1300, `${record.measuring_ms}`);
  }
});

Deno.test("the usual time is per unit of work", () => {
  const pace = new Pace();
  assert.deepEqual([pace.usual_ms, pace.counted(100, 10), pace.usual_ms], [null, 100, 10]);
  assert.equal(pace.counted(4000, 100), 4000);
  assert.equal(pace.counted(40_000, 100), 1000);
});

/** Runs `work` with the test's own clock, which moves a little at each reading. */
async function byClock<T>(work: (pass: (ms: number) => void) => Promise<T>): Promise<T> {
  const { now } = performance;
  let time = 0;
  performance.now = () => time += 1e-6;
  try {
    return await work((ms) => time += ms);
  } finally {
    performance.now = now;
  }
}

Deno.test("a speed measurement ignores a pause", async () => {
  const rate = await byClock((pass) => {
    const trainer = {
      iteration: 0,
      // deno-lint-ignore require-await -- the signature is Trainer's
      async train(_until: number, on_report: (report: IterationReport) => void, stop: { requested: boolean }) {
        while (!stop.requested) {
          pass(this.iteration === 3 ? 20_000 : 100);
          on_report({ first: this.iteration++, losses: new Float32Array(1) });
        }
      },
    };
    return timedBlock(trainer as unknown as Trainer, 0.7);
  });
  assert.ok(Math.abs(rate - 10) < 1e-3, `${rate}`);
});

Deno.test("a sample that was frozen while it appeared continues where it was", async () => {
  const sample: Sample = { iteration: 0, val: 4, phase: "", prompt: "", text: "x".repeat(80) };
  await byClock(async (pass) => {
    const speech = new Speech(sample), shown: number[] = [];
    let ticks = 0;
    await speech.write(50, () => {
      shown.push(speech.shown);
      pass(++ticks === 3 ? 60_000 : 50);
      if (ticks === 6) speech.cut();
    });
    assert.deepEqual(shown.map((count) => count < 20), [true, true, true, true, true, true], `${shown}`);
  });
});
