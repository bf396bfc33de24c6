// A WebGPU engine that outlives its device. Drivers are reset, machines sleep, memory runs short: the browser then says
// that the device is lost, with everything on it. A snapshot in the CPU's memory is kept for that case; training goes on
// from it on a new device, or, where none answers, on the CPU engine.
import type { Backend, BackendOptions, StopSignal, TrainingState } from "../backend.ts";
import { checkState, isSound } from "../state_check.ts";
import { GpuTrouble } from "./trouble.ts";

/** What the reader is told of. */
export type SurvivalNotice =
  | { kind: "device-lost"; iteration: number; reason: string }
  | { kind: "device-back"; iteration: number; description: string }
  | { kind: "cpu-instead"; iteration: number; description: string };

export interface Survival {
  /** A backend on a new device, from options whose `initial` is the snapshot. */
  makeGpu(options: BackendOptions): Promise<Backend>;
  makeCpu(options: BackendOptions): Promise<Backend>;
  on_notice(notice: SurvivalNotice): void;
  /** Iterations between two snapshots; each takes a few milliseconds. */
  snapshot_every?: number;
  /** Waits between two attempts at a new device. */
  retry_ms?: number[];
}

const SNAPSHOT_EVERY = 200;
const RETRY_MS = [100, 500, 2000];
/** Devices lost one after the other, without one update more: the next one would be lost as well. */
const MOST_LOSSES = 3;

export async function createSurvivingBackend(options: BackendOptions, survival: Survival): Promise<Backend> {
  return new SurvivingBackend(options, survival, await survival.makeGpu(options));
}

class SurvivingBackend implements Backend {
  #options: BackendOptions;
  #survival: Survival;
  #backend: Backend;
  #snapshot: TrainingState;
  /** Iterations whose losses were reported: a restored run repeats some of them silently. */
  #reported: number;
  #every: number;
  /** Losses since the last update that was reported, or the last piece of other work that was done. */
  #losses = 0;

  constructor(options: BackendOptions, survival: Survival, backend: Backend) {
    this.#options = options;
    this.#survival = survival;
    this.#backend = backend;
    this.#snapshot = options.initial;
    this.#reported = options.initial.iteration;
    this.#every = survival.snapshot_every ?? SNAPSHOT_EVERY;
  }

  get kind(): "cpu" | "webgpu" {
    return this.#backend.kind;
  }
  get compile_ms(): number | undefined {
    return this.#backend.compile_ms;
  }

  get description(): string {
    return this.#backend.description;
  }
  get iteration(): number {
    return this.#reported;
  }

  async train(until: number, on_losses: (losses: Float32Array) => void, stop: StopSignal): Promise<void> {
    const last = Math.min(until, this.#options.run.training.iterations);
    await this.#surviving(async () => {
      while (this.#reported < last && !stop.requested) await this.#segment(last, on_losses, stop);
    }, stop);
  }

  /** Trains up to the next snapshot, or `until`, and takes it. */
  async #segment(until: number, on_losses: (losses: Float32Array) => void, stop: StopSignal): Promise<void> {
    let iteration = this.#backend.iteration;
    const next = (Math.floor(iteration / this.#every) + 1) * this.#every;
    await this.#backend.train(Math.min(next, until), (losses) => {
      const fresh = losses.subarray(Math.max(0, Math.min(losses.length, this.#reported - iteration)));
      iteration += losses.length;
      this.#reported = Math.max(this.#reported, iteration);
      if (fresh.length === 0) return;
      this.#losses = 0;
      on_losses(fresh);
    }, stop);
    if (this.#backend.kind === "webgpu" && this.#backend.iteration % this.#every === 0) {
      const state = await this.#backend.save();
      if (isSound(state)) this.#snapshot = state; // a run that has diverged is made up from before
    }
  }

  gradients(starts: Uint32Array): Promise<{ loss: number; gradients: Float32Array }> {
    return this.#surviving(() => this.#backend.gradients(starts));
  }
  evaluate(starts: Uint32Array): Promise<Float32Array> {
    return this.#surviving(() => this.#backend.evaluate(starts));
  }
  generate(prompt: Uint8Array, noise: Float32Array): Promise<Uint8Array> {
    return this.#surviving(() => this.#backend.generate(prompt, noise));
  }
  save(): Promise<TrainingState> {
    return this.#surviving(() => this.#backend.save());
  }

  async load(state: TrainingState, batch_key = this.#options.batch_key): Promise<void> {
    checkState(state, this.#options.run.model, this.#options.run.training.iterations);
    this.#options = { ...this.#options, batch_key };
    const { iteration, params, m, v } = state;
    // A copy, as the state is the caller's.
    this.#snapshot = { iteration, params: params.slice(), m: m.slice(), v: v.slice() };
    // What the backend had made before is left behind: there is nothing to make up, whether it is ahead or not.
    this.#reported = Math.min(this.#backend.iteration, iteration);
    await this.#surviving(() => this.#backend.load(this.#snapshot, batch_key));
    this.#reported = iteration;
  }

  dispose(): void {
    this.#backend.dispose();
  }

  /**
   * Does `work`, again if the device is lost under it: on another one, brought to the same iteration.
   * @param stop ends the way there, too, for work that then does nothing
   */
  async #surviving<Result>(work: () => Promise<Result>, stop: StopSignal = { requested: false }): Promise<Result> {
    while (true) {
      try {
        // A restored run first makes up, unreported, what had been reported before.
        while (this.#backend.iteration < this.#reported && !stop.requested) {
          await this.#segment(this.#reported, () => {}, stop);
        }
        const result = await work();
        this.#losses = 0;
        return result;
      } catch (error) {
        if (!(error instanceof GpuTrouble && error.kind === "lost")) throw error;
        await this.#restore(error.message);
      }
    }
  }

  async #restore(reason: string): Promise<void> {
    const { on_notice, makeGpu, makeCpu, retry_ms = RETRY_MS } = this.#survival;
    on_notice({ kind: "device-lost", iteration: this.#reported, reason });
    this.#backend.dispose();
    const options = { ...this.#options, initial: this.#snapshot };
    for (const wait of ++this.#losses < MOST_LOSSES ? retry_ms : []) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        this.#backend = await makeGpu(options);
        on_notice({ kind: "device-back", iteration: this.#reported, description: this.#backend.description });
        return;
      } catch (error) {
        if (!(error instanceof GpuTrouble)) throw error;
      }
    }
    this.#backend = await makeCpu(options);
    on_notice({ kind: "cpu-instead", iteration: this.#reported, description: this.#backend.description });
  }
}
