// Twins of the tiled kernels, as in twins.ts: the same computations in float64, without tiles.
import type { Numbers, Twin } from "./twins.ts";

type Sizes = Record<string, number>;

const sum = (count: number, term: (i: number) => number) => {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
};
const upTo = (count: number, visit: (i: number) => void) => {
  for (let i = 0; i < count; i++) visit(i);
};
/** Visits each part with the rows that it sums. */
const parts = ({ N, PART_ROWS }: Sizes, visit: (part: number, rows: number[]) => void) => {
  for (let part = 0; part * PART_ROWS < N; part++) {
    const first = part * PART_ROWS;
    visit(part, Array.from({ length: Math.min(PART_ROWS, N - first) }, (_, i) => first + i));
  }
};
const ROOT = Math.sqrt(2 / Math.PI), CUBIC = 0.044715;
const gelu = (x: number) => x / 2 * (1 + Math.tanh(ROOT * (x + CUBIC * x ** 3)));
const slope = (x: number) => {
  const tanh = Math.tanh(ROOT * (x + CUBIC * x ** 3));
  return (1 + tanh) / 2 + x / 2 * (1 - tanh ** 2) * ROOT * (1 + 3 * CUBIC * x ** 2);
};
/** Number c of row n after LayerNorm. */
const normed = (inp: Numbers, statistics: Numbers, norm: Numbers, C: number) => (n: number, c: number) =>
  (inp[n * C + c] - statistics[2 * n]) * statistics[2 * n + 1] * norm[c] + norm[C + c];
const padded = (V: number) => Math.ceil(V / 64) * 64;

/** All that attention needs of one head of one sequence: its numbers by position and channel, and its weights. */
function heads(qkv: Numbers, { T, NH, HS, scale }: Sizes, visit: (head: Head) => void): void {
  const C = NH * HS;
  upTo(qkv.length / (T * 3 * C) * NH, (which) => {
    const first = Math.floor(which / NH) * T, h = which % NH;
    const narrow = (t: number, i: number) => (first + t) * C + h * HS + i;
    const place = (part: number) => (t: number, i: number) => (first + t) * 3 * C + part * C + h * HS + i;
    const score = (t: number, j: number) => scale * sum(HS, (i) => qkv[place(0)(t, i)] * qkv[place(1)(j, i)]);
    visit({ which, narrow, q: place(0), k: place(1), v: place(2), score });
  });
}

interface Head {
  which: number;
  /** Indices of a position's channel: in [N, C], and as query, key and value in [N, 3C]. */
  narrow(t: number, i: number): number;
  q(t: number, i: number): number;
  k(t: number, i: number): number;
  v(t: number, i: number): number;
  score(t: number, j: number): number;
}

/** Numbers [T, T] below the diagonal and on it. */
const triangle = (T: number, of: (t: number, j: number) => number) =>
  Array.from({ length: T }, (_, t) => Array.from({ length: t + 1 }, (_, j) => of(t, j)));

