// How fast each engine trains on this machine: deno run ... bench.ts '{"engine": "cpu", ...}', one JSON line a row.
// `python3 build bench` calls it and documents the options.
import { defaultRun } from "../config.ts";
import { createCpuBackend } from "../cpu/cpu_backend.ts";
import { Trainer } from "../trainer.ts";
import { hireAssistants } from "./crew.ts";

/** Seconds of one timed block, and blocks per row; the median of the blocks is printed. */
const BLOCK_SECONDS = 1.5, BLOCKS = 5;
const WARM_UP_ITERATIONS = 5;

const wanted: { engine: "cpu" | "webgpu" | null; batch_size: number[]; workers: number[]; corpus_file: string } = JSON
  .parse(Deno.args[0]);
const text = await Deno.readTextFile(wanted.corpus_file);

for (const batch_size of wanted.batch_size) {
  for (const workers of wanted.workers) {
    const { ports, dismiss } = hireAssistants(workers - 1);
    const run = defaultRun(2);
    run.training = { ...run.training, batch_size, iterations: 100_000 };
    const trainer = await Trainer.create(run, text, null, (options) => createCpuBackend(options, ports));
    await trainer.train(WARM_UP_ITERATIONS, () => {}, { requested: false });
    const rates: number[] = [];
    for (let block = 0; block < BLOCKS; block++) rates.push(await timedBlock(trainer));
    const begin = performance.now();
    await trainer.observe(run.sampling.characters);
    const observing_ms = performance.now() - begin;
    rates.sort((a, b) => a - b);
    const rate = rates[BLOCKS >> 1];
    console.log(JSON.stringify({
      engine: "cpu",
      description: trainer.backend.description,
      batch_size,
      workers,
      iterations_per_second: Number(rate.toFixed(2)),
      slowest: Number(rates[0].toFixed(2)),
      fastest: Number(rates[BLOCKS - 1].toFixed(2)),
      ms_per_iteration: Number((1000 / rate).toFixed(2)),
      evaluation_and_sample_ms: Math.round(observing_ms),
      memory_bytes: Deno.memoryUsage().rss,
    }));
    trainer.dispose();
    dismiss();
  }
}

/** @returns iterations per second over one block */
async function timedBlock(trainer: Trainer): Promise<number> {
  const stop = { requested: false }, first = trainer.iteration, begin = performance.now();
  await trainer.train(Infinity, () => {
    stop.requested = performance.now() - begin >= BLOCK_SECONDS * 1000;
  }, stop);
  return (trainer.iteration - first) / (performance.now() - begin) * 1000;
}
