// Runs for checks: shapes, made-up texts, and options for backends.
import type { BackendOptions } from "../../../engine/training/backend.ts";
import { defaultRun, type ModelConfig } from "../../../engine/training/config.ts";
import { countParameters, initialWeights } from "../../../engine/training/params.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { scheduleTable } from "../../../engine/training/schedule.ts";
import { type Golden, goldenBatch, goldenWeights } from "../golden.ts";

export interface Shape {
  B: number;
  T: number;
  C: number;
  NH: number;
  V: number;
  L: number;
}

/** The lesson's widths, and sizes that are not multiples of any tile or workgroup. */
export const shapes: Record<string, Shape> = {
  lesson: { B: 1, T: 64, C: 64, NH: 4, V: 65, L: 1 },
  odd: { B: 3, T: 63, C: 48, NH: 2, V: 11, L: 1 },
  narrow: { B: 1, T: 8, C: 16, NH: 2, V: 2, L: 1 },
  wide: { B: 2, T: 9, C: 144, NH: 16, V: 256, L: 1 },
};

/** Small enough to train within seconds without a GPU. */
export const small: Shape = { B: 2, T: 16, C: 32, NH: 2, V: 19, L: 2 };

export function modelOf({ T, C, NH, V, L }: Shape): ModelConfig {
  const { model } = defaultRun(V);
  return { ...model, n_layer: L, n_head: NH, n_embd: C, block_size: T, vocab_size: V };
}

/** A text whose next character mostly depends on the previous one, so that there is something to learn. */
export function madeUpText(length: number, V: number, key = 3): Uint8Array<ArrayBuffer> {
  const text = new Uint8Array(length);
  for (let i = 1; i < length; i++) {
    const word = hash32(key, i, 0);
    text[i] = word % 4 === 0 ? (word >>> 8) % V : (text[i - 1] * 7 + 3) % V;
  }
  return text;
}

/** A run on a made-up text, training on nine tenths of it. */
export function optionsOf(shape: Shape, iterations = 60, text_length = 2000): BackendOptions {
  const model = modelOf(shape), run = { ...defaultRun(shape.V), model };
  run.training = { ...run.training, batch_size: shape.B, iterations, warmup_iterations: 10 };
  const params = initialWeights(model, 21), size = countParameters(model);
  return {
    run,
    tokens: madeUpText(text_length, shape.V),
    training_length: Math.floor(text_length * 0.9),
    batch_key: 0x9e3779b9,
    schedule: scheduleTable(run.training),
    initial: { iteration: 0, params, m: new Float32Array(size), v: new Float32Array(size) },
  };
}

/** A run whose text consists of a golden file's batches, step by step; `starts(step)` says where they begin. */
export function goldenOptions(
  golden: Golden,
  steps = 1,
): { options: BackendOptions; starts(step: number): Uint32Array } {
  const { model, batch_size: B } = golden, T = model.block_size, row = T + 1;
  const tokens = new Uint8Array(steps * B * row);
  for (let step = 0; step < steps; step++) {
    const { inputs, targets } = goldenBatch(golden, step);
    for (let b = 0; b < B; b++) {
      tokens.set(inputs.subarray(b * T, b * T + T), (step * B + b) * row);
      tokens[(step * B + b) * row + T] = targets[b * T + T - 1];
    }
  }
  const run = { ...defaultRun(model.vocab_size), model };
  run.training = { ...run.training, ...(golden as { training?: typeof run.training }).training, batch_size: B };
  const params = goldenWeights(golden);
  const zeros = () => new Float32Array(params.length);
  return {
    options: {
      run,
      tokens,
      training_length: tokens.length,
      batch_key: 1,
      schedule: scheduleTable(run.training),
      initial: { iteration: 0, params, m: zeros(), v: zeros() },
    },
    starts: (step) => Uint32Array.from({ length: B }, (_, b) => (step * B + b) * row),
  };
}
