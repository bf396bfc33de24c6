// What an engine can do. The CPU engine and the WebGPU engine both stand behind this; trainer.ts knows no other word.
import type { WebGpuErrorKind } from "../wording.ts";
import type { RunConfig } from "./config.ts";
import type { IterationReport } from "./report.ts";

/** Everything that changes while a model is trained. */
export interface TrainingState {
  /** Weight updates made so far. */
  iteration: number;
  /** The flat vector of params.ts, and AdamW's two moments, alike in order. */
  params: Float32Array<ArrayBuffer>;
  m: Float32Array<ArrayBuffer>;
  v: Float32Array<ArrayBuffer>;
}

/** What an engine needs to begin. */
export interface BackendOptions {
  run: RunConfig;
  /** The whole text as vocabulary indices; batches are drawn from the first `training_length`. */
  tokens: Uint8Array<ArrayBuffer>;
  training_length: number;
  /** The "batches" stream of the seed. */
  batch_key: number;
  /** Per iteration: learning rate, 1 / (1 - beta1^t), 1 / (1 - beta2^t); see schedule.ts. */
  schedule: Float32Array<ArrayBuffer>;
  initial: TrainingState;
}

/** The first thing that went wrong in an engine with careless arithmetic. */
export interface Fault {
  where: "attention" | "gelu" | "softmax" | "logarithm";
  /** The exponent that was too large for an f32, or NaN where the numbers had been lost before. */
  exponent: number;
}

/** How an engine on a graphics card survived its device, or the card's wrong results. */
export type SurvivalNotice =
  | { kind: "device-lost"; iteration: number; reason: string }
  | { kind: "device-silent"; iteration: number; reason: string }
  | { kind: "device-error"; iteration: number; reason: string }
  | { kind: "device-back"; iteration: number; description: string }
  /** `cause` and `reason` say why no device is used, as a WebGpuError does. */
  | { kind: "cpu-instead"; iteration: number; description: string; cause: WebGpuErrorKind; reason: string }
  /** Results were wrong: the run goes back to `iteration`, and what was reported after it does not count. */
  | { kind: "wrong-results"; iteration: number; description: string; cause: WebGpuErrorKind; reason: string };

/** Set by whoever wants training to end; read by the engine between two updates. */
export interface StopSignal {
  requested: boolean;
}

export interface Backend {
  readonly kind: "cpu" | "webgpu";
  /** For the reader: "CPU engine, 2 Workers". */
  readonly description: string;
  /** The graphics card as the browser names it: "NVIDIA H200". */
  readonly adapter?: string;
  /** Weight updates made so far. */
  readonly iteration: number;
  /** What compiling its kernels took, once, before the first iteration; an engine that compiles none has no such time. */
  readonly compile_ms?: number;
  /** With careless arithmetic: what went wrong first. */
  readonly fault?: Fault | null;
  /**
   * Trains up to iteration `until`, or until `stop` is requested; then a few updates that are under way still count.
   * @param on_report called with each stretch of iterations that is done, in order
   */
  train(until: number, on_report: (report: IterationReport) => void, stop: StopSignal): Promise<void>;
  /** Gradient of the mean loss over the sequences that start at `starts`, in the order of params.ts. Changes nothing. */
  gradients(starts: Uint32Array): Promise<{ loss: number; gradients: Float32Array }>;
  /** @returns [starts.length, T]: -ln p, in nats, of the T characters that follow each start */
  evaluate(starts: Uint32Array): Promise<Float32Array>;
  /**
   * Continues a prompt; each character is the largest of logits + noise.
   * @param noise [characters, V], see sampling_noise.ts
   */
  generate(prompt: Uint8Array, noise: Float32Array): Promise<Uint8Array>;
  /** A copy of the state. */
  save(): Promise<TrainingState>;
  /**
   * Goes on from `state`, with batches from another stream where a key is given.
   * @throws UnsuitableError where the state is not one of this model, and changes nothing then
   */
  load(state: TrainingState, batch_key?: number): Promise<void>;
  dispose(): void;
}
