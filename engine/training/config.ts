// The configuration of a run: the model's shape and how it is trained. Defaults and limits come from model.json, which
// Python, TypeScript and (through TypeScript) C and WGSL all read.
import description from "../model.json" with { type: "json" };
import { type Unsuitable, unsuitableText } from "../wording_of_failures.ts";

/** The transformer's shape, in nanoGPT's names. */
export interface ModelConfig {
  /** Transformer blocks. */
  n_layer: number;
  /** Attention heads; n_embd is a multiple of it. */
  n_head: number;
  /** Channels of the residual stream (C). */
  n_embd: number;
  /** Context length in characters (T). */
  block_size: number;
  /** Distinct characters (V). */
  vocab_size: number;
  /** Width of the MLP's hidden layer, in multiples of n_embd. */
  mlp_ratio: number;
  /** Added to the variance before the square root. */
  layer_norm_eps: number;
  /** Standard deviation of the initial weights. */
  init_std: number;
}

/** How the weights are trained: AdamW on a warm-up and cosine schedule. */
export interface TrainingConfig {
  /** Planned number of weight updates. */
  iterations: number;
  /** Sequences per iteration (B). */
  batch_size: number;
  /** Peak of the schedule. */
  learning_rate: number;
  /** Iterations over which the rate climbs to its peak. */
  warmup_iterations: number;
  /** Batches come from this many characters at the start of the training text; null or missing: from all of it. */
  training_characters?: number | null;
  /** Final rate, as a fraction of the peak. */
  final_learning_rate_fraction: number;
  beta1: number;
  beta2: number;
  eps: number;
  weight_decay: number;
}

/** When and on how much validation text the loss is measured. */
export interface EvaluationConfig {
  /** Iterations between measurements. */
  every: number;
  /** Number of evenly spaced windows of block_size characters. */
  windows: number;
  /** Fraction of the text used for training; the rest is validation text. */
  train_fraction: number;
  /** Whether to measure the whole validation text after the last update. */
  whole_at_end: boolean;
}

/** When and how the model writes samples. */
export interface SamplingConfig {
  /** Iterations between samples. */
  every: number;
  /** Extra iterations at which it writes, before the first regular sample. */
  early: number[];
  temperature: number;
  /** Length of the prompt, taken from the start of the validation text. */
  prompt_characters: number;
  /** Characters written in a regular sample. */
  characters: number;
  /** Characters written at the early iterations. */
  early_characters: number;
  /** How long training pauses while a sample is shown. */
  rest_ms: number;
}

/** Together with the text, everything that determines a run. */
export interface RunConfig {
  seed: string;
  model: ModelConfig;
  training: TrainingConfig;
  evaluation: EvaluationConfig;
  sampling: SamplingConfig;
  /** The names of the four phases, in order. */
  phases: string[];
}

/** The lesson's run, for a text with `vocab_size` distinct characters. */
export function defaultRun(vocab_size: number): RunConfig {
  const { model, training, evaluation, sampling, phases, seed } = structuredClone(description);
  return { seed, model: { ...model, vocab_size }, training, evaluation, sampling, phases };
}

/** The engines' limits, which only model.json defines. One more follows from the code: a token is one byte. */
export const LIMITS = description.limits;

/** A text, size or state that no engine can train; the message says which and why. */
export class UnsuitableError extends Error {
  constructor(what: Unsuitable) {
    super(unsuitableText(what));
  }
}

/** @throws UnsuitableError naming the first value that the engines do not support. */
export function checkSizes(model: ModelConfig, batch_size: number): void {
  const ranges: [string, number, { min: number; max: number; step?: number }][] = [
    ["n_embd", model.n_embd, LIMITS.n_embd],
    ["n_embd / n_head", model.n_embd / model.n_head, LIMITS.head_size],
    ["block_size", model.block_size, LIMITS.block_size],
    ["vocab_size", model.vocab_size, LIMITS.vocab_size],
    ["n_layer", model.n_layer, LIMITS.n_layer],
    ["batch_size", batch_size, LIMITS.batch_size],
  ];
  for (const [name, value, { min, max, step = 1 }] of ranges) {
    if (!(value >= min && value <= max && value % step === 0)) {
      throw new UnsuitableError({ kind: "size", name, value, min, max, step });
    }
  }
}
