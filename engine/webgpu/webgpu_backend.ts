// The WebGPU engine: runs a compiled plan. Everything that an iteration needs from the one before stays on the GPU;
// only losses come back, and training does not wait for them.
import { allocating } from "../training/allocate.ts";
import type { Backend, BackendOptions, StopSignal, TrainingState } from "../training/backend.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import type { Expectations, ForwardPass, UpdateNorms } from "../training/observation.ts";
import { MAX_DRAWN } from "../training/sampling_noise.ts";
import { checkState } from "../training/state_check.ts";
import { engineName } from "../wording.ts";
import { nextTurn } from "../training/next_turn.ts";
import { type CompiledPlan, compileOn, type Progress } from "./compile.ts";
import { type DeviceOptions, findAdapter, type OpenDevice, openDevice } from "./device.ts";
import { gathered, spread } from "./layout.ts";
import { Observer } from "./observer.ts";
import { Pacer } from "./submit_pacer.ts";
import { ranges } from "./pieces.ts";
import type { Plan } from "./plan.ts";
import { bytesOf, read, readable, readTensors } from "./read_back.ts";
import { kernelsRevision, planFor } from "./revision.ts";
import { earlyRows, MAX_WRITTEN, RING } from "./shared_tensors.ts";

/** Most submits whose losses are still on their way, and most iterations in each; their product fits the ring. */
const MAX_FLIGHTS = 16, MAX_PER_SUBMIT = 256;
/** Characters drawn per submit: few, so that a slow GPU is not busy for seconds at a time. */
const CHARACTERS_PER_SUBMIT = 8;
/** A forward pass as a fraction of an iteration's time. */
const FORWARD_PART = 1 / 3;
/** Least number of windows whose losses can be read back at once. */
const WINDOWS_PER_READ = 256;

export interface WebGpuOptions extends DeviceOptions {
  /** By default the fastest plan that fits: fused, tiled or plain. */
  plan?: (options: BackendOptions) => Plan;
  /** Called while compiling, with the number of pipelines that are ready. */
  on_progress?: Progress;
}

/** A program to run, or copies to make. */
type Work = string | ((encoder: GPUCommandEncoder) => void);
/** The same, where a program is divided: its name, and the dispatches from one to another (exclusive). */
type Piece = [program: string, from: number, to: number] | ((encoder: GPUCommandEncoder) => void);

/** Tensors that are read together. */
const STATE = ["params", "m", "v"] as const, EXPECTED = ["expected", "early"] as const;

/** Losses on their way back. */
interface Flight {
  /** The iteration after the last. */
  until: number;
  buffer: GPUBuffer;
  /** Set once they have arrived. */
  losses: Float32Array<ArrayBuffer> | null;
  arrival: Promise<void>;
}

/**
 * @throws WebGpuError saying why this browser or adapter cannot train this model; UnsuitableError if the initial state
 * does not fit this model
 */
export async function createWebGpuBackend(options: BackendOptions, wishes: WebGpuOptions = {}): Promise<Backend> {
  checkState(options.initial, options.run.model, options.run.training.iterations);
  const found = await findAdapter(wishes), plan = wishes.plan?.(options) ?? planFor(options, found);
  const open = await openDevice(plan, wishes, found);
  try {
    const begin = performance.now();
    const compiled = await compileOn(open, plan, wishes.on_progress);
    return new WebGpuBackend(options, open, compiled, performance.now() - begin);
  } catch (error) {
    open.dispose();
    throw error;
  }
}

class WebGpuBackend implements Backend {
  readonly kind = "webgpu";
  readonly module = null;
  readonly description: string;
  #options: BackendOptions;
  #open: OpenDevice;
  #plan: CompiledPlan;
  #iteration: number;
  #revision: string | null = null;
  #pacer = new Pacer(MAX_PER_SUBMIT);
  /** Readback buffers for losses that are free at the moment. */
  #idle: GPUBuffer[];
  /** Readback buffer for snapshots, which may arrive while other buffers are read. */
  #snapshots: GPUBuffer;
  /** Settles when the last snapshot has arrived or failed; never rejects. */
  #snapshot: Promise<unknown> = Promise.resolve();
  /** Readback buffer for everything else. */
  #readback: GPUBuffer;
  #buffers: GPUBuffer[];
  #observer: Observer;
  /** Characters that the last generate() appended. */
  #drawn = 0;
  /** What norms() returns; undefined if they can be measured, but have not been. */
  #norms: UpdateNorms | null | undefined = null;

  constructor(options: BackendOptions, open: OpenDevice, plan: CompiledPlan, readonly compile_ms: number) {
    const { run: { training: { batch_size } }, initial } = options;
    this.#options = options;
    this.#open = open;
    this.#plan = plan;
    this.#iteration = initial.iteration;
    this.description = engineName.webgpu(open.adapter);
    const { device } = open;
    this.#idle = Array.from({ length: MAX_FLIGHTS }, (_, i) => readable(device, `losses ${i}`, 4 * MAX_PER_SUBMIT));
    const nll_bytes = Math.ceil(WINDOWS_PER_READ / batch_size) * bytesOf(plan, ["nll"]);
    const largest = Math.max(...[STATE, EXPECTED, ["written"]].map((names) => bytesOf(plan, names)), nll_bytes);
    this.#readback = readable(device, "readback", largest);
    this.#snapshots = readable(device, "snapshots", bytesOf(plan, STATE));
    this.#buffers = [...this.#idle, this.#readback, this.#snapshots];
    this.#observer = new Observer(options, open, plan);
    this.#refresh();
  }

