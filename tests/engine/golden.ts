// Reference values from PyTorch in float64: recorded losses, gradients and weight updates, their inputs, and how far an
// engine's numbers are from them. record_golden.py writes the files and documents their contents. This file knows no
// engine, so every engine is compared with the same numbers.
import type { ModelConfig, TrainingConfig } from "../../engine/training/config.ts";
import { type Tensor, tensors } from "../../engine/training/params.ts";
import { hash32 } from "../../engine/training/rng.ts";
import adamw_file from "./golden/adamw.json" with { type: "json" };
import awkward_file from "./golden/awkward.json" with { type: "json" };
import lesson_file from "./golden/lesson.json" with { type: "json" };
import odd_heads_file from "./golden/odd_heads.json" with { type: "json" };

/** One tensor's recorded values g: either `elements` or `sketch` is present. */
export interface GoldenTensor {
  name: string;
  shape: number[];
  /** L2 norm of g. */
  norm: number;
  /** Relative L2 error of PyTorch's own float32, for comparison. */
  float32_error: number;
  /** Every element of g: little-endian f32 in base64. */
  elements?: string;
  /** Sums of g's elements under random signs, s_k = sum_i sign(k, i) g_i. */
  sketch?: number[];
}

/** What every golden file contains. */
export interface Golden {
  model: ModelConfig;
  /** Sequences in a batch (B). */
  batch_size: number;
  /** Widths of the uniform distributions from which the weights are drawn. */
  weight_ranges: { matrix: number; gain: number; bias: number };
  weights_checksum: number;
  /** Key of the tokens of step 0; step s has token_key + s. */
  token_key: number;
  /** Absolute error in the loss (the worst of several) of PyTorch's own float32, in nats, for comparison. */
  float32_error: number;
  /** In the order of the flat weight vector. */
  tensors: GoldenTensor[];
}

/** Loss and gradient of one batch; `tensors` contains the gradient of the loss. */
export interface GoldenGradient extends Golden {
  /** Mean over all B * T positions, in nats per character. */
  loss: number;
}

/** Ten AdamW updates at the start of the warm-up; `tensors` contains the weights after them minus those before. */
export interface GoldenAdamw extends Golden {
  training: TrainingConfig;
  /** Learning rates of the updates, in f32. */
  learning_rates: number[];
  /** Entry s: loss on step s's batch after s updates, in nats per character; one entry more than updates. */
  losses: number[];
}

/** The lesson's shape at B = 4, a small one with odd T, V and B, and one whose heads have nine channels. */
export const golden_gradients: Record<"lesson" | "awkward" | "odd_heads", GoldenGradient> = {
  lesson: lesson_file,
  awkward: awkward_file,
  odd_heads: odd_heads_file,
};

/** Ten updates at the lesson's shape, B = 4, on the lesson's schedule. */
export const golden_adamw: GoldenAdamw = adamw_file;

const WEIGHTS_KEY = 7;
const SKETCH_KEY = 13;
const CHECKSUM_KEY = 17;

/** The tensors of params.ts. @throws Error unless names and shapes are as recorded, so that no two are mixed up */
function checkedTensors(golden: Golden): Tensor[] {
  const list = tensors(golden.model);
  const describe = (all: { name: string; shape: number[] }[]) =>
    all.map(({ name, shape }) => `${name} [${shape}]`).join(", ");
  if (describe(list) !== describe(golden.tensors)) {
    throw new Error(`Expected the tensors ${describe(golden.tensors)}; params.ts gives ${describe(list)}.`);
  }
  return list;
}

/** XOR over i of hash32(17, i, bits of weight i), as an unsigned 32-bit number. */
function checksum(weights: Float32Array): number {
  const bits = new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
  return bits.reduce((sum, word, i) => sum ^ hash32(CHECKSUM_KEY, i, word), 0) >>> 0;
}

/**
 * The flat weight vector that the golden numbers belong to.
 * @throws Error unless it equals, bit for bit, the one used for the recording
 */
