// Measures how fast each engine trains on this machine: deno run ... bench.ts '{"engine": "cpu", ...}'. It prints one
// line of JSON per row. `python3 build bench` calls it and documents the options. The bench for readers is
// docs/reference/speed.md.
import { benchWebGpu, type BenchWishes, median, rowOf, timedBlock } from "../bench/bench_run.ts";
import { megabytes } from "../bench/bytes_moved.ts";
import type { CpuModule } from "../training/backend.ts";
import { roundsOnce } from "../cpu/modules.ts";
import { defaultRun } from "../training/config.ts";
import { readCorpus } from "../training/corpus.ts";
import { createCpuBackend } from "../cpu/cpu_backend.ts";
import { Trainer } from "../training/trainer.ts";
import { WebGpuError, webGpuErrorText } from "../webgpu/webgpu_error.ts";
import { engineName } from "../wording.ts";
import { makeAssistants } from "./assistants.ts";

/** Seconds of one timed block, and blocks per row; the median of the blocks is printed. */
const BLOCK_SECONDS = 1.5, BLOCKS = 5;
const WARM_UP_ITERATIONS = 5;
/** Iterations per submit to the GPU. */
const PER_SUBMIT = 10;

interface Wanted {
  /** Null for every engine that is available. */
  engine: "cpu" | "webgpu" | null;
  batch_size: number[];
  workers: number[];
  /** Of the CPU engine; null for the one that suits this machine. */
  module: CpuModule | null;
  corpus_file: string;
  /** Also accepts a software adapter. */
  software_gpu: boolean;
}

const wanted: Wanted = JSON.parse(Deno.args[0]);
if (wanted.module === "fma" && !roundsOnce()) {
  console.error("This processor cannot round a product and its sum once, as the module fma does: use --module base.");
  Deno.exit(1);
}
const { evaluation } = defaultRun(2);
const corpus = readCorpus(await Deno.readTextFile(wanted.corpus_file), evaluation.train_fraction);

if (wanted.engine !== "cpu") await webGpuRows();
if (wanted.engine !== "webgpu") {
  for (const batch_size of wanted.batch_size) {
    for (const workers of wanted.workers) await cpuRow(batch_size, workers);
  }
}

/** Without a GPU, says so; exits with an error if only WebGPU was asked for. */
async function webGpuRows(): Promise<void> {
  const wishes: BenchWishes = {
    batch_sizes: wanted.batch_size,
    seconds: BLOCK_SECONDS,
    blocks: BLOCKS,
    per_submit: PER_SUBMIT,
    kernels: false,
    growth: false,
    losses: false,
    fingerprint: false,
    allow_software: wanted.software_gpu,
  };
  let adapter = "";
  try {
    await benchWebGpu(defaultRun(2), corpus, wishes, (part) => {
      if (part.kind === "adapter") adapter = part.adapter;
      if (part.kind !== "row") return;
      const { B: batch_size, ...row } = part.row, mb_per_iteration = megabytes(part.program);
      const description = engineName.webgpu(adapter);
      console.log(JSON.stringify({ engine: "webgpu", description, batch_size, ...row, mb_per_iteration }));
    });
  } catch (error) {
    if (!(error instanceof WebGpuError)) throw error;
    console.error(`The WebGPU engine was not measured. ${webGpuErrorText(error.kind, error.message).message}`);
    if (wanted.engine === "webgpu") Deno.exit(1);
  }
}

async function cpuRow(batch_size: number, workers: number): Promise<void> {
  const { ports, endAssistants } = makeAssistants(workers - 1);
  const run = defaultRun(2);
  run.training = { ...run.training, batch_size, iterations: 100_000 };
  const trainer = await Trainer.create(run, corpus, null, (options) => {
    return createCpuBackend(options, ports, { module: wanted.module ?? undefined });
  });
  await trainer.train(WARM_UP_ITERATIONS, () => {}, { requested: false });
  const rates: number[] = [];
  while (rates.length < BLOCKS) rates.push(await timedBlock(trainer, BLOCK_SECONDS));
  const begin = performance.now();
  await trainer.evaluateAndSample(run.sampling.characters);
  const observing_ms = performance.now() - begin;
  const { plan: description, dispatches: _, B: __, ...row } = rowOf(
    trainer.run,
    trainer.backend.description,
    median(rates),
    null,
  );
  console.log(JSON.stringify({
    engine: "cpu",
    module: trainer.backend.module,
    description,
    batch_size,
    workers,
    ...row,
    slowest: Number(Math.min(...rates).toFixed(2)),
    fastest: Number(Math.max(...rates).toFixed(2)),
    evaluation_and_sample_ms: Math.round(observing_ms),
    memory_bytes: Deno.memoryUsage().rss,
  }));
  trainer.dispose();
  endAssistants();
}
