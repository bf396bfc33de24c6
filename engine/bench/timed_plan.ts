// Times a plan on the GPU: runs its `train` program as the WebGPU engine submits it, without the engine around it.
// Losses stay in the ring; a timed block ends when the GPU reports that all its work is done.
import { nextTick, now } from "../training/clock.ts";
import { farBeyond } from "../training/pace.ts";
import { type CompiledPlan, compileOn, type Progress } from "../webgpu/compile.ts";
import { type DeviceOptions, type OpenDevice, openDevice } from "../webgpu/device.ts";
import { piecesFor, ranges } from "../webgpu/pieces.ts";
import type { Plan } from "../webgpu/plan.ts";
import { ownDetail } from "../wording_of_failures.ts";

/** The programs that training runs; kernels of other programs are not compiled. */
const PROGRAMS = ["refresh", "begin", "train"];
/** Work queued ahead, in milliseconds: more than the 100 ms between two answers in Firefox. */
const QUEUE_MS = 150;
/** Target for the longest submit, in milliseconds: a slow GPU gets fewer iterations per submit. */
const LONGEST_SUBMIT_MS = 50;
/** A GPU raises its clock rate only after it has been busy for a while. */
const WARM_UP_MS = 300;
/** Blocks are planned this much longer than necessary, so that few are too short. */
const MARGIN = 1.05;
/** A block lasts at least this many ticks of the clock, so that an error of one tick matters little. */
const TICKS = 5;
/** From one block to the next, the milliseconds per iteration may shrink by at most this factor. */
const FASTER = 4;

/** @throws WebGpuError saying why this browser or adapter cannot run the plan */
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
  /** Milliseconds per iteration in the last block; never too small, even with a coarse clock. */
  pace_ms = Infinity;
  #iterations = 0;
  /** Milliseconds per tick of the clock. */
  #step_ms = 0;

  /** @param per_submit iterations per submit, on a GPU that is fast enough for so many */
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

  /** Trains until the GPU's clock rate is up and the pace is known. @throws ClockStoppedError */
  async warmUp(): Promise<void> {
    const { at, step } = await nextTick();
    this.#step_ms = step;
    await this.#block(1);
    const first = this.pace_ms;
    await this.#block(1);
    this.pace_ms = Math.max(first, this.pace_ms); // during one of the two, the clock may have been set
    do await this.#block(this.#iterationsFor(WARM_UP_MS / 3)); while (now() - at < WARM_UP_MS);
  }

  /**
   * @returns iterations per second over a block of at least `seconds` and TICKS ticks of the clock
   * @throws ClockStoppedError
   */
  async rate(seconds: number): Promise<number> {
    const least = Math.max(seconds * 1000, TICKS * this.#step_ms);
    while (true) {
      await nextTick();
      const iterations = this.#iterationsFor(least), usual_ms = iterations * this.pace_ms;
      const ms = await this.#block(iterations);
      // The block began at a tick, so the clock shows half a tick too little, on average.
      if (ms >= least && !farBeyond(ms, usual_ms)) return 1000 * iterations / (ms + this.#step_ms / 2);
    }
  }

  #iterationsFor(ms: number): number {
    return Math.max(1, Math.ceil(MARGIN * Math.max(ms, TICKS * this.#step_ms) / this.pace_ms));
  }

  /** Trains, and updates the pace. @returns milliseconds by the clock, at most one tick too few */
  async #block(iterations: number): Promise<number> {
    const ms = await this.#train(iterations);
    const shown = (ms + this.#step_ms) / iterations;
    // If the clock went back meanwhile, it shows almost no time.
    this.pace_ms = this.pace_ms === Infinity ? shown : Math.max(shown, this.pace_ms / FASTER);
    return ms;
  }

  /** @throws Error if the GPU has not made every iteration that was submitted: a rate would mean nothing */
  async check(): Promise<void> {
    const { device } = this.open, { buffer, offset_bytes } = this.compiled.place("counter");
    const copy = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset_bytes, copy, 0, 4);
    device.queue.submit([encoder.finish()]);
    await this.open.guard(copy.mapAsync(GPUMapMode.READ));
    const [done] = new Uint32Array(copy.getMappedRange());
    copy.destroy();
    if (done !== this.#iterations) throw new Error(ownDetail.iterations_lost(done, this.#iterations));
  }

  /** @returns the milliseconds that the iterations took, from the first submit to the end of all work */
  async #train(iterations: number): Promise<number> {
    const { compiled, compiled: { plan }, open: { device, guard } } = this;
    const largest = Math.max(1, Math.min(this.per_submit, Math.floor(LONGEST_SUBMIT_MS / this.pace_ms)));
    const flights: Promise<unknown>[] = [];
    const pieces = ranges(plan.programs.train.length, piecesFor(this.pace_ms === Infinity ? null : this.pace_ms));
    const begin = now();
    for (let done = 0; done < iterations; done += largest) {
      for (const [from, to] of pieces) {
        this.submit((pass) => {
          if ("begin" in plan.programs && from === 0) compiled.encode(pass, "begin");
          for (let i = done; i < Math.min(iterations, done + largest); i++) compiled.encode(pass, "train", from, to);
        });
      }
      flights.push(device.queue.onSubmittedWorkDone());
      const ahead = Math.max(2, Math.ceil(QUEUE_MS / (largest * this.pace_ms)));
      if (flights.length > ahead) await guard(flights.shift()!);
    }
    await guard(device.queue.onSubmittedWorkDone());
    this.#iterations += iterations;
    return now() - begin;
  }

  /** Submits one compute pass. */
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
