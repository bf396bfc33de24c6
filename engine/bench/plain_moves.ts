// What the plain plan's kernels load and store, and those that other plans share with it; moves.ts says how it counts.
import type { MovesOf } from "./moves.ts";

/** Side of the squares that a workgroup of the matmul kernels computes, and of attention's scores. */
const MATMUL_SIDE = 32, SCORES_SIDE = 16;

/**
 * @param count numbers, divided among workgroups of `size` each
 * @returns the sum over all workgroups of how many different values floor(i / width) has
 */
export function spans(count: number, size: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += size) {
    sum += Math.floor((Math.min(count, i + size) - 1) / width) - Math.floor(i / width) + 1;
  }
  return sum;
}

/** @returns the sum over workgroups of of(n), where n is how many of `count` numbers a workgroup of `size` has */
export function overWorkgroups(count: number, size: number, of: (numbers: number) => number): number {
  const whole = Math.floor(count / size), rest = count % size;
  return whole * of(size) + (rest > 0 ? of(rest) : 0);
}

/** Numbers read and written one by one: `reads` and `writes` tensors of `SIZE`. */
const elementwise = (reads: number, writes: number): MovesOf => ({ SIZE }) => ({
  loads: reads * SIZE,
  stores: writes * SIZE,
});

/** out [rows, columns] = left [rows, terms] times right [terms, columns], where each workgroup has a square of out. */
function product(rows: number, terms: number, columns: number): number {
  const across = Math.ceil(columns / MATMUL_SIDE), down = Math.ceil(rows / MATMUL_SIDE);
  return across * rows * terms + down * terms * columns;
}

/** Pairs of a position and one that it sees. */
const pairs = (T: number) => T * (T + 1) / 2;

/** A workgroup has a square of scores, and computes those with j <= t: from HS channels at each t and at each j. */
const scores: MovesOf = ({ T, HS }, [x, y, heads]) => {
  let vectors = 0;
  for (let j = 0; j < x * SCORES_SIDE; j += SCORES_SIDE) {
    for (let t = 0; t < y * SCORES_SIDE; t += SCORES_SIDE) {
      const end = Math.min(T, t + SCORES_SIDE);
      vectors += Math.max(0, end - Math.max(t, j)) + Math.max(0, Math.min(end, j + SCORES_SIDE) - j);
    }
  }
  return { loads: heads * vectors * HS, stores: heads * pairs(T) };
};

/**
 * An invocation has one channel of one position. At each position that its own sees, or that sees its own, it reads a
 * weight of its head and that channel of a vector. Invocations of a workgroup with the same channel and sequence read the
 * same vectors.
 */
const sumOverPositions = (seen: boolean): MovesOf => ({ N, T, NH, HS }) => {
  const C = NH * HS, size = 256;
  let loads = 0;
  for (let begin = 0; begin < N * C; begin += size) {
    const end = Math.min(N * C, begin + size), rows: { n: number; from: number; to: number }[] = [];
    for (let n = Math.floor(begin / C); n * C < end; n++) {
      rows.push({ n, from: Math.max(0, begin - n * C), to: Math.min(C, end - n * C) });
    }
    if (seen) rows.reverse(); // in a sequence, the row that reads most vectors comes first
    let sequence = -1, from = 0, to = 0; // channels whose vectors are counted
    for (const row of rows) {
      const terms = seen ? row.n % T + 1 : T - row.n % T;
      if (Math.floor(row.n / T) !== sequence) {
        sequence = Math.floor(row.n / T);
        from = to = row.from;
      }
      const overlap = Math.max(0, Math.min(to, row.to) - Math.max(from, row.from));
      const heads = Math.ceil(row.to / HS) - Math.floor(row.from / HS);
      loads += terms * (heads + row.to - row.from - overlap);
      [from, to] = [Math.min(from, row.from), Math.max(to, row.to)];
    }
  }
  return { loads, stores: N * C };
};

export const plain_moves: Record<string, MovesOf> = {
  adamw_update: ({ SIZE }, [x]) => ({ loads: 5 * x + SIZE / 64 + 4 * SIZE, stores: 3 * SIZE }),
  attention_backward_att: scores,
  attention_backward_key: sumOverPositions(false),
  attention_backward_query: sumOverPositions(true),
  attention_backward_softmax: ({ ROWS, T }) => ({ loads: 2 * ROWS / T * pairs(T), stores: ROWS / T * pairs(T) }),
  attention_backward_value: sumOverPositions(false),
  attention_forward_mix: sumOverPositions(true),
  attention_forward_scores: scores,
  attention_forward_softmax: ({ ROWS, T }) => ({ loads: ROWS / T * pairs(T), stores: ROWS / T * pairs(T) }),
  batch_draw: ({ B }, [x]) => ({ loads: 2 * x, stores: B }),
  // A run of characters in the text, one more than there are rows; four of them make a number.
  batch_gather: ({ B, T }) => ({
    loads: spans(B * T, 64, T) + overWorkgroups(B * T, 64, (rows) => spans(rows, T, T) + Math.ceil(rows / 4)),
    stores: 2 * B * T,
  }),
  cross_entropy_backward: ({ N, V }) => ({ loads: N * V + 2 * spans(N * V, 256, V), stores: N * V }),
  cross_entropy_forward: ({ N, V }) => ({ loads: N * V + N, stores: 2 * N }),
  embedding_backward_position: ({ B, T, C }) => ({ loads: B * T * C, stores: T * C }),
  embedding_backward_token: ({ N, C, V }, [x, , parts]) => ({ loads: x * N + N * C, stores: parts * V * C }),
  embedding_forward: ({ N, T, C }) => ({
    loads: spans(N * C, 256, C) + N * C + overWorkgroups(N * C, 256, (numbers) => Math.min(numbers, T * C)),
    stores: N * C,
  }),
  gelu_backward: elementwise(2, 1),
  gelu_forward: elementwise(1, 1),
  iteration_finish: ({ N }) => ({ loads: N + 1, stores: 2 }),
  layernorm_backward: ({ N, C }, [x]) => ({ loads: 2 * N * C + 2 * N + x * C, stores: N * C }),
  layernorm_backward_weight: ({ N, C, STRIDE }, [, , parts]) => ({
    loads: 2 * N * C + 2 * N * Math.ceil(C / 64),
    stores: 2 * parts * STRIDE,
  }),
  layernorm_forward: ({ N, C }, [x]) => ({ loads: N * C + 2 * C * x, stores: N * C + 2 * N }),
  matmul_backward: ({ N, K, M }) => ({ loads: product(N, M, K), stores: N * K }),
  matmul_backward_weight: ({ N, K, M }, [, , parts]) => ({ loads: product(K, N, M), stores: parts * K * M }),
  matmul_forward: ({ N, K, M }) => ({ loads: product(N, K, M), stores: N * M }),
  partials_sum: ({ SIZE, PARTS }) => ({ loads: PARTS * SIZE, stores: SIZE }),
  residual_backward: elementwise(2, 1),
  residual_forward: elementwise(2, 1),
};
