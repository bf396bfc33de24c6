// What a run is: the shape of the model and how it is trained. Defaults and limits come from model.json,
// the one description that Python, TypeScript and, through TypeScript, C and WGSL read.
import description from "../model.json" with { type: "json" };

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
  /** Added to the variance before its root is taken. */
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
  /** Batches come from the first so many characters of the training text; null or left out: from all of it. */
  training_characters?: number | null;
  /** Last rate, as a fraction of the peak. */
  final_learning_rate_fraction: number;
  beta1: number;
  beta2: number;
  eps: number;
  weight_decay: number;
}

/** When and on how much validation text the loss is measured. */
export interface EvaluationConfig {
  /** Iterations between two measurements. */
  every: number;
  /** Evenly spaced windows of block_size characters. */
  windows: number;
  /** Part of the text that is trained on; the rest is validation text. */
  train_fraction: number;
  /** Whether the whole validation text is measured after the last update. */
  whole_at_end: boolean;
}

/** When the model is asked to write, and how. */
export interface SamplingConfig {
  every: number;
  /** Extra iterations at which it writes, before the first regular one. */
  early: number[];
  temperature: number;
  /** Length of the prompt, taken from the start of the validation text. */
  prompt_characters: number;
  /** Characters written. */
  characters: number;
  /** Characters written at the early iterations. */
  early_characters: number;
  /** For how long training rests while a sample is shown. */
  rest_ms: number;
}

/** Everything that decides a run, together with the text. */
export interface RunConfig {
  seed: string;
  model: ModelConfig;
  training: TrainingConfig;
  evaluation: EvaluationConfig;
  sampling: SamplingConfig;
  /** The four phase names, from the first to the last. */
  phases: string[];
}

/** The lesson's run, for a text with `vocab_size` distinct characters. */
export function defaultRun(vocab_size: number): RunConfig {
  const { model, training, evaluation, sampling, phases, seed } = structuredClone(description);
  return { seed, model: { ...model, vocab_size }, training, evaluation, sampling, phases };
}

/** A text, a size or a state that no engine can train; the message says which and why. */
export class UnsuitableError extends Error {}

/** @throws UnsuitableError naming the first value outside what both engines support. */
export function checkSizes(model: ModelConfig, batch_size: number): void {
  const { limits } = description;
  const ranges: [string, number, { min: number; max: number; step?: number }][] = [
    ["n_embd", model.n_embd, limits.n_embd],
    ["n_embd / n_head", model.n_embd / model.n_head, limits.head_size],
    ["block_size", model.block_size, limits.block_size],
    ["vocab_size", model.vocab_size, limits.vocab_size],
    ["n_layer", model.n_layer, limits.n_layer],
    ["batch_size", batch_size, limits.batch_size],
  ];
  for (const [name, value, { min, max, step = 1 }] of ranges) {
    if (!(value >= min && value <= max && value % step === 0)) {
      const steps = step === 1 ? "" : ` in steps of ${step}`;
      throw new UnsuitableError(`${name} is ${value}; the engine takes whole numbers from ${min} to ${max}${steps}.`);
    }
  }
}