export const tiled_twins: Record<string, Twin> = {
  "tiled/layernorm_statistics"([inp, statistics], { N, C, eps }) {
    upTo(N, (n) => {
      const mean = sum(C, (c) => inp[n * C + c]) / C;
      statistics[2 * n] = mean;
      statistics[2 * n + 1] = 1 / Math.sqrt(sum(C, (c) => (inp[n * C + c] - mean) ** 2) / C + eps);
    });
  },
  "tiled/layernorm_matmul_forward"([inp, statistics, norm, weight, out], { N, K, M }) {
    const x = normed(inp, statistics, norm, K);
    upTo(N * M, (i) => out[i] = sum(K, (k) => x(Math.floor(i / M), k) * weight[k * M + i % M]));
  },
  "tiled/matmul_forward"([inp, weight, stream, out], { N, K, M, GELU }) {
    const x = Float64Array.from(inp, (value) => GELU === 1 ? gelu(value) : value);
    upTo(N * M, (i) => {
      out[i] = stream[i] + sum(K, (k) => x[Math.floor(i / M) * K + k] * weight[k * M + i % M]);
    });
  },
  "tiled/matmul_backward"([dout, weight, dinp], { N, K, M }) {
    upTo(N * K, (i) => dinp[i] = sum(M, (m) => dout[Math.floor(i / K) * M + m] * weight[i % K * M + m]));
  },
  "tiled/matmul_backward_gelu"([dout, weight, inp, dinp], { N, K, M }) {
    upTo(N * K, (i) => {
      dinp[i] = slope(inp[i]) * sum(M, (m) => dout[Math.floor(i / K) * M + m] * weight[i % K * M + m]);
    });
  },
  "tiled/layernorm_backward"([dout, inp, statistics, norm, dstream, dinp], { N, C, STREAM }) {
    upTo(N, (n) => {
      const [mean, rstd] = statistics.subarray(2 * n);
      const x = (c: number) => (inp[n * C + c] - mean) * rstd, dnorm = (c: number) => dout[n * C + c] * norm[c];
      const shift = sum(C, dnorm) / C, stretch = sum(C, (c) => dnorm(c) * x(c)) / C;
      upTo(C, (c) => dinp[n * C + c] = STREAM * dstream[n * C + c] + rstd * (dnorm(c) - shift - x(c) * stretch));
    });
  },
  "tiled/layernorm_backward_weight"([streams, middles, statistics, dnorms, partials], c) {
    const { N, C, L, SLOT, STRIDE, FIRST_LAYER, LAYER_SIZE, LN_1, LN_2, LN_F } = c;
    upTo(2 * L + 1, (which) => {
      const l = Math.floor(which / 2), inp = which % 2 === 0 ? streams : middles;
      const place = which === 2 * L ? LN_F : FIRST_LAYER + l * LAYER_SIZE + (which % 2 === 0 ? LN_1 : LN_2);
      const [dout, own, stats] = [which * N * C, l * N * C, 2 * which * SLOT];
      const x = (n: number, i: number) =>
        (inp[own + n * C + i] - statistics[stats + 2 * n]) * statistics[stats + 2 * n + 1];
      parts(c, (part, rows) =>
        upTo(C, (i) => {
          const at = part * STRIDE + place + i, d = (k: number) => dnorms[dout + rows[k] * C + i];
          partials[at] = sum(rows.length, (k) => d(k) * x(rows[k], i));
          partials[at + C] = sum(rows.length, d);
        }));
    });
  },
  "tiled/matmul_backward_weight"([inp, statistics, weights, dout, partials], c) {
    const { N, K, M, SLOT, STRIDE, LAYER_SIZE, FROM, WHICH, GAIN, SHIFT, MATRIX } = c;
    upTo((statistics.length / (2 * SLOT) - 1) / 2, (l) => {
      const stats = 2 * (2 * l + WHICH) * SLOT, gain = GAIN + l * LAYER_SIZE;
      const x = new Float64Array(N * K);
      upTo(N * K, (i) => {
        const value = inp[l * N * K + i], n = Math.floor(i / K), k = i % K;
        const centred = (value - statistics[stats + 2 * n]) * statistics[stats + 2 * n + 1];
        x[i] = [value, centred * weights[gain + k] + weights[gain + K + k], gelu(value)][FROM];
      });
      parts(c, (part, rows) =>
        upTo(K * M, (i) => {
          const k = Math.floor(i / M), m = i % M;
          partials[part * STRIDE + MATRIX + l * LAYER_SIZE + i] = sum(
            rows.length,
            (r) => x[rows[r] * K + k] * dout[((l + SHIFT) * N + rows[r]) * M + m],
          );
        }));
    });
  },
  "tiled/head_forward"([inp, statistics, norm, wte, logits], { N, C, V }) {
    const x = normed(inp, statistics, norm, C);
    upTo(N * V, (i) => logits[i] = sum(C, (c) => x(Math.floor(i / V), c) * wte[i % V * C + c]));
  },
  "tiled/cross_entropy"([logits, targets, nll, dlogits], { N, V, TRAINING }) {
    upTo(N, (n) => {
      const lse = Math.log(sum(V, (v) => Math.exp(logits[n * V + v])));
      nll[n] = lse - logits[n * V + targets[n]];
      if (TRAINING === 0) return;
      upTo(padded(V), (v) => {
        const p = v < V ? Math.exp(logits[n * V + v] - lse) : 0;
        dlogits[n * padded(V) + v] = (p - (v === targets[n] ? 1 : 0)) / N;
      });
    });
  },
  "tiled/head_backward"([dlogits, wte, dx], { N, C, V }) {
    upTo(N * C, (i) => {
      dx[i] = sum(V, (v) => dlogits[Math.floor(i / C) * padded(V) + v] * wte[v * C + i % C]);
    });
  },
  "tiled/head_backward_weight"([dlogits, inp, statistics, norm, partials], c) {
    const { C, V, STRIDE } = c, x = normed(inp, statistics, norm, C);
    parts(c, (part, rows) =>
      upTo(V * C, (i) => {
        const v = Math.floor(i / C);
        partials[part * STRIDE + i] = sum(rows.length, (r) => dlogits[rows[r] * padded(V) + v] * x(rows[r], i % C));
      }));
  },
  "tiled/embedding_backward"([inp, dout, partials], c) {
    const { T, C, V, SIZE, STRIDE, WPE } = c;
    parts(c, (part, rows) => {
      const sumOf = (chosen: number[], i: number) => sum(chosen.length, (r) => dout[chosen[r] * C + i]);
      upTo(V, (v) => {
        const own = rows.filter((n) => inp[n] === v);
        upTo(C, (i) => partials[part * STRIDE + SIZE + v * C + i] = sumOf(own, i));
      });
      upTo(T, (t) => {
        const own = rows.filter((n) => n % T === t);
        upTo(C, (i) => partials[part * STRIDE + WPE + t * C + i] = sumOf(own, i));
      });
    });
  },
  "tiled/partials_sum"([partials, grads], { PARTS, SIZE, STRIDE, C, V }) {
    upTo(SIZE, (i) => {
      const of = (place: number) => sum(PARTS, (part) => partials[part * STRIDE + place]);
      grads[i] = of(i) + (i < V * C ? of(SIZE + i) : 0);
    });
  },
  "tiled/attention_forward"([qkv, mixed, lse], c) {
    const { T, HS } = c;
    heads(qkv, c, ({ which, narrow, v, score }) =>
      triangle(T, score).forEach((scores, t) => {
        const total = sum(t + 1, (j) => Math.exp(scores[j]));
        upTo(HS, (i) => mixed[narrow(t, i)] = sum(t + 1, (j) => Math.exp(scores[j]) / total * qkv[v(j, i)]));
        lse[which * T + t] = Math.log(total);
      }));
  },
  "tiled/attention_backward_query"([qkv, mixed, dmixed, lse, dqkv, means], c) {
    const { T, HS, scale } = c;
    heads(qkv, c, ({ which, narrow, q, k, v, score }) =>
      upTo(T, (t) => {
        const mean = sum(HS, (i) => mixed[narrow(t, i)] * dmixed[narrow(t, i)]);
        const dscores = Array.from({ length: t + 1 }, (_, j) => {
          const att = Math.exp(Math.min(0, score(t, j) - lse[which * T + t]));
          return att * (sum(HS, (i) => dmixed[narrow(t, i)] * qkv[v(j, i)]) - mean) * scale;
        });
        upTo(HS, (i) => dqkv[q(t, i)] = sum(t + 1, (j) => dscores[j] * qkv[k(j, i)]));
        means[which * T + t] = mean;
      }));
  },
  "tiled/attention_backward_key"([qkv, dmixed, lse, means, dqkv], c) {
    const { T, HS, scale } = c;
    heads(qkv, c, ({ which, narrow, q, k, v, score }) => {
      const att = triangle(T, (t, j) => Math.exp(Math.min(0, score(t, j) - lse[which * T + t])));
      const dscores = triangle(
        T,
        (t, j) => att[t][j] * (sum(HS, (i) => dmixed[narrow(t, i)] * qkv[v(j, i)]) - means[which * T + t]) * scale,
      );
      upTo(T, (j) =>
        upTo(HS, (i) => {
          dqkv[k(j, i)] = sum(T - j, (n) => dscores[j + n][j] * qkv[q(j + n, i)]);
          dqkv[v(j, i)] = sum(T - j, (n) => att[j + n][j] * dmixed[narrow(j + n, i)]);
        }));
    });
  },
};
