// What the fused plan's kernels load and store; moves.ts says how it counts.
import type { Moves, MovesOf } from "./moves.ts";

/** The lesson's widths: channels, and those of the MLP. */
const C = 64, FF = 256;
/** Numbers in a layer's matrices, and in a LayerNorm's gain and bias. */
const QKV = C * 3 * C, O = C * C, FC = C * FF, PROJ = FF * C, NORM = 2 * C;

/** @param x how many workgroups there are @param sums what each loads and stores */
const times = (x: number, ...sums: Moves[]): Moves => ({
  loads: sums.reduce((sum, { loads }) => sum + x * loads, 0),
  stores: sums.reduce((sum, { stores }) => sum + x * stores, 0),
});

const nothing: Moves = { loads: 0, stores: 0 };

/** LayerNorm: reads gain and bias; for the backward pass, it writes its norm and a rstd for each row. */
const layernorm = (rows: number): Moves => ({ loads: NORM, stores: rows * (C + 1) });

/** Through a LayerNorm backward: reads its norm, rstds and gain, writes sums over 16 rows for those of gain and bias. */
const layernormBackward = (rows: number): Moves => ({ loads: rows * (C + 1) + C, stores: rows / 16 * NORM });

/** The next queries, keys and values. */
const queriesKeysValues = (rows: number): Moves => ({ loads: QKV, stores: rows * 3 * C });

/** mlp_backward.wgsl. */
const mlpBackward = (rows: number, NH: number): Moves =>
  times(1, layernormBackward(rows), {
    loads: PROJ + FC + O + rows * (FF + C), // GELU's input, and the mixed values
    stores: rows * (FF + 3 * C + NH), // its gradient, dx twice, dmixed, and means
  });

/**
 * Rows that a workgroup's attention reads, averaged over workgroups: its own and all before them in the sequence, or its
 * own and all after.
 */
const attended = (rows: number, T: number): number => (T + rows) / 2;

/**
 * head.wgsl's touch(): of each eight of the transposed weights, one workgroup reads the first four. Those that it reads
 * anyway are not counted again: the head, as it is and transposed, LN_f, and the last layer's MLP, O and LN_2's gain.
 */
function touched(constants: Record<string, number>, x: number): number {
  const { ROWS, L, FIRST_LAYER, LAYER_SIZE, LN_F, TRANSPOSED_4, WTE_TRANSPOSED } = constants;
  const { ATTN_PROJ, LN_2, FC: fc, MLP_PROJ } = constants;
  const last = FIRST_LAYER + (L - 1) * LAYER_SIZE, all = 4 * TRANSPOSED_4, end = Math.min(all, 8 * 16 * ROWS * x);
  const anyway = [
    [0, all - WTE_TRANSPOSED],
    [WTE_TRANSPOSED, all - WTE_TRANSPOSED],
    [LN_F, NORM],
    [last + ATTN_PROJ, O],
    [last + LN_2, C],
    [last + fc, FC],
    [last + MLP_PROJ, PROJ],
  ];
  return anyway.reduce((sum, [at, size]) => sum - Math.max(0, Math.min(end, at + size) - at), end) / 2;
}

export const fused_moves: Record<string, MovesOf> = {
  "fused/block_backward": ({ ROWS, T, NH }, [x], l) =>
    times(
      x,
      // Keys and values of its own and earlier rows; queries, dmixed, lse and means of its own and later rows; dx.
      { loads: 1 + attended(ROWS, T) * (4 * C + 2 * NH) + ROWS * C + QKV, stores: ROWS * 4 * C },
      layernormBackward(ROWS),
      l > 0 ? mlpBackward(ROWS, NH) : nothing,
    ),
  "fused/block_forward": ({ ROWS, T, NH, L }, [x], l) =>
    times(
      x,
      // Keys and values; queries and the stream.
      { loads: 1 + attended(ROWS, T) * 2 * C + ROWS * 2 * C + O + FC + PROJ, stores: ROWS * (2 * C + NH + FF) },
      layernorm(ROWS),
      ...(l + 1 < L ? [layernorm(ROWS), queriesKeysValues(ROWS)] : []),
    ),
  // For batches, not for what the model writes: a number of text for each four rows, and one more. To draw the batch it reads two numbers, and stores one of them again.
  "fused/embedding_forward": ({ ROWS, FROM }, [x]) => {
    const drawn = FROM === 0,
      { loads, stores } = times(
        x,
        { loads: ROWS / 4 + 1 + (drawn ? 2 : 1) + ROWS * 2 * C, stores: ROWS * (2 + C) },
        layernorm(ROWS),
        queriesKeysValues(ROWS),
      );
    return { loads, stores: stores + Number(drawn) };
  },
  "fused/head": (constants, [x]) => {
    const { ROWS, NH, V, TRAINING } = constants, head = C * 4 * Math.ceil(V / 4);
    const { loads, stores } = times(
      x,
      { loads: ROWS * (C + 1) + NORM + head, stores: ROWS * (1 + V) },
      // The backward pass has already read LN_f's gain; it reads the norm and rstds that this kernel stored.
      ...(TRAINING
        ? [{ loads: head + ROWS * (C + 1), stores: ROWS * (2 * C + 1) + ROWS / 16 * NORM }, mlpBackward(ROWS, NH)]
        : []),
    );
    return { loads: loads + (TRAINING ? touched(constants, x) : 0), stores };
  },
  "fused/update_and_finish": ({ SIZE, N, V, PARTS }, [x]) => ({
    loads: 5 * (x - 1) + 3 * SIZE + PARTS * (SIZE + V * C) + N + 1,
    stores: 4 * SIZE + V * C + 2,
  }),
  "fused/weights_backward": ({ N, V, L, WTE_SQUARES, T, SETS }, [, parts]) => {
    const NORMS = 2 * L + 1, in_layer = 12 * (2 * N * C + parts * NORM);
    const head = WTE_SQUARES * (N + N * C + parts * NORM) + N * V;
    const embedding = WTE_SQUARES * (N + N * C + parts * NORM);
    return {
      loads: L * in_layer + head + embedding + N * C + NORMS * SETS * NORM,
      stores: parts * (L * (QKV + O + FC + PROJ) + 2 * V * C + T * C + NORMS * NORM),
    };
  },
};
