// What the tiled plan's kernels load and store; moves.ts says how it counts.
import type { MovesOf } from "./moves.ts";
import { overWorkgroups, spans } from "./plain_moves.ts";

/** Columns of a tile. */
const TILE = 64;

/** @returns n rounded up to a multiple of `step` */
const up = (n: number, step: number) => Math.ceil(n / step) * step;

/** Positions that one head's workgroups read, each with `each` positions: its own, and all before them. */
function seen(T: number, each: number): number {
  let sum = 0;
  for (let end = each; end < T + each; end += each) sum += Math.min(T, end);
  return sum;
}

/** The same for its own, and all after them. */
function seeing(T: number, each: number): number {
  let sum = 0;
  for (let begin = 0; begin < T; begin += each) sum += T - begin;
  return sum;
}

/** Numbers in the moments of N rows, and in their statistics. */
const moments = (N: number, C: number) => 2 * N * C / TILE, statistics = (N: number) => 2 * N;

export const tiled_moves: Record<string, MovesOf> = {
  "tiled/adamw_update": ({ SIZE, PARTS, C, V }, [x]) => ({
    loads: 5 * x + SIZE / 64 + 3 * SIZE + PARTS * (SIZE + V * C),
    stores: 3 * SIZE,
  }),
  // Keys and values of its own and earlier positions; queries, dmixed, mixed and lse of its own and later ones.
  "tiled/attention_backward": ({ T, HS }, [, heads]) => ({
    loads: heads * (seen(T, 64) * 2 * HS + seeing(T, 64) * (3 * HS + 1)),
    stores: heads * 3 * T * HS,
  }),
  "tiled/attention_forward": ({ T, HS }, [, heads]) => ({
    loads: heads * (T * HS + 2 * seen(T, 32) * HS),
    stores: heads * T * (HS + 1),
  }),
  // For batches, not for what the model writes.
  "tiled/embedding_forward": ({ N, T, C }) => ({
    loads: 2 * spans(N, 16, T) + overWorkgroups(N, 16, (rows) => Math.ceil(rows / 4) + (rows + Math.min(rows, T)) * C),
    stores: 2 * N + N * C + moments(N, C),
  }),
  "tiled/head_backward": ({ N, C, V, TRAINING }, [x]) => ({
    loads: N * V + N + TRAINING * (x * (V * C + C) + N * C),
    stores: N + TRAINING * (N * up(V, 4) + 2 * N * C),
  }),
  "tiled/head_forward": ({ N, C, V }, [x, y]) => ({
    loads: x * (N * C + moments(N, C)) + x * y * 2 * C + y * V * C,
    stores: statistics(N) + N * V,
  }),
  "tiled/iteration_finish_draw": ({ N, B }) => ({ loads: N + 2, stores: B + 2 }),
  "tiled/layernorm_backward": ({ N, C }, [x]) => ({
    loads: 3 * N * C + statistics(N) + x * C,
    stores: N * C,
  }),
  "tiled/layernorm_matmul_forward": ({ N, C, M }, [x, y]) => ({
    loads: x * (N * C + moments(N, C)) + x * y * 2 * C + y * C * M,
    stores: statistics(N) + N * M,
  }),
  "tiled/matmul_backward": ({ N, K, M }, [x, y]) => ({ loads: x * N * M + y * K * M, stores: N * K }),
  "tiled/matmul_backward_gelu": ({ N, K, M }, [x, y]) => ({ loads: x * N * M + y * K * M + N * K, stores: N * K }),
  "tiled/matmul_backward_layernorm": ({ N, M }, [, y]) => ({
    loads: N * M + y * TILE * (M + 1) + 2 * N * TILE + statistics(N),
    stores: 2 * N * TILE,
  }),
  "tiled/matmul_backward_weight": ({ N, C, K, M }, [, layers, parts]) => {
    const first = (C / TILE) * N * K + (K / TILE) * N * C, second = (M / TILE) * N * C + (C / TILE) * N * M;
    const through_norm = M / TILE * C / TILE * (statistics(N) + parts * 2 * TILE);
    return { loads: layers * (first + second + through_norm), stores: layers * parts * (K * C + C * M) };
  },
  "tiled/matmul_forward": ({ N, K, C }, [x, y]) => ({
    loads: x * N * K + y * K * C + N * C,
    stores: N * C + moments(N, C),
  }),
  "tiled/partials_sum": ({ SIZE, PARTS, C, V }) => ({ loads: PARTS * (SIZE + V * C), stores: SIZE }),
  "tiled/vectors_backward_weight": ({ N, T, C, L }, [x, , parts]) => ({
    loads: (2 * L + 1) * (2 * N * C + x * statistics(N)) + N * C,
    stores: parts * ((2 * L + 1) * 2 * C + T * C),
  }),
  "tiled/wte_backward": ({ N, C, V }, [x, y, parts]) => {
    const squares = x * y / 2; // for each of the two
    const head = x * N * up(V, TILE) + y / 2 * N * C + squares * (statistics(N) + parts * 2 * TILE);
    return { loads: head + squares * N + y / 2 * N * C, stores: parts * 2 * V * C };
  },
};
