// Shared by the checks of the WebGPU engine. They run in a browser's page (page.ts) and in deno (in_deno.ts), so they
// use no test framework.
import type { TrainingState } from "../../../engine/training/backend.ts";
import type { OpenDevice } from "../../../engine/webgpu/device.ts";

/** One thing that must hold; `run` throws if it does not. */
export interface Check {
  name: string;
  run(open: OpenDevice): Promise<void>;
}

export interface Outcome {
  name: string;
  ms: number;
  /** What was wrong, or null. */
  problem: string | null;
}

export function expect(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/** @returns the error that `work` rejects with @throws if it does not reject */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected a failure, and there was none");
}

export function sameBytes(a: TrainingState, b: TrainingState): boolean {
  return a.iteration === b.iteration && (["params", "m", "v"] as const).every((name) => {
    const words = new Uint32Array(b[name].buffer);
    return words.length === a[name].length && new Uint32Array(a[name].buffer).every((word, i) => word === words[i]);
  });
}

/**
 * Runs a group's checks in order. A lost device or an error that it reports fails the current check and ends the group.
 */
export async function runChecks(
  checks: Check[],
  open: OpenDevice,
  report: (outcome: Outcome) => void = () => {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of checks) {
    const begin = performance.now();
    let problem: string | null = null;
    try {
      await run(open);
      if (open.error) throw open.error;
    } catch (error) {
      problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    const outcome = { name, ms: Math.round(performance.now() - begin), problem };
    outcomes.push(outcome);
    report(outcome);
    if (open.error) break;
  }
  return outcomes;
}

/** Copies of tensors, read back from the GPU. */
export async function readBack(
  open: Pick<OpenDevice, "device" | "guard">,
  places: { buffer: GPUBuffer; offset_bytes: number; size_bytes: number }[],
): Promise<ArrayBuffer[]> {
  const encoder = open.device.createCommandEncoder();
  const copies = places.map(({ buffer, offset_bytes, size_bytes }) => {
    const copy = open.device.createBuffer({
      size: size_bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    encoder.copyBufferToBuffer(buffer, offset_bytes, copy, 0, size_bytes);
    return copy;
  });
  open.device.queue.submit([encoder.finish()]);
  return await Promise.all(copies.map(async (copy) => {
    await open.guard(copy.mapAsync(GPUMapMode.READ));
    const content = copy.getMappedRange().slice(0);
    copy.destroy();
    return content;
  }));
}
