// The interface of an engine. The CPU and the WebGPU engine both implement it; trainer.ts uses nothing else of them.
import type { WebGpuErrorKind } from "../wording_of_failures.ts";
import type { RunConfig } from "./config.ts";
import type { IterationReport } from "./iteration_report.ts";
import type { Expectations, ForwardPass, UpdateNorms } from "./observation.ts";

/** The CPU engine's modules: "fma" rounds a product and its sum once, "base" rounds each of them; see cpu/modules.ts. */
export type CpuModule = "fma" | "base";

/** Everything that changes while a model is trained. */
export interface TrainingState {
  /** Weight updates made so far. */
  iteration: number;
  /** The flat vector of params.ts, and AdamW's two moments in the same order. */
  params: Float32Array<ArrayBuffer>;
  m: Float32Array<ArrayBuffer>;
  v: Float32Array<ArrayBuffer>;
}

/** What an engine needs before it can train. */
export interface BackendOptions {
  run: RunConfig;
  /** The whole text as vocabulary indices; batches are drawn from the first `training_length`. */
  tokens: Uint8Array<ArrayBuffer>;
  training_length: number;
  /** Key of the seed's "batches" stream. */
  batch_key: number;
  /** Per iteration: learning rate, 1 / (1 - beta1^t), 1 / (1 - beta2^t); see schedule.ts. */
  schedule: Float32Array<ArrayBuffer>;
  initial: TrainingState;
}

/** The first thing that went wrong in an engine with careless arithmetic. */
export interface Fault {
  where: "attention" | "gelu" | "softmax" | "logarithm";
  /** The exponent that overflowed f32, or NaN if the numbers were already NaN. */
  exponent: number;
}

/** How a run survived the loss of its graphics device, or wrong results from the graphics card. */
export type SurvivalNotice =
  | { kind: "device-lost"; iteration: number; reason: string }
  | { kind: "device-silent"; iteration: number; reason: string }
  | { kind: "device-error"; iteration: number; reason: string }
  | { kind: "device-back"; iteration: number; description: string }
  /** `cause` and `reason` say why no device is used; they correspond to a WebGpuError's kind and message. */
  | {
    kind: "cpu-instead";
    iteration: number;
    description: string;
    module: CpuModule | null;
    cause: WebGpuErrorKind;
    reason: string;
  }
  /** Results were wrong: the run goes back to `iteration`, and reports of later iterations do not count. */
  | {
    kind: "wrong-results";
    iteration: number;
    description: string;
    module: CpuModule | null;
    cause: WebGpuErrorKind;
    reason: string;
  };

/** The caller sets it to stop training; the engine reads it between two updates. */
export interface StopSignal {
  requested: boolean;
}

export interface Backend {
  readonly kind: "cpu" | "webgpu";
  /** Shown to the reader: "CPU engine, 2 Workers". */
  readonly description: string;
  /** Of the CPU engine; null on the graphics card. The same seed gives the same bytes on the same module. */
  readonly module: CpuModule | null;
  /** The graphics card as the browser names it: "NVIDIA H200". */
  readonly adapter?: string;
  /** Of the kernels that run there: a hash. The same seed gives the same bytes on the same card and kernels. */
  readonly revision?: string;
  /** Weight updates made so far. */
  readonly iteration: number;
  /** Milliseconds spent compiling kernels, once, before the first iteration. Missing if the engine compiles none. */
  readonly compile_ms?: number;
  /** The first fault, with careless arithmetic. */
  readonly fault?: Fault | null;
  /**
   * Trains up to iteration `until`, or until `stop` is requested. A few updates already under way then still count.
   * @param on_report called after each stretch of iterations, in order
   */
  train(until: number, on_report: (report: IterationReport) => void, stop: StopSignal): Promise<void>;
  /** Gradient of the mean loss over the sequences that start at `starts`, ordered as params.ts. Changes no state. */
  gradients(starts: Uint32Array): Promise<{ loss: number; gradients: Float32Array }>;
  /** @returns [starts.length, T]: -ln p, in nats, of the T characters that follow each start */
  evaluate(starts: Uint32Array): Promise<Float32Array>;
  /**
   * Continues a prompt; each character is the largest of logits + noise.
   * @param noise [characters, V], see sampling_noise.ts
   */
  generate(prompt: Uint8Array, noise: Float32Array): Promise<Uint8Array>;
  /** Of the characters that the last generate() appended, if no update was made since. */
  expectations(): Promise<Expectations>;
  /**
   * A forward pass over 1 to T characters. Changes no state.
   * @param heads_off [L NH]: 1 for each head whose output is replaced by zeros
   */
  observe(tokens: Uint8Array, heads_off?: Uint8Array): Promise<ForwardPass>;
  /** Of the last update, if that was the last of a call of train(); else null. */
  norms(): Promise<UpdateNorms | null>;
  /** A copy of the state. */
  save(): Promise<TrainingState>;
  /** Like save(), but training may go on before the copy arrives. One at a time. Absent where it would save no time. */
  snapshot?(): Promise<TrainingState>;
  /**
   * Continues from `state`; a `batch_key` switches to another stream of batches.
   * @throws UnsuitableError if the state does not fit this model; nothing has changed then
   */
  load(state: TrainingState, batch_key?: number): Promise<void>;
  /**
   * Only the CPU engine: goes on with the Workers that it was created with, and one more for each of `ports`.
   * @throws OutOfMemoryError if these get no memory; nothing has changed then
   */
  staff?(ports: MessagePort[]): Promise<void>;
  dispose(): void;
}
