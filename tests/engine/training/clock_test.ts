// Catches: a measurement, sample or report that hangs or is wrong if the clock is coarse, goes back or stands still.
import assert from "node:assert/strict";
import { timedBlock } from "../../../engine/bench/bench_run.ts";
import { ClockStoppedError, nextTick, now } from "../../../engine/training/clock.ts";
import { RunRecord } from "../../../engine/session/history.ts";
import { failureText } from "../../../engine/wording_of_failures.ts";
import { Speech } from "../../../engine/session/speech.ts";
import { posingTrainer } from "../posing_card.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

const exact = performance.now.bind(performance);

/** Replaces performance.now() while `work` runs. */
async function by<Result>(clock: (ms: number) => number, work: () => Promise<Result>): Promise<Result> {
  performance.now = () => clock(exact());
  try {
    return await work();
  } finally {
    performance.now = exact;
  }
}

const ticking = (tick: number) => (ms: number) => Math.floor(ms / tick) * tick;

Deno.test("time never goes back, and a backward step of the clock is not made up for", async () => {
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

Deno.test("nextTick() waits for a tick and finds its length", async () => {
  for (const tick of [16, 100]) {
    // A busy machine may miss a tick, but not each of ten.
    const steps: number[] = [];
    for (let tries = 0; tries < 10; tries++) {
      const { at, step } = await by(ticking(tick), nextTick);
      steps.push(step);
      if (Math.abs(step - tick) < 1e-6 && now() - at < tick) break;
    }
    assert.ok(Math.abs(steps.at(-1)! - tick) < 1e-6, `${steps} ms, where ${tick} are one tick`);
  }
});

Deno.test("a stopped clock is reported, with words that say what to do", async () => {
  await assert.rejects(by(() => 5, nextTick), ClockStoppedError);
  const { message, way_out } = failureText("no-clock", "");
  assert.match(`${message} ${way_out}`, /clock stands still.*Allow this page an exact clock/);
});

Deno.test("a clock that ticks every 100 ms measures the same speed of the CPU engine", async () => {
  const trainer = await smallTrainer(smallRun({ iterations: 1_000_000, batch_size: 32 }));
  const first = trainer.iteration, begin = exact();
  const rate = await by(ticking(100), () => timedBlock(trainer, 0.05));
  const least = (trainer.iteration - first) / (exact() - begin) * 1000; // includes the wait for the first tick
  assert.ok(rate >= 0.9 * least && rate < 3 * least, `${rate} it/s, at least ${least} by the exact clock`);
  trainer.dispose();
});

Deno.test("a sample is written to its end even if the clock stands still or goes back", async () => {
  const sample = { iteration: 0, val: 1, phase: "", prompt: "", text: "To be, or not" };
  for (const clock of [() => 5, (ms: number) => -ms]) {
    const speech = new Speech(sample);
    let steps = 0;
    await by(clock, () => speech.write(10, () => steps++));
    assert.ok(speech.shown === 13 && steps > 1 && steps < 14, `${speech.shown} characters in ${steps} steps`);
  }
});

Deno.test("a card is awake in time even if the clock stands still or goes back", async () => {
  for (const clock of [() => 5, (ms: number) => -ms]) {
    const counts = { passes: 0 }, trainer = await posingTrainer(smallRun(), smallText(4000), counts);
    const begin = exact();
    await by(clock, () => trainer.wake(300, { requested: false }));
    const took = exact() - begin;
    assert.ok(counts.passes > 0 && took >= 299 && took < 10_000, `${counts.passes} passes in ${took} ms`);
    trainer.dispose();
  }
});

Deno.test("there is no rate until the clock has moved, and then it is right", () => {
  const record = new RunRecord();
  for (let i = 0; i < 40; i++) {
    const ms = i % 10 === 9 ? 1000 : 0; // one tick per second, ten reports per tick
    record.addReport({ first: 10 * i, losses: new Float32Array(10) }, ms);
    assert.ok(record.rate === null || (record.rate > 0 && Number.isFinite(record.rate)), `${record.rate}`);
  }
  // At most one tick off in the four seconds of the average.
  assert.ok(Math.abs(record.rate! - 100) < 35, `${record.rate}`);
});
