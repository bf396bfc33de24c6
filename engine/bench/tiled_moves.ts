// What the tiled plan's kernels load and store; moves.ts says how it counts.
import type { MovesOf } from "./moves.ts";

/** Columns of a tile; positions of a workgroup in attention. */
const TILE = 64, POSITIONS = 32;

/** @returns n rounded up to a multiple of `step` */
const up = (n: number, step: number) => Math.ceil(n / step) * step;

/** Positions that the workgroups of one head read: each its own, and all before them. */
function seen(T: number): number {
  let sum = 0;
  for (let end = POSITIONS; end < T + POSITIONS; end += POSITIONS) sum += Math.min(T, end);
  return sum;
}

/** The same for its own, and all after them. */
function seeing(T: number): number {
  let sum = 0;
  for (let begin = 0; begin < T; begin += POSITIONS) sum += T - begin;
  return sum;
}

export const tiled_moves: Record<string, MovesOf> = {
  // Keys and values are loaded with the positions that see them, each vector once for keys and once for values.
  "tiled/attention_backward_key": ({ T, HS }, [, heads, z]) => ({
    loads: heads * z * (2 * T * HS + seeing(T) * (2 * HS + 2)),
    stores: heads * z * T * HS,
  }),
  "tiled/attention_backward_query": ({ T, HS }, [, heads]) => ({
    loads: heads * (3 * T * HS + T + 2 * seen(T) * HS),
    stores: heads * T * (HS + 1),
  }),
  "tiled/attention_forward": ({ T, HS }, [, heads]) => ({
    loads: heads * (T * HS + 2 * seen(T) * HS),
    stores: heads * T * (HS + 1),
  }),
  "tiled/cross_entropy": ({ N, V, TRAINING }) => ({ loads: N * V + N, stores: N + TRAINING * N * up(V, TILE) }),
  "tiled/embedding_backward": ({ N, T, C, V }, [, parts]) => ({
    loads: N * Math.ceil(V * C / 4 / 64) + 2 * N * C,
    stores: parts * (V + T) * C,
  }),
  "tiled/head_backward": ({ N, C, V }, [x, y]) => ({ loads: x * N * up(V, 16) + y * V * C, stores: N * C }),
  "tiled/head_backward_weight": ({ N, C, V }, [x, y, parts]) => ({
    loads: x * N * up(V, TILE) + y * N * C + x * y * 2 * N + x * y * parts * 2 * TILE,
    stores: parts * V * C,
  }),
  "tiled/head_forward": ({ N, C, V }, [x, y]) => ({
    loads: x * N * C + x * 2 * N + x * y * 2 * C + y * V * C,
    stores: N * V,
  }),
  "tiled/layernorm_backward": ({ N, C, STREAM }, [x]) => ({
    loads: (2 + STREAM) * N * C + 2 * N + x * C,
    stores: N * C,
  }),
  "tiled/layernorm_backward_weight": ({ N, C }, [norms, parts]) => ({
    loads: norms * (2 * N * C + 2 * N),
    stores: norms * parts * 2 * C,
  }),
  "tiled/layernorm_matmul_forward": ({ N, K, M }, [x, y]) => ({
    loads: x * N * K + x * 2 * N + x * y * 2 * K + y * K * M,
    stores: N * M,
  }),
  "tiled/layernorm_statistics": ({ N, C }) => ({ loads: N * C, stores: 2 * N }),
  "tiled/matmul_backward": ({ N, K, M }, [x, y]) => ({ loads: x * N * M + y * K * M, stores: N * K }),
  "tiled/matmul_backward_gelu": ({ N, K, M }, [x, y]) => ({ loads: x * N * M + y * K * M + N * K, stores: N * K }),
  "tiled/matmul_backward_weight": ({ N, K, M, FROM, PARTS }, [x, y, z]) => {
    const from_layernorm = FROM === 1 ? x * y * (z / PARTS * 2 * N + z * 2 * TILE) : 0;
    return { loads: z / PARTS * N * (x * K + y * M) + from_layernorm, stores: z * K * M };
  },
  "tiled/matmul_forward": ({ N, K, M }, [x, y]) => ({ loads: x * N * K + y * K * M + N * M, stores: N * M }),
  "tiled/partials_sum": ({ SIZE, PARTS, C, V }) => ({ loads: PARTS * (SIZE + V * C), stores: SIZE }),
};
