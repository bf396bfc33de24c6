// A WebGPU engine that survives the loss of its device. When a driver is reset, the machine sleeps or memory runs
// short, the browser reports that the device is lost, with everything on it; or the device stops responding. For that
// case a snapshot is kept in main memory. After a loss, training continues from it on a new device if there is one,
// else on the CPU engine. A device that stops responding, reports an error or computes something else than the CPU
// engine is not tried again in this run.
import { OutOfMemoryError } from "../training/allocate.ts";
import type {
  Backend,
  BackendOptions,
  CpuModule,
  StopSignal,
  SurvivalNotice,
  TrainingState,
} from "../training/backend.ts";
import { now } from "../training/clock.ts";
import { type IterationReport, partOf } from "../training/iteration_report.ts";
import type { Expectations, ForwardPass, UpdateNorms } from "../training/observation.ts";
import { rawWords } from "../wording_of_failures.ts";
import { checkState, isSound } from "../training/state_check.ts";
import { divergesAlone, inspect, isSane, tryOut, wrongResult } from "./cross_check.ts";
import { WebGpuError } from "./webgpu_error.ts";

export interface Survival {
  /** Makes a backend on a new device; `options.initial` is the snapshot. */
  makeGpu(options: BackendOptions): Promise<Backend>;
  makeCpu(options: BackendOptions): Promise<Backend>;
  /**
   * Makes a CPU engine to compare results with; it is needed for less than a second. If absent, nothing is compared.
   */
  makeReference?(options: BackendOptions): Promise<Backend>;
  /** Called with a comparison's duration in milliseconds, so that the run's clock can leave it out. */
  on_compared?(ms: number): void;
  on_notice(notice: SurvivalNotice): void;
  /** Iterations between two snapshots; a snapshot takes a few milliseconds. */
  snapshot_every?: number;
  /** Milliseconds to wait before each attempt at a new device. */
  retry_ms?: number[];
}

const SNAPSHOT_EVERY = 200;
const RETRY_MS = [100, 500, 2000];
/** Iteration of the second comparison with the CPU engine. In a short run it comes halfway. */
const CHECKED_AT = 100;
const never = { requested: false };
/** After this many losses in a row without a new update, the next device would be lost as well. */
const MOST_LOST_DEVICES = 3;

export async function createSurvivingBackend(options: BackendOptions, survival: Survival): Promise<Backend> {
  return new SurvivingBackend(options, survival, await provenGpu(options, survival));
}

/** A GPU engine whose first results agree with the CPU engine's. If they do not, resetting the run would not help. */
async function provenGpu(options: BackendOptions, survival: Survival): Promise<Backend> {
  const gpu = await survival.makeGpu(options);
  try {
    await withReference(options, survival, (reference) => tryOut(gpu, reference, options));
    return gpu;
  } catch (error) {
    gpu.dispose();
    throw error;
  }
}

async function withReference(
  options: BackendOptions,
  { makeReference, on_compared }: Survival,
  work: (reference: Backend) => Promise<void>,
): Promise<void> {
  const begin = now();
  const reference = await makeReference?.(options).catch((error) => {
    if (error instanceof OutOfMemoryError) return undefined; // the run itself already has its memory
    throw error;
  });
  if (!reference) return;
  try {
    await work(reference);
  } finally {
    reference.dispose();
    on_compared?.(now() - begin);
  }
}

class SurvivingBackend implements Backend {
  #options: BackendOptions;
  #survival: Survival;
  #backend: Backend;
  #snapshot: TrainingState;
  /** The next snapshot, on its way from the card while training goes on; never rejects. */
  #arriving: Promise<void> = Promise.resolve();
  /** Iterations whose losses were reported: a restored run repeats some without reporting them. */
  #reported: number;
  #every: number;
  /** Iteration of the next comparison; null if it has been made, or cannot be. */
  #check_at: number | null;
  /** The last loss that was reported. */
  #last_loss = 0;
  /** How often the run went back to a snapshot because results were wrong. */
  #rewound = 0;
  /** Devices lost since an update was last reported, or other work last completed. */
  #lost_devices = 0;
  /** The last text that was asked for, and the engine that wrote it. */
  #text: { prompt: Uint8Array; noise: Float32Array; by: Backend } | null = null;