export function goldenWeights(golden: Golden): Float32Array<ArrayBuffer> {
  const list = checkedTensors(golden);
  const { offset, size } = list.at(-1)!;
  const weights = new Float32Array(offset + size);
  for (const { name, shape, offset, size } of list) {
    const kind = shape.length > 1 ? "matrix" : name.endsWith(".weight") ? "gain" : "bias";
    const base = kind === "gain" ? 1 : 0;
    const range = golden.weight_ranges[kind];
    for (let i = offset; i < offset + size; i++) {
      weights[i] = base + (hash32(WEIGHTS_KEY, i, 0) / 4294967296 - 0.5) * range;
    }
  }
  const sum = checksum(weights);
  if (sum !== golden.weights_checksum) {
    throw new Error(`The golden weights have checksum ${sum}; recorded with ${golden.weights_checksum}.`);
  }
  return weights;
}

/** One batch of tokens: `inputs` and `targets`, both [B, T], row by row. */
export interface Batch {
  inputs: Uint8Array<ArrayBuffer>;
  targets: Uint8Array<ArrayBuffer>;
}

/** The tokens of one step; gradients use those of step 0. */
export function goldenBatch(golden: Golden, step = 0): Batch {
  const { batch_size: B, model: { block_size: T, vocab_size: V } } = golden;
  const token = (row: number, column: number) => hash32(golden.token_key + step, row, column) % V;
  return {
    inputs: Uint8Array.from({ length: B * T }, (_, i) => token(Math.floor(i / T), i % T)),
    targets: Uint8Array.from({ length: B * T }, (_, i) => token(Math.floor(i / T), i % T + 1)),
  };
}

/** One tensor's distance from the recorded one. */
export interface RelativeError {
  tensor: string;
  /** |g - golden g| / |golden g|, L2; exact for `elements`, within about 9 % of its value for a `sketch`. */
  error: number;
  /** PyTorch float32's error in the same tensor. */
  float32_error: number;
}

/**
 * How far a flat vector (a gradient, or AdamW's change of the weights) is from the recorded one, tensor by tensor.
 * An infinite or NaN element gives an infinite or NaN error; reject it with `!(error < tolerance)`.
 * @param vector in the order of params.ts, with one number per weight
 */
export function relativeErrors(golden: Golden, vector: Float32Array | Float64Array): RelativeError[] {
  const list = checkedTensors(golden);
  const { offset, size } = list.at(-1)!;
  if (vector.length !== offset + size) {
    throw new RangeError(`Expected a vector of ${offset + size} numbers, got ${vector.length}.`);
  }
  return list.map(({ name, offset, size }, place) => {
    const recorded = golden.tensors[place];
    const values = vector.subarray(offset, offset + size);
    return {
      tensor: name,
      error: distance(values, recorded, place) / recorded.norm,
      float32_error: recorded.float32_error,
    };
  });
}

/** |values - recorded|, L2. */
function distance(values: Float32Array | Float64Array, recorded: GoldenTensor, place: number): number {
  if (recorded.elements !== undefined) return elementDistance(values, recorded.elements);
  if (recorded.sketch !== undefined) return sketchDistance(values, recorded.sketch, place);
  throw new Error(`${recorded.name} was recorded with neither elements nor a sketch.`);
}

function elementDistance(values: Float32Array | Float64Array, elements: string): number {
  const bytes = Uint8Array.from(atob(elements), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  if (view.byteLength !== 4 * values.length) {
    throw new RangeError(`Expected ${view.byteLength / 4} numbers, got ${values.length}.`);
  }
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - view.getFloat32(4 * i, true)) ** 2;
  return Math.sqrt(squares);
}

/** The mean squared difference of the sums estimates the squared distance of the vectors (Achlioptas, 2003). */
function sketchDistance(values: Float32Array | Float64Array, sketch: number[], place: number): number {
  let squares = 0;
  for (let k = 0; k < sketch.length; k++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      sum += hash32(SKETCH_KEY + place, k, i) >>> 31 ? -values[i] : values[i];
    }
    squares += (sum - sketch[k]) ** 2;
  }
  return Math.sqrt(squares / sketch.length);
}
