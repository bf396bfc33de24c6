// Catches: a step between engine and page that drops a column it does not know, or assigns numbers to wrong iterations.
import assert from "node:assert/strict";
import type { Backend, BackendOptions, StopSignal } from "../../../engine/training/backend.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { RunRecord } from "../../../engine/session/history.ts";
import { buffersOf, type IterationReport, joined, partOf } from "../../../engine/training/iteration_report.ts";
import { readCorpus } from "../../../engine/training/corpus.ts";
import { Trainer } from "../../../engine/training/trainer.ts";
import { createSurvivingBackend } from "../../../engine/webgpu/surviving_backend.ts";
import { WebGpuError } from "../../../engine/webgpu/webgpu_error.ts";
import { smallRun, smallText } from "../small_runs.ts";

/** A report with one more column, as an engine would give it after the recipe "Add a readout". */
type WithTens = IterationReport & { tens?: Float32Array<ArrayBuffer> };

const withTens = (first: number, count: number): WithTens => ({
  first,
  losses: Float32Array.from({ length: count }, (_, i) => first + i),
  tens: Float32Array.from({ length: count }, (_, i) => 10 * (first + i)),
});

Deno.test("a part keeps every column beside its losses", () => {
  assert.deepEqual(partOf(withTens(4, 5), 2), withTens(6, 3));
  assert.deepEqual(partOf(withTens(4, 5), 0, 2), withTens(4, 2));
});

Deno.test("stretches are joined column by column, with NaN where a stretch lacks a column", () => {
  const without: WithTens = { first: 3, losses: Float32Array.of(3, 4) };
  assert.deepEqual(joined([withTens(0, 3)]), withTens(0, 3));
  const { tens, ...rest } = joined([withTens(0, 3), without, withTens(5, 1)]) as WithTens;
  assert.deepEqual(rest, { first: 0, losses: Float32Array.of(0, 1, 2, 3, 4, 5) });
  assert.deepEqual(tens, Float32Array.of(0, 10, 20, NaN, NaN, 50));
  const late = joined([without, withTens(5, 1)]) as WithTens;
  assert.deepEqual([late.first, late.tens], [3, Float32Array.of(NaN, NaN, 50)]);
});

Deno.test("a message transfers every column, and none shares memory with an engine's", () => {
  const given = withTens(0, 3), report = joined([partOf(given, 1)]);
  assert.equal(buffersOf(report).length, 2);
  const received = structuredClone(report, { transfer: buffersOf(report) });
  assert.deepEqual(received, withTens(1, 2));
  assert.equal(given.losses.length, 3);
});

/** The CPU engine in the role of a graphics card that is lost once; its reports have one more column. */
async function card(options: BackendOptions, lost: { at: number }): Promise<Backend> {
  const cpu = await createCpuBackend(options, []);
  return {
    kind: "webgpu",
    module: null,
    description: "stand-in",
    get iteration() {
      return cpu.iteration;
    },
    async train(until: number, on_report: (report: IterationReport) => void, stop: StopSignal) {
      await cpu.train(Math.min(until, lost.at), (report) => {
        on_report({ ...report, tens: report.losses.map((_, i) => 10 * (report.first + i)) } as WithTens);
      }, stop);
      if (cpu.iteration < lost.at) return;
      lost.at = Infinity;
      throw new WebGpuError("lost", "as drivers are");
    },
    gradients: (starts) => cpu.gradients(starts),
    evaluate: (starts) => cpu.evaluate(starts),
    generate: (prompt, noise) => cpu.generate(prompt, noise),
    expectations: () => cpu.expectations(),
    observe: (tokens, heads_off) => cpu.observe(tokens, heads_off),
    norms: () => cpu.norms(),
    save: () => cpu.save(),
    load: (state, key) => cpu.load(state, key),
    dispose: () => cpu.dispose(),
  };
}

Deno.test("trainer, surviving engine and record pass on an unknown column", async () => {
  const run = smallRun({ iterations: 12 }), corpus = readCorpus(smallText(4000), run.evaluation.train_fraction);
  const once = { at: 7 }, notices: string[] = [];
  const trainer = await Trainer.create(run, corpus, null, (options) =>
    createSurvivingBackend(options, {
      makeGpu: (options) => card(options, once),
      makeCpu: (options) => createCpuBackend(options, []),
      on_notice: ({ kind }) => notices.push(kind),
      snapshot_every: 5,
      retry_ms: [0],
    }));
  const reports: IterationReport[] = [], record = new RunRecord();
  await trainer.train(12, (report) => reports.push(report), { requested: false });
  assert.deepEqual(notices, ["device-lost", "device-back"]);
  const whole = joined(reports) as WithTens;
  assert.deepEqual([whole.first, whole.tens], [0, withTens(0, 12).tens]);
  record.addReport(whole, 100);
  assert.equal(record.last_report, whole);
  record.cut(3);
  assert.equal(record.last_report, null, "it holds iterations that do not count any more");
});