  constructor(options: BackendOptions, survival: Survival, backend: Backend) {
    this.#options = options;
    this.#survival = survival;
    this.#backend = backend;
    this.#snapshot = options.initial;
    this.#reported = options.initial.iteration;
    this.#every = survival.snapshot_every ?? SNAPSHOT_EVERY;
    this.#check_at = survival.makeReference ? Math.min(CHECKED_AT, options.run.training.iterations >> 1) : null;
  }

  get kind(): "cpu" | "webgpu" {
    return this.#backend.kind;
  }
  get adapter(): string | undefined {
    return this.#backend.adapter;
  }
  get revision(): string | undefined {
    return this.#backend.revision;
  }
  get compile_ms(): number | undefined {
    return this.#backend.compile_ms;
  }

  get description(): string {
    return this.#backend.description;
  }
  get module(): CpuModule | null {
    return this.#backend.module;
  }
  get iteration(): number {
    return this.#reported;
  }

  async train(until: number, on_report: (report: IterationReport) => void, stop: StopSignal): Promise<void> {
    const last = Math.min(until, this.#options.run.training.iterations), rewound = this.#rewound;
    await this.#surviving(async () => {
      // A run that went back returns early: it has to pass milestones again, and only the caller knows them.
      while (this.#reported < last && !stop.requested && rewound === this.#rewound) {
        await this.#segment(last, on_report, stop);
      }
    }, stop);
  }

  /** Trains up to `until` or the next snapshot, and takes that. */
  async #segment(until: number, on_report: (report: IterationReport) => void, stop: StopSignal): Promise<void> {
    const begin = this.#backend.iteration, on_gpu = this.#backend.kind === "webgpu";
    if (on_gpu && begin === this.#check_at) await this.#check(on_report);
    const { iteration } = this.#backend;
    let lost_at: number | null = null;
    const next = (Math.floor(iteration / this.#every) + 1) * this.#every;
    const check_at = this.#check_at !== null && iteration < this.#check_at ? this.#check_at : Infinity;
    await this.#backend.train(Math.min(next, until, check_at), (report) => {
      if (lost_at !== null) return;
      const sudden = on_gpu && this.#survival.makeReference ? this.#suddenly(report.losses) : -1;
      if (sudden >= 0) lost_at = report.first + sudden;
      this.#report(sudden < 0 ? report : partOf(report, 0, sudden), on_report);
    }, {
      get requested() {
        return stop.requested || lost_at !== null;
      },
    });
    if (lost_at !== null) return await this.#question(lost_at, on_report);
    if (on_gpu && this.#backend.iteration % this.#every === 0) await this.#takeSnapshot();
  }

  /** Takes a snapshot while training goes on; if the device fails before it arrives, the previous one counts. */
  async #takeSnapshot(): Promise<void> {
    const backend = this.#backend;
    if (!backend.snapshot) return this.#keep(await backend.save());
    await this.#arriving;
    const arriving: Promise<void> = backend.snapshot().then((state) => {
      if (this.#arriving === arriving) this.#keep(state);
    }, () => {}); // the next work fails for the same reason
    this.#arriving = arriving;
  }

  /** Makes `state` the snapshot, and ignores one that is still on its way. */
  #keepOnly(state: TrainingState): void {
    this.#arriving = Promise.resolve();
    this.#snapshot = state;
  }

  /** Takes a snapshot, unless it contains NaN or infinity: from an earlier one, the cause can still be found. */
  #keep(state: TrainingState): void {
    if (isSound(state)) this.#snapshot = state;
  }

  /** Reports the iterations that have not been reported yet. */
  #report(report: IterationReport, on_report: (report: IterationReport) => void): void {
    const { first, losses } = report;
    const fresh = partOf(report, Math.max(0, Math.min(losses.length, this.#reported - first)));
    this.#reported = Math.max(this.#reported, first + losses.length);
    if (fresh.losses.length === 0) return;
    this.#lost_devices = 0;
    this.#last_loss = losses[losses.length - 1];
    on_report(fresh);
  }

  /** Index of the first NaN or infinite loss, if the run had not exploded before it; else -1. */
  #suddenly(losses: Float32Array): number {
    const at = losses.findIndex((loss) => !Number.isFinite(loss));
    return at >= 0 && isSane(at > 0 ? losses[at - 1] : this.#last_loss, this.#options) ? at : -1;
  }

  /** Makes one iteration and compares it with the CPU engine's. If they agree, takes a snapshot that can be trusted. */
  async #check(on_report: (report: IterationReport) => void): Promise<void> {
    this.#check_at = null;
    const gpu = this.#backend, { iteration } = gpu, losses: number[] = [];
    await this.#arriving;
    await withReference(this.#options, this.#survival, async (reference) => {
      const from = await gpu.save(), { loss, wrong } = await inspect(gpu, reference, this.#options, from);
      if (wrong !== null) throw wrongResult(gpu, wrong);
      this.#keep(from);
      losses.push(loss);
    });
    this.#report({ first: iteration, losses: Float32Array.from(losses) }, on_report);
  }

  /** The loss of iteration `at` is NaN or infinite. It counts only if the CPU engine diverges there, too. */
  async #question(at: number, on_report: (report: IterationReport) => void): Promise<void> {
    const gpu = this.#backend;
    await this.#arriving;
    await gpu.load(this.#snapshot, this.#options.batch_key);
    await gpu.train(Math.max(this.#snapshot.iteration, at - 1), () => {}, never);
    const before = await gpu.save();
    await withReference(this.#options, this.#survival, async (reference) => {
      if (await divergesAlone(reference, this.#options, before, at)) {
        throw wrongResult(gpu, { kind: "lost loss", iteration: at });
      }
    });
    await gpu.train(at + 1, (report) => this.#report(report, on_report), never);
  }

  gradients(starts: Uint32Array): Promise<{ loss: number; gradients: Float32Array }> {
    return this.#surviving(() => this.#backend.gradients(starts));
  }
  evaluate(starts: Uint32Array): Promise<Float32Array> {
    return this.#surviving(() => this.#backend.evaluate(starts));
  }
  generate(prompt: Uint8Array, noise: Float32Array): Promise<Uint8Array> {
    return this.#surviving(() => this.#write(prompt, noise));
  }

  async #write(prompt: Uint8Array, noise: Float32Array): Promise<Uint8Array> {
    const by = this.#backend, written = await by.generate(prompt, noise);
    this.#text = { prompt, noise, by };
    return written;
  }

  expectations(): Promise<Expectations> {
    return this.#surviving(async () => {
      const text = this.#text;
      if (text && text.by !== this.#backend) await this.#write(text.prompt, text.noise); // its engine was lost since
      return await this.#backend.expectations();
    });
  }
  observe(tokens: Uint8Array, heads_off?: Uint8Array): Promise<ForwardPass> {
    return this.#surviving(() => this.#backend.observe(tokens, heads_off));
  }
  /** Null also if the device was lost after the update, and a snapshot held its result: it is not repeated then. */
  norms(): Promise<UpdateNorms | null> {
    return this.#surviving(() => this.#backend.norms());
  }
  save(): Promise<TrainingState> {
    return this.#surviving(() => this.#backend.save());
  }

  async load(state: TrainingState, batch_key = this.#options.batch_key): Promise<void> {
    checkState(state, this.#options.run.model, this.#options.run.training.iterations);
    this.#options = { ...this.#options, batch_key };
    const { iteration, params, m, v } = state;
    // A copy, because the caller may change its state.
    this.#keepOnly({ iteration, params: params.slice(), m: m.slice(), v: v.slice() });
    // Earlier work no longer counts, so #surviving must not catch up on it before loading.
    this.#reported = Math.min(this.#backend.iteration, iteration);
    await this.#surviving(() => this.#backend.load(this.#snapshot, batch_key));
    if (this.#check_at !== null) this.#check_at = Math.max(this.#check_at, iteration); // a file may begin later
    this.#reported = iteration;
    this.#last_loss = 0;
  }

  dispose(): void {
    this.#backend.dispose();
  }

  /**
   * Does `work`. If the device fails, repeats it on another device or on the CPU, brought to the same iteration first.
   * @param stop also ends that catching up; `work` then has to do nothing
   */
  async #surviving<Result>(work: () => Promise<Result>, stop: StopSignal = never): Promise<Result> {
    while (true) {
      try {
        // A restored run first repeats the iterations that were reported already, without reporting them.
        while (this.#backend.iteration < this.#reported && !stop.requested) {
          await this.#segment(this.#reported, () => {}, stop);
        }
        const result = await work();
        this.#lost_devices = 0;
        return result;
      } catch (error) {
        const card_error = this.#backend.kind === "webgpu" ? webGpuErrorOf(error) : null;
        if (card_error === null) throw error;
        if (card_error.kind === "wrong") await this.#goBack(card_error);
        else await this.#restore(card_error);
      }
    }
  }

  async #restore(card_error: WebGpuError): Promise<void> {
    const { on_notice, makeCpu, retry_ms = RETRY_MS } = this.#survival, lost = card_error.kind === "lost";
    const kind = lost ? "device-lost" : card_error.kind === "silent" ? "device-silent" : "device-error";
    on_notice({ kind, iteration: this.#reported, reason: card_error.message });
    this.#keepOnly(this.#snapshot);
    this.#backend.dispose();
    const options = { ...this.#options, initial: this.#snapshot };
    for (const wait of lost && ++this.#lost_devices < MOST_LOST_DEVICES ? retry_ms : []) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        this.#backend = await provenGpu(options, this.#survival);
        on_notice({ kind: "device-back", iteration: this.#reported, description: this.#backend.description });
        return;
      } catch (error) {
        if (!(error instanceof WebGpuError)) throw error;
        if (error.kind === "wrong") card_error = error;
        if (error.kind === "wrong" || error.kind === "silent") break; // another attempt would fail as slowly
      }
    }
    this.#backend = await makeCpu(options);
    const { description, module } = this.#backend, reason = card_error.message;
    on_notice({ kind: "cpu-instead", iteration: this.#reported, description, module, cause: card_error.kind, reason });
  }

  /** Results since the last snapshot cannot be trusted: the CPU engine repeats them. */
  async #goBack({ kind: cause, message: reason }: WebGpuError): Promise<void> {
    const { iteration } = this.#snapshot;
    this.#keepOnly(this.#snapshot);
    this.#backend.dispose();
    this.#backend = await this.#survival.makeCpu({ ...this.#options, initial: this.#snapshot });
    this.#reported = iteration;
    this.#last_loss = 0;
    this.#rewound++;
    const { description, module } = this.#backend;
    this.#survival.on_notice({ kind: "wrong-results", iteration, description, module, cause, reason });
  }
}

/** The error as the card's, or null if the CPU engine would fail as well. */
function webGpuErrorOf(error: unknown): WebGpuError | null {
  if (error instanceof WebGpuError) return error;
  // Both engines throw a RangeError if asked for a longer sample than they can write.
  if (error instanceof OutOfMemoryError || error instanceof RangeError) return null;
  return new WebGpuError("error", rawWords(error));
}
