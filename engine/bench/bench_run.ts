// Measures how fast an engine trains. Runs in the page's Worker and, for `python3 build bench`, in deno; uses no DOM.
import { ClockStoppedError, nextTick, now } from "../training/clock.ts";
import { defaultRun, type RunConfig } from "../training/config.ts";
import type { Corpus } from "../training/corpus.ts";
import { createCpuBackend } from "../cpu/cpu_backend.ts";
import { gflops } from "./flops.ts";
import { type LessonFingerprint, lessonFingerprint } from "./lesson_fingerprint.ts";
import { Pace } from "../training/pace.ts";
import { backendOptions, Trainer } from "../training/trainer.ts";
import { type KernelClock, type KernelTime, kernelTimes } from "./kernel_times.ts";
import type { Card } from "../webgpu/card.ts";
import { plainPlan } from "../webgpu/plain_plan.ts";
import { findAdapter } from "../webgpu/device.ts";
import { planFor } from "../webgpu/revision.ts";
import type { Dispatch, Plan } from "../webgpu/plan.ts";
import { openTimedPlan, type TimedPlan } from "./timed_plan.ts";
import { createWebGpuBackend } from "../webgpu/webgpu_backend.ts";
import type { Backend, BackendOptions } from "../training/backend.ts";

/** What to measure on one engine. */
export interface BenchWishes {
  /** Values of B; each gives a row. */
  batch_sizes: number[];
  /** Least length of a timed block, and blocks per row. A row reports their median. */
  seconds: number;
  blocks: number;
  /** Iterations per submit, if the GPU is fast enough for so many. */
  per_submit: number;
  /** On the GPU only: time per kernel, at the first B. */
  kernels: boolean;
  /** On the GPU only: speed at other widths and contexts. */
  growth: boolean;
  /** On the GPU only: losses at iterations 0 and 60. */
  losses: boolean;
  /** The fingerprint of the lesson's run after FINGERPRINT_AT iterations. */
  fingerprint: boolean;
  /** Accepts a software adapter. */
  allow_software: boolean;
}

/** One measurement of whole iterations: batch, both passes and update. On the GPU, losses are not read back. */
export interface SpeedRow {
  B: number;
  /** "fused", "tiled" or "plain" on the GPU; the CPU engine names its Workers. */
  plan: string;
  /** Median of the blocks. */
  iterations_per_second: number;
  ms_per_iteration: number;
  /** 10^9 operations per second, counted as in flops.ts. */
  gflops: number;
  /** GPU dispatches per iteration; null on the CPU. */
  dispatches: number | null;
}

/** Speed at another width (n_embd) or context (block_size). */
export interface GrowthRow {
  n_embd: number;
  block_size: number;
  plan: string;
  B: number;
  iterations_per_second: number;
}

/** What a bench reports while it runs. */
export type BenchPart =
  | { kind: "adapter"; adapter: string }
  | { kind: "compiling"; ready: number; of: number }
  /** On the GPU with the dispatches of an iteration: bytes_moved.ts counts from them, where a page wants to know. */
  | { kind: "row"; row: SpeedRow; program: Dispatch[] | null }
  | { kind: "kernels"; clock: KernelClock; kernels: KernelTime[] }
  | { kind: "growth"; row: GrowthRow }
  | { kind: "losses"; losses: Record<string, number> }
  | { kind: "fingerprinting"; done: number }
  | { kind: "fingerprint" } & LessonFingerprint;

type Tell = (part: BenchPart) => void;

/** Planned iterations: more than any bench makes, because the learning rate schedule needs a row for each. */
const PLANNED = 100_000;
const CPU_WARM_UP_ITERATIONS = 5;
/** A clock that does not move for this long has stopped, and would never end a block. */
const STANDSTILL_MS = 5000;
/** [n_embd, block_size]: first the width grows, then the context. */
const GROWTH = [[64, 64], [128, 64], [256, 64], [64, 128], [64, 256]];
const LOSSES_AT = [0, 60];

/** @returns the middle value, or the mean of the two middle values */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** @returns a row, rounded to four significant digits */
export function rowOf(run: RunConfig, plan: string, rate: number, dispatches: number | null): SpeedRow {
  const B = run.training.batch_size, digits = (x: number) => Number(x.toPrecision(4));
  return {
    B,
    plan,
    iterations_per_second: digits(rate),
    ms_per_iteration: digits(1000 / rate),
    gflops: digits(gflops(run.model, B, rate)),
    dispatches,
  };
}

/** The CPU engine, in this Worker and its assistants. */
export async function benchCpu(run: RunConfig, corpus: Corpus, ports: MessagePort[], wishes: BenchWishes, tell: Tell) {
  const trainers: Trainer[] = [];
  for (const batch_size of wishes.batch_sizes) {
    const trainer = await Trainer.create(
      planned(run, { batch_size }),
      corpus,
      null,
      (options) => createCpuBackend(options, ports),
    );
    trainers.push(trainer);
    await trainer.train(CPU_WARM_UP_ITERATIONS, () => {}, { requested: false });
    const rates: number[] = [];
    while (rates.length < wishes.blocks) rates.push(await timedBlock(trainer, wishes.seconds));
    const row = rowOf(trainer.run, trainer.backend.description, median(rates), null);
    tell({ kind: "row", row, program: null });
  }
  if (wishes.fingerprint) await tellFingerprint(run, corpus, tell, (options) => createCpuBackend(options, ports));
  trainers.forEach((trainer) => trainer.dispose()); // only now: disposing closes the ports, which all trainers share
}

