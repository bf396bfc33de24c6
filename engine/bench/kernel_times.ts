// Measures how long each kernel of an iteration takes. Browsers round timestamps, some to a tenth of a millisecond, so
// each dispatch is repeated many times within one pass. The result includes the wait of each dispatch for the previous.
import { now } from "../training/clock.ts";
import type { TimedPlan } from "./timed_plan.ts";
import { type Dispatch, headerOf } from "../webgpu/plan.ts";

export interface KernelTime {
  /** "h.* attention forward" if several dispatches share a pipeline, else the dispatch's own label. */
  label: string;
  /** A file in engine/wgsl/, without its extension. */
  kernel: string;
  /** For one dispatch. */
  microseconds: number;
  /** Dispatches per iteration. */
  per_iteration: number;
}

/** Clock of the measurement: the GPU's own, or the page's at onSubmittedWorkDone. */
export type KernelClock = "timestamp-query" | "onSubmittedWorkDone";

/**
 * Most repetitions of a dispatch; and the longest time of that one submit, even if the dispatch were the whole
 * iteration.
 */
const REPETITIONS = 500, LONGEST_SUBMIT_MS = 200;

/** @param timed already warmed up; useless afterwards, because its weights were updated with outdated gradients */
export async function kernelTimes(timed: TimedPlan): Promise<{ clock: KernelClock; kernels: KernelTime[] }> {
  const dispatches = timed.compiled.plan.programs.train;
  const repetitions = Math.max(2, Math.min(REPETITIONS, Math.round(LONGEST_SUBMIT_MS / timed.pace_ms)));
  const clock: KernelClock = timed.open.device.features.has("timestamp-query")
    ? "timestamp-query"
    : "onSubmittedWorkDone";
  const measure = clock === "timestamp-query" ? byTimestamps : byWorkDone;
  const microseconds: number[] = [];
  for (let i = 0; i < dispatches.length; i++) microseconds.push(await measure(timed, i, repetitions));
  return { clock, kernels: grouped(dispatches, microseconds) };
}

function repeat(timed: TimedPlan, index: number, times: number, writes?: GPUComputePassTimestampWrites): void {
  timed.submit((pass) => {
    for (let i = 0; i < times; i++) timed.compiled.encode(pass, "train", index, index + 1);
  }, writes);
}

async function byTimestamps(timed: TimedPlan, index: number, repetitions: number): Promise<number> {
  const { device, guard } = timed.open;
  const querySet = device.createQuerySet({ type: "timestamp", count: 2 });
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC });
  const readable = device.createBuffer({ size: 16, usage: MAP_READ | COPY_DST });
  repeat(timed, index, repetitions, { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, readable, 0, 16);
  device.queue.submit([encoder.finish()]);
  await guard(readable.mapAsync(GPUMapMode.READ));
  const [begin, end] = new BigUint64Array(readable.getMappedRange());
  for (const used of [querySet, resolved, readable]) used.destroy();
  return Number(end - begin) / 1000 / repetitions;
}

/** Time of twice as many repetitions minus that of once as many: this cancels the fixed cost of a submit. */
async function byWorkDone(timed: TimedPlan, index: number, repetitions: number): Promise<number> {
  const { device, guard } = timed.open;
  const ms = async (times: number) => {
    const begin = now();
    repeat(timed, index, times);
    await guard(device.queue.onSubmittedWorkDone());
    return now() - begin;
  };
  const once = await ms(repetitions), twice = await ms(2 * repetitions);
  return Math.max(0, twice - once) * 1000 / repetitions;
}

/** @returns a row with the mean time for each group of dispatches that share a pipeline, in order of execution */
export function grouped(dispatches: Dispatch[], microseconds: number[]): KernelTime[] {
  const groups = new Map<string, { dispatch: Dispatch; times: number[] }>();
  dispatches.forEach((dispatch, i) => {
    const key = `${dispatch.kernel} ${headerOf(dispatch.constants)}`;
    const group = groups.get(key) ?? { dispatch, times: [] };
    group.times.push(microseconds[i]);
    groups.set(key, group);
  });
  return [...groups.values()].map(({ dispatch: { label, kernel }, times }) => ({
    label: times.length > 1 ? label.replaceAll(/\bh\.\d+/g, "h.*") : label,
    kernel,
    microseconds: Number((times.reduce((sum, x) => sum + x, 0) / times.length).toFixed(2)),
    per_iteration: times.length,
  }));
}
