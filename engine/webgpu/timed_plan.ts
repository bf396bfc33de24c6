// A plan on the GPU with a stopwatch beside it: the plan's own `train` program, as the WebGPU engine submits it, without
// an engine around it. Losses stay in the ring; a block of time ends when the GPU says that all its work is done.
import { farBeyond } from "../pace.ts";
import { type CompiledPlan, compileOn, type Progress } from "./compile.ts";
import { type DeviceOptions, type OpenDevice, openDevice } from "./device.ts";
import type { Plan } from "./plan.ts";

/** What training runs; kernels of other programs need not be compiled. */
const PROGRAMS = ["refresh", "begin", "train"];
/** The GPU is kept supplied for this long, beyond Firefox's 100 ms between two answers. */
const QUEUE_MS = 150;
/** No submit is to take longer than this, however slow the GPU. */
const LONGEST_SUBMIT_MS = 50;
/** A GPU raises its clock when it has been busy for a while. */
const WARM_UP_MS = 300;
/** A block planned to be this much longer than it must be is seldom too short. */
const MARGIN = 1.05;

/** @throws GpuTrouble saying why this browser or adapter does not run the plan */
export async function openTimedPlan(
  whole: Plan,
  wishes: DeviceOptions & { on_progress?: Progress },
  per_submit: number,
): Promise<TimedPlan> {
  const used = Object.entries(whole.programs).filter(([name]) => PROGRAMS.includes(name));
  const plan = { ...whole, programs: Object.fromEntries(used) };
  const open = await openDevice(plan, wishes);
  try {
    return new TimedPlan(open, await compileOn(open, plan, wishes.on_progress), per_submit);
  } catch (error) {
    open.dispose();
    throw error;
  }
}

export class TimedPlan {
  /** Milliseconds per iteration, as the last block showed it. */
  pace_ms = Infinity;
  #iterations = 0;

  /** @param per_submit iterations of one submit, on a GPU that is fast enough for it */
  constructor(readonly open: OpenDevice, readonly compiled: CompiledPlan, readonly per_submit: number) {
    const { refresh } = compiled.plan.programs;
    if (refresh) this.submit((pass) => compiled.encode(pass, "refresh"));
  }

  get name(): string {
    return this.compiled.plan.name;
  }

  /** Dispatches of one iteration. */
  get dispatches(): number {
    return this.compiled.plan.programs.train.length;
  }

  /** Trains until the clock is up and the pace is known. */
  async warmUp(): Promise<void> {
    const begin = performance.now();
    this.pace_ms = await this.#train(1);
    do {
      const iterations = Math.max(1, Math.round(WARM_UP_MS / 3 / this.pace_ms));
      this.pace_ms = await this.#train(iterations) / iterations;
    } while (performance.now() - begin < WARM_UP_MS);
  }

  /** @returns iterations per second over a block that took `seconds` at least */
  async rate(seconds: number): Promise<number> {
    while (true) {
      const iterations = Math.ceil(MARGIN * seconds * 1000 / this.pace_ms), usual_ms = iterations * this.pace_ms;
      const ms = await this.#train(iterations);
      this.pace_ms = ms / iterations;
      if (ms >= seconds * 1000 && !farBeyond(ms, usual_ms)) return 1000 / this.pace_ms;
    }
  }

  /** @throws Error where the GPU has not done every iteration that it was given: a rate would mean nothing */
  async check(): Promise<void> {
    const { device } = this.open, { buffer, offset_bytes } = this.compiled.place("counter");
    const copy = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset_bytes, copy, 0, 4);
    device.queue.submit([encoder.finish()]);
    await this.open.guard(copy.mapAsync(GPUMapMode.READ));
    const [done] = new Uint32Array(copy.getMappedRange());
    copy.destroy();
    if (done !== this.#iterations) throw new Error(`the GPU did ${done} of ${this.#iterations} iterations`);
  }

  /** @returns the milliseconds that so many iterations took, from the first submit to the end of all work */
  async #train(iterations: number): Promise<number> {
    const { compiled, open: { device, guard } } = this;
    const largest = Math.max(1, Math.min(this.per_submit, Math.floor(LONGEST_SUBMIT_MS / this.pace_ms)));
    const flights: Promise<unknown>[] = [];
    const begin = performance.now();
    for (let done = 0; done < iterations; done += largest) {
      this.submit((pass) => {
        if ("begin" in compiled.plan.programs) compiled.encode(pass, "begin");
        for (let i = done; i < Math.min(iterations, done + largest); i++) compiled.encode(pass, "train");
      });
      flights.push(device.queue.onSubmittedWorkDone());
      const ahead = Math.max(2, Math.ceil(QUEUE_MS / (largest * this.pace_ms)));
      if (flights.length > ahead) await guard(flights.shift()!);
    }
    await guard(device.queue.onSubmittedWorkDone());
    this.#iterations += iterations;
    return performance.now() - begin;
  }

  /** Hands one compute pass to the GPU. */
  submit(fill: (pass: GPUComputePassEncoder) => void, timestampWrites?: GPUComputePassTimestampWrites): void {
    const { device } = this.open, encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
    fill(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  dispose(): void {
    this.compiled.dispose();
    this.open.dispose();
  }
}
