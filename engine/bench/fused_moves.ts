// What the fused plan's kernels load and store; moves.ts says how it counts.
import type { Moves, MovesOf } from "./moves.ts";

/** The lesson's widths: channels, those of a head, and of the MLP. */
const C = 64, HS = 16, FF = 256;
/** Rows of a workgroup. */
const ROWS = 16;
/** Numbers in a layer's matrices, and in a LayerNorm's gain and bias. */
const QKV = C * 3 * C, O = C * C, FC = C * FF, PROJ = FF * C, NORM = 2 * C;
/** Numbers in a row of the stream, of queries, keys and values, and of the MLP; times the rows of a workgroup. */
const STREAM = ROWS * C, STREAM_3 = 3 * STREAM, HIDDEN = ROWS * FF;

/** @param x how many workgroups there are @param sums what each loads and stores */
const times = (x: number, ...sums: Moves[]): Moves => ({
  loads: sums.reduce((sum, { loads }) => sum + x * loads, 0),
  stores: sums.reduce((sum, { stores }) => sum + x * stores, 0),
});

const nothing: Moves = { loads: 0, stores: 0 };
/** LayerNorm, for the backward pass too: reads gain and bias, writes `norms` and `rstds`. */
const layernorm: Moves = { loads: NORM, stores: STREAM + ROWS };
/** Through a LayerNorm backward: reads `norms`, `rstds` and the gain, writes its output's gradient. */
const layernorm_backward: Moves = { loads: STREAM + ROWS + C, stores: STREAM };
const queries_keys_values: Moves = { loads: QKV, stores: STREAM_3 };

/** Rows of four characters from the first, and the target of the last: numbers in the text. */
const TEXT = ROWS / 4 + 1;

export const fused_moves: Record<string, MovesOf> = {
  "fused/adamw_update_partials": ({ SIZE, V, PARTS }, [x]) => ({
    loads: 5 * x + SIZE / 64 + 3 * SIZE + PARTS * (SIZE + V * C),
    stores: 4 * SIZE + V * C,
  }),
  "fused/attention_backward": ({ T }, [x]) => times(x, { loads: 1 + 5 * T * HS + T, stores: 3 * T * HS }),
  "fused/attention_forward": ({ T }, [x]) => times(x, { loads: 1 + 3 * T * HS, stores: T * HS + T }),
  "fused/block_backward": ({ FROM_QKV, THROUGH_MLP }, [x]) => {
    const through_qkv: Moves = { loads: STREAM_3 + QKV, stores: 0 };
    const through_mlp: Moves = { loads: PROJ + HIDDEN + FC + O, stores: HIDDEN + 3 * STREAM };
    return times(
      x,
      { loads: 1 + STREAM, stores: STREAM },
      ...(FROM_QKV ? [through_qkv, layernorm_backward] : []),
      ...(THROUGH_MLP ? [through_mlp, layernorm_backward] : []),
    );
  },
  "fused/block_forward": ({ L }, [x], l) =>
    times(
      x,
      { loads: 1 + 2 * STREAM + O + FC + PROJ, stores: 2 * HIDDEN + STREAM },
      layernorm,
      ...(l + 1 < L ? [layernorm, queries_keys_values] : []),
    ),
  "fused/embedding_forward": (_, [x]) =>
    times(x, { loads: TEXT + 1 + 2 * STREAM, stores: 2 * ROWS + STREAM }, layernorm, queries_keys_values),
  "fused/head": ({ V, TRAINING }, [x]) =>
    times(
      x,
      { loads: STREAM + NORM + C * 4 * Math.ceil(V / 4) + ROWS, stores: ROWS + ROWS * V },
      TRAINING ? { loads: C * 4 * Math.ceil(V / 4), stores: STREAM + ROWS + 2 * STREAM } : nothing,
    ),
  "fused/iteration_finish_draw": ({ N, B }) => ({ loads: N + 2, stores: B + 2 }),
  "fused/weights_backward": ({ N, V, L, WTE_SQUARES, T }, [, parts]) => {
    const NORMS = 2 * L + 1;
    const in_layer = 12 * 2 * N * C + parts * 7 * NORM;
    const head = WTE_SQUARES * (N + N * C + parts * NORM) + N * V, embedding = WTE_SQUARES * (N + N * C);
    return {
      loads: L * in_layer + head + embedding + N * C + NORMS * 2 * N * C,
      stores: parts * (L * (QKV + O + FC + PROJ) + 2 * V * C + T * C + NORMS * NORM),
    };
  },
};
