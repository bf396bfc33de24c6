// The sizes of a model and its batch, under the names that the kernels use.
import type { BackendOptions } from "../training/backend.ts";

/**
 * N: rows of a batch, B T. HS: channels of a head. FF: channels of the MLP's hidden layer. The rest as in model.json.
 */
export interface Sizes {
  B: number;
  T: number;
  N: number;
  C: number;
  NH: number;
  HS: number;
  V: number;
  FF: number;
  L: number;
  /** Long sums over rows are split into PARTS parts of PART_ROWS rows. */
  PART_ROWS: number;
  PARTS: number;
}

/** Rows per part at least, and parts at most: enough parts to keep a GPU busy, few enough to add up quickly. */
const ROWS_PER_PART = 256, MAX_PARTS = 16;

export function sizesOf({ run: { model, training } }: BackendOptions): Sizes {
  const { n_layer: L, n_head: NH, n_embd: C, block_size: T, vocab_size: V, mlp_ratio } = model;
  const B = training.batch_size, N = B * T;
  const parts = Math.min(MAX_PARTS, Math.ceil(N / ROWS_PER_PART));
  const PART_ROWS = Math.ceil(N / parts / 16) * 16;
  return { B, T, N, C, NH, HS: C / NH, V, FF: mlp_ratio * C, L, PART_ROWS, PARTS: Math.ceil(N / PART_ROWS) };
}
