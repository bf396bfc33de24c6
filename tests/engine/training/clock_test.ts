// Catches: a measurement, a sample or a report that waits for a clock which ticks coarsely, goes back or stands still.
import assert from "node:assert/strict";
import { timedBlock } from "../../../engine/bench/bench_run.ts";
import { ClockStoppedError, nextTick, now } from "../../../engine/training/clock.ts";
import { RunRecord } from "../../../engine/session/history.ts";
import { failureText } from "../../../engine/wording_of_failures.ts";
import { Speech } from "../../../engine/session/speech.ts";
import { smallRun, smallTrainer } from "../small_runs.ts";

const exact = performance.now.bind(performance);

/** Puts another clock in the place of the exact one while `work` is done. */
async function by<Result>(clock: (ms: number) => number, work: () => Promise<Result>): Promise<Result> {
  performance.now = () => clock(exact());
  try {
    return await work();
  } finally {
    performance.now = exact;
  }
}

const ticking = (tick: number) => (ms: number) => Math.floor(ms / tick) * tick;

Deno.test("time never goes back, and what was lost by a step back is not made up", async () => {
  let set = 0;
  await by((ms) => Math.floor(ms / 16) * 16 + set, async () => {
    const begin = now();
    let before = begin;
    for (let i = 0; i < 12; i++) {
      set -= 5000;
      await new Promise((resolve) => setTimeout(resolve, 5));
      const at = now();
      assert.ok(at >= before, `${at} after ${before}`);
      before = at;
    }
    assert.ok(before - begin < 1000, `${before - begin} ms have passed`);
  });
});

Deno.test("a tick is waited for, and its length found", async () => {
  for (const tick of [16, 100]) {
    // A machine that is busy may sleep through a tick; not through each of ten.
    const steps: number[] = [];
    for (let tries = 0; tries < 10; tries++) {
      const { at, step } = await by(ticking(tick), nextTick);
      steps.push(step);
      if (Math.abs(step - tick) < 1e-6 && now() - at < tick) break;
    }
    assert.ok(Math.abs(steps.at(-1)! - tick) < 1e-6, `${steps} ms, where ${tick} are one tick`);
  }
});

Deno.test("a clock that stands still is told, in words that say what to do", async () => {
  await assert.rejects(by(() => 5, nextTick), ClockStoppedError);
  const { message, way_out } = failureText("no-clock", "");
  assert.match(`${message} ${way_out}`, /clock stands still.*Allow this page an exact clock/);
});

Deno.test("by a clock of 100 ms the CPU engine's speed is what it was", async () => {
  const trainer = await smallTrainer(smallRun({ iterations: 1_000_000, batch_size: 32 }));
  const first = trainer.iteration, begin = exact();
  const rate = await by(ticking(100), () => timedBlock(trainer, 0.05));
  const least = (trainer.iteration - first) / (exact() - begin) * 1000; // the wait for the first tick counted in
  assert.ok(rate >= 0.9 * least && rate < 3 * least, `${rate} it/s, at least ${least} by the exact clock`);
  trainer.dispose();
});

Deno.test("a sample is written to its end by a clock that stands still or goes back", async () => {
  const sample = { iteration: 0, val: 1, phase: "", prompt: "", text: "To be, or not" };
  for (const clock of [() => 5, (ms: number) => -ms]) {
    const speech = new Speech(sample);
    let told = 0;
    await by(clock, () => speech.write(10, () => told++));
    assert.ok(speech.shown === 13 && told > 1 && told < 14, `${speech.shown} characters in ${told} steps`);
  }
});

Deno.test("as long as the clock has not moved there is no rate, and then a true one", () => {
  const record = new RunRecord();
  for (let i = 0; i < 40; i++) {
    record.addReport({ first: 10 * i, losses: new Float32Array(10) }, i % 10 === 9 ? 1000 : 0); // a tick a second, ten reports in each
    assert.ok(record.rate === null || (record.rate > 0 && Number.isFinite(record.rate)), `${record.rate}`);
  }
  // Off by one tick in the four seconds that are averaged, at most.
  assert.ok(Math.abs(record.rate! - 100) < 35, `${record.rate}`);
});