/**
 * @returns iterations per second over a block of at least `seconds`, from one tick of the clock to another
 * @throws ClockStoppedError
 */
export async function timedBlock(trainer: Trainer, seconds: number): Promise<number> {
  const { at: begin, step } = await nextTick(), least = Math.max(seconds * 1000, step);
  const stop = { requested: false }, first = trainer.iteration, pace = new Pace();
  let last = begin, counted_ms = 0, checked = begin, over = false;
  const check = setInterval(() => {
    over = now() === checked;
    checked = now();
  }, STANDSTILL_MS);
  await trainer.train(Infinity, ({ losses }) => {
    const at = now(), moved = at > last;
    counted_ms += pace.counted(at - last, losses.length);
    last = at;
    stop.requested = over || (counted_ms >= least && moved);
  }, stop);
  clearInterval(check);
  if (over) throw new ClockStoppedError();
  return (trainer.iteration - first) / counted_ms * 1000;
}

/** The WebGPU engine's plans. @throws WebGpuError if there is no GPU, or it cannot run them */
export async function benchWebGpu(run: RunConfig, corpus: Corpus, wishes: BenchWishes, tell: Tell): Promise<void> {
  const card = await findAdapter(wishes);
  for (const [i, batch_size] of wishes.batch_sizes.entries()) {
    const options = backendOptions(planned(run, { batch_size }), corpus);
    await timing(planFor(options, card), wishes, tell, async (timed) => {
      tell({ kind: "adapter", adapter: timed.open.adapter });
      const row = rowOf(options.run, timed.name, await medianRate(timed, wishes), timed.dispatches);
      tell({ kind: "row", row, program: timed.compiled.plan.programs.train });
      if (wishes.kernels && i === 0) tell({ kind: "kernels", ...await kernelTimes(timed) });
    });
  }
  if (wishes.losses) tell({ kind: "losses", losses: await firstLosses(run, corpus, wishes) });
  if (wishes.growth) await growth(run, corpus, card, wishes, tell);
  if (wishes.fingerprint) {
    const { allow_software } = wishes, on_progress = compiling(tell);
    await tellFingerprint(
      run,
      corpus,
      tell,
      (options) => createWebGpuBackend(options, { allow_software, on_progress }),
    );
  }
}

type MakeBackend = (options: BackendOptions) => Promise<Backend>;

async function tellFingerprint(run: RunConfig, corpus: Corpus, tell: Tell, makeBackend: MakeBackend): Promise<void> {
  const on_progress = (done: number) => tell({ kind: "fingerprinting", done });
  tell({ kind: "fingerprint", ...await lessonFingerprint(run, corpus, makeBackend, on_progress) });
}

const compiling = (tell: Tell) => (ready: number, of: number) => tell({ kind: "compiling", ready, of });

/** Measures each size on the plan that would train it, and on the plain plan, which accepts all. */
async function growth(run: RunConfig, corpus: Corpus, card: Card, wishes: BenchWishes, tell: Tell): Promise<void> {
  for (const [n_embd, block_size] of GROWTH) {
    const options = backendOptions(planned({ ...run, model: { ...run.model, n_embd, block_size } }), corpus);
    const chosen = planFor(options, card), plain = plainPlan(options);
    for (const plan of chosen.name === plain.name ? [plain] : [chosen, plain]) {
      await timing(plan, wishes, tell, async (timed) => {
        const { iterations_per_second, B } = rowOf(options.run, timed.name, await medianRate(timed, wishes), null);
        tell({ kind: "growth", row: { n_embd, block_size, plan: timed.name, B, iterations_per_second } });
      });
    }
  }
}

/** The lesson's first losses, from the engine that trains the lesson: a fast engine must also be correct. */
async function firstLosses(run: RunConfig, corpus: Corpus, { allow_software }: BenchWishes) {
  const losses: number[] = [];
  const { training } = defaultRun(run.model.vocab_size);
  const backend = await createWebGpuBackend(backendOptions({ ...run, training }, corpus), { allow_software });
  await backend.train(Math.max(...LOSSES_AT) + 1, ({ losses: more }) => losses.push(...more), { requested: false });
  backend.dispose();
  return Object.fromEntries(LOSSES_AT.map((iteration) => [iteration, losses[iteration]]));
}

function planned(run: RunConfig, training: Partial<RunConfig["training"]> = {}): RunConfig {
  return { ...run, training: { ...run.training, ...training, iterations: PLANNED } };
}

/** Opens a plan, warms it up, does `work`, and always releases the plan. */
async function timing(
  plan: Plan,
  { allow_software, per_submit }: BenchWishes,
  tell: Tell,
  work: (timed: TimedPlan) => Promise<void>,
): Promise<void> {
  const on_progress = compiling(tell);
  const wanted_features: GPUFeatureName[] = ["timestamp-query"];
  const timed = await openTimedPlan(plan, { allow_software, wanted_features, on_progress }, per_submit);
  try {
    await timed.warmUp();
    await work(timed);
  } finally {
    timed.dispose();
  }
}

async function medianRate(timed: TimedPlan, { seconds, blocks }: BenchWishes): Promise<number> {
  const rates: number[] = [];
  while (rates.length < blocks) rates.push(await timed.rate(seconds));
  await timed.check();
  return median(rates);
}
