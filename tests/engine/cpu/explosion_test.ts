// Catches: an exploding run that becomes very slow. Exponentials near the limit of f32 give subnormal products, which
// take many processors a hundred times as long.
import assert from "node:assert/strict";
import { defaultRun } from "../../../engine/training/config.ts";
import { readCorpus } from "../../../engine/training/corpus.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { Trainer } from "../../../engine/training/trainer.ts";
import { quickest } from "../quickest.ts";

const text = await Deno.readTextFile(Deno.env.get("PRESS_START_CORPUS")!);

/** Milliseconds of each iteration. */
async function times(learning_rate: number, iterations: number): Promise<number[]> {
  const run = defaultRun(2);
  run.training = { ...run.training, batch_size: 4, learning_rate };
  const corpus = readCorpus(text, run.evaluation.train_fraction);
  const trainer = await Trainer.create(run, corpus, null, (options) => createCpuBackend(options, []));
  const all: number[] = [];
  let begin = performance.now();
  await trainer.train(iterations, () => {
    all.push(performance.now() - begin);
    begin = performance.now();
  }, { requested: false });
  return all;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

Deno.test("at lr 10 an iteration takes as long as at a healthy rate", async () => {
  // A factor of 2, because other programs run on this machine too; subnormal numbers made it thirty times as slow.
  const FACTOR = 2;
  const factor = await quickest(FACTOR, async () => {
    const healthy = median(await times(3e-3, 40)), exploding = (await times(10, 40)).slice(20);
    return median(exploding) / healthy;
  });
  assert.ok(factor < FACTOR, `${factor.toFixed(1)} times as long`);
});