  get iteration(): number {
    return this.#iteration;
  }
  get adapter(): string {
    return this.#open.adapter;
  }
  get revision(): string {
    return this.#revision ??= kernelsRevision(this.#plan.plan);
  }

  async train(until: number, on_report: (report: IterationReport) => void, stop: StopSignal): Promise<void> {
    const last = Math.min(until, this.#options.run.training.iterations);
    const flights: Flight[] = [];
    let submitted = this.#iteration;
    this.#pacer.begin(submitted);
    while (true) {
      const more = submitted < last && !stop.requested;
      const wait = !more || this.#idle.length === 0 ? Infinity : this.#pacer.wait(performance.now());
      if (wait === 0) {
        const count = Math.min(this.#pacer.count, last - submitted);
        flights.push(this.#submit(submitted, count, submitted + count === last));
        submitted += count;
        this.#pacer.submitted(count, performance.now());
        await nextTurn();
      } else {
        if (!more) this.#pacer.end();
        if (flights.length === 0) return;
        await this.#open.guard(firstOf(flights[0].arrival, wait));
      }
      while (flights.length > 0 && flights[0].losses) on_report(this.#land(flights.shift()!));
    }
  }

  /**
   * Submits `count` iterations from `first` on, and requests their losses.
   * @param is_last whether the last of them can be measured afterwards
   */
  #submit(first: number, count: number, is_last: boolean): Flight {
    const { buffer: ring, offset_bytes } = this.#plan.place("losses");
    const buffer = this.#idle.pop()!;
    const work: Work[] = [...(this.#has("begin") ? ["begin"] : []), ...new Array(count).fill("train")];
    if (is_last) work.splice(-1, 0, (encoder) => this.#keepWeights(encoder));
    this.#norms = is_last ? undefined : null;
    const at = first % RING, before_end = Math.min(count, RING - at);
    work.push((encoder) => {
      encoder.copyBufferToBuffer(ring, offset_bytes + 4 * at, buffer, 0, 4 * before_end);
      if (before_end === count) return;
      encoder.copyBufferToBuffer(ring, offset_bytes, buffer, 4 * before_end, 4 * (count - before_end));
    });
    this.#hand(work, this.#pacer.pieces);
    const flight: Flight = { until: first + count, buffer, losses: null, arrival: Promise.resolve() };
    flight.arrival = read(buffer, count).then((losses) => {
      flight.losses = losses;
    });
    flight.arrival.catch(() => {}); // train() awaits the first flight, and later ones fail for the same reason
    return flight;
  }

  #land({ until, buffer, losses }: Flight): IterationReport {
    this.#idle.push(buffer);
    this.#pacer.answered(until, performance.now());
    this.#iteration = until;
    return { first: until - losses!.length, losses: losses! };
  }

  #keepWeights(encoder: GPUCommandEncoder): void {
    const { buffer, size_bytes } = this.#plan.place("params");
    encoder.copyBufferToBuffer(buffer, 0, this.#plan.place("before").buffer, 0, size_bytes);
  }

  async gradients(starts: Uint32Array): Promise<{ loss: number; gradients: Float32Array }> {
    const B = this.#options.run.training.batch_size;
    if (starts.length !== B) throw new RangeError(`${starts.length} sequences; the plan was made for ${B}.`);
    await this.norms(); // measured now: this overwrites the last update's gradient
    this.#plan.write("starts", new Uint32Array(starts));
    this.#run("gradients");
    const [grads, nll] = await this.#read(["grads", "nll"]);
    return { loss: nll.reduce((sum, x) => sum + x, 0) / nll.length, gradients: gathered(this.#model, grads) };
  }

  async evaluate(starts: Uint32Array): Promise<Float32Array> {
    const { batch_size: B } = this.#options.run.training, T = this.#model.block_size;
    const { buffer, size_bytes } = this.#plan.place("nll");
    const per_read = Math.floor(this.#readback.size / size_bytes) * B;
    const result = allocating(() => new Float32Array(starts.length * T));
    for (let begin = 0; begin < starts.length; begin += per_read) {
      const windows = starts.subarray(begin, begin + per_read);
      for (let first = 0; first < windows.length; first += B) {
        // The last batch is padded with windows at 0, whose losses are not used.
        const batch = new Uint32Array(B);
        batch.set(windows.subarray(first, first + B));
        this.#plan.write("starts", batch);
        const copy = (encoder: GPUCommandEncoder) =>
          encoder.copyBufferToBuffer(buffer, 0, this.#readback, 4 * first * T, size_bytes);
        this.#hand(["evaluate", copy], Math.ceil(this.#pacer.pieces * FORWARD_PART));
        await nextTurn();
      }
      result.set(await this.#open.guard(read(this.#readback, windows.length * T)), begin * T);
    }
    return result;
  }

  async generate(prompt: Uint8Array, noise: Float32Array): Promise<Uint8Array> {
    const count = noise.length / this.#model.vocab_size, length = prompt.length + count;
    if (count > MAX_DRAWN || length > MAX_WRITTEN) {
      throw new RangeError(
        `${prompt.length} characters continued by ${count}; at most ${MAX_DRAWN} are drawn, to make ${MAX_WRITTEN}.`,
      );
    }
    this.#plan.write("written", Uint32Array.from(prompt));
    this.#plan.write("writing", Uint32Array.of(prompt.length, prompt.length));
    this.#plan.write("noise", new Float32Array(noise));
    for (let drawn = 0; drawn < count; drawn += CHARACTERS_PER_SUBMIT) {
      this.#run("generate", Math.min(CHARACTERS_PER_SUBMIT, count - drawn));
    }
    const [written] = await this.#read(["written"]);
    this.#drawn = count;
    return Uint8Array.from(new Uint32Array(written.buffer).subarray(prompt.length, length));
  }

  async expectations(): Promise<Expectations> {
    const count = this.#drawn, [expected, early] = await this.#read(EXPECTED);
    return {
      logits: expected.slice(0, count * this.#model.vocab_size),
      early: earlyRows(this.#model, early, count),
    };
  }

  observe(tokens: Uint8Array, heads_off?: Uint8Array): Promise<ForwardPass> {
    return this.#observer.observe(tokens, heads_off);
  }

  async norms(): Promise<UpdateNorms | null> {
    if (this.#norms === undefined) {
      if (this.#has("gather")) this.#run("gather");
      this.#norms = await this.#observer.norms();
    }
    return this.#norms;
  }

  save(): Promise<TrainingState> {
    return this.#state(this.#readback);
  }

  snapshot(): Promise<TrainingState> {
    const snapshot = this.#state(this.#snapshots);
    this.#snapshot = snapshot.catch(() => {});
    return snapshot;
  }

  /** The copies are submitted at once, so later iterations do not change them. */
  async #state(readback: GPUBuffer): Promise<TrainingState> {
    const iteration = this.#iteration, tensors = await readTensors(this.#open, this.#plan, STATE, readback);
    const [params, m, v] = tensors.map((tensor) => gathered(this.#model, tensor));
    return { iteration, params, m, v };
  }

  async load(state: TrainingState, batch_key = this.#options.batch_key): Promise<void> {
    checkState(state, this.#model, this.#options.run.training.iterations);
    this.#options = { ...this.#options, batch_key };
    for (const name of STATE) this.#plan.write(name, spread(this.#model, state[name]));
    this.#plan.write("counter", Uint32Array.of(state.iteration, batch_key));
    this.#iteration = state.iteration;
    this.#norms = null;
    this.#refresh();
    await this.#open.guard(this.#open.device.queue.onSubmittedWorkDone());
    await this.#snapshot; // the next one needs its buffer
  }

  dispose(): void {
    this.#observer.dispose();
    this.#plan.dispose();
    this.#buffers.forEach((buffer) => buffer.destroy());
    this.#open.dispose();
  }

  #has(program: string): boolean {
    return program in this.#plan.plan.programs;
  }

  /** A plan may keep a second copy of the weights, to be updated after they were written from outside. */
  #refresh(): void {
    if (this.#has("refresh")) this.#run("refresh");
  }

  get #model() {
    return this.#options.run.model;
  }

  /** Submits a program, `times` times. */
  #run(program: string, times = 1): void {
    this.#hand(new Array(times).fill(program), 1);
  }

  /**
   * Submits work in order: all in one submit, or each program in `pieces` submits, so that none keeps a slow GPU busy
   * for long. The results are the same: the GPU runs the same dispatches in the same order.
   */
  #hand(work: Work[], pieces: number): void {
    const { device } = this.#open, { plan } = this.#plan;
    const split = work.flatMap((item): Piece[] =>
      typeof item === "string" ? ranges(plan.programs[item].length, pieces).map((range) => [item, ...range]) : [item]
    );
    const submits = pieces === 1 ? [split] : split.map((piece) => [piece]);
    for (const submit of submits) {
      const encoder = device.createCommandEncoder();
      let pass: GPUComputePassEncoder | null = null;
      for (const piece of submit) {
        if (typeof piece === "function") {
          pass?.end();
          pass = null;
          piece(encoder);
        } else this.#plan.encode(pass ??= encoder.beginComputePass(), ...piece);
      }
      pass?.end();
      device.queue.submit([encoder.finish()]);
    }
  }

  #read(names: readonly string[]): Promise<Float32Array<ArrayBuffer>[]> {
    return readTensors(this.#open, this.#plan, names, this.#readback);
  }
}

/** Settles as `work` does, but resolves after `wait` milliseconds at the latest. */
async function firstOf(work: Promise<void>, wait: number): Promise<void> {
  if (wait === Infinity) return await work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([work, new Promise<void>((resolve) => timer = setTimeout(resolve, wait))]);
  clearTimeout(timer);
}
