// Twins of the tiled kernels, as in twins.ts: the same computations in float64, without tiles.
import { type Numbers, type Twin, twins } from "./twins.ts";

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
/** From moments [N, C / 64, 2] to statistics. */
const statisticsOf = (moments: Numbers, statistics: Numbers, { N, C, eps }: Sizes) => {
  const pieces = C / 64;
  upTo(N, (n) => {
    const piece = (p: number) => moments.subarray(2 * (n * pieces + p));
    const mean = sum(pieces, (p) => piece(p)[0]) / pieces;
    const squares = sum(pieces, (p) => piece(p)[1] + 64 * (piece(p)[0] - mean) ** 2);
    statistics[2 * n] = mean;
    statistics[2 * n + 1] = 1 / Math.sqrt(squares / C + eps);
  });
};
/** From rows [N, C] to their moments. */
const momentsOf = (rows: Numbers, moments: Numbers, { N, C }: Sizes) =>
  upTo(N * C / 64, (piece) => {
    const x = rows.subarray(64 * piece, 64 * piece + 64), mean = sum(64, (c) => x[c]) / 64;
    moments[2 * piece] = mean;
    moments[2 * piece + 1] = sum(64, (c) => (x[c] - mean) ** 2);
  });
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
  "tiled/embedding_forward"([tokens, starts, wte, wpe, inp, targets, out, moments], c) {
    const { N, T, C } = c, text = new Uint8Array(tokens.buffer);
    upTo(N, (n) => {
      const place = starts[Math.floor(n / T)] + n % T;
      inp[n] = text[place];
      targets[n] = text[place + 1];
    });
    upTo(N * C, (i) => out[i] = wte[inp[Math.floor(i / C)] * C + i % C] + wpe[(Math.floor(i / C) % T) * C + i % C]);
    momentsOf(out, moments, c);
  },
  "tiled/layernorm_matmul_forward"([inp, moments, norm, weight, statistics, out], c) {
    const { N, C, M } = c;
    statisticsOf(moments, statistics, c);
    const x = normed(inp, statistics, norm, C);
    upTo(N * M, (i) => out[i] = sum(C, (k) => x(Math.floor(i / M), k) * weight[k * M + i % M]));
  },
  "tiled/matmul_forward"([inp, weight, stream, out, moments], c) {
    const { N, K, C, GELU } = c, x = Float64Array.from(inp, (value) => GELU === 1 ? gelu(value) : value);
    upTo(N * C, (i) => {
      out[i] = stream[i] + sum(K, (k) => x[Math.floor(i / C) * K + k] * weight[k * C + i % C]);
    });
    momentsOf(out, moments, c);
  },
  "tiled/matmul_backward"([dout, weight, dinp], { N, K, M }) {
    upTo(N * K, (i) => dinp[i] = sum(M, (m) => dout[Math.floor(i / K) * M + m] * weight[i % K * M + m]));
  },
  "tiled/matmul_backward_gelu"([dout, weight, inp, dinp], { N, K, M }) {
    upTo(N * K, (i) => {
      dinp[i] = slope(inp[i]) * sum(M, (m) => dout[Math.floor(i / K) * M + m] * weight[i % K * M + m]);
    });
  },
  "tiled/matmul_backward_layernorm"([dout, weight, inp, statistics, norm, dstream, dx, dinp], c) {
    tiled_twins["tiled/matmul_backward"]([dout, weight, dx], { ...c, K: 64 });
    tiled_twins["tiled/layernorm_backward"]([dx, inp, statistics, norm, dstream, dinp], { N: c.N, C: 64 });
  },
  "tiled/layernorm_backward"([dout, inp, statistics, norm, dstream, dinp], { N, C }) {
    upTo(N, (n) => {
      const [mean, rstd] = statistics.subarray(2 * n);
      const x = (c: number) => (inp[n * C + c] - mean) * rstd, dnorm = (c: number) => dout[n * C + c] * norm[c];
      const shift = sum(C, dnorm) / C, stretch = sum(C, (c) => dnorm(c) * x(c)) / C;
      upTo(C, (c) => dinp[n * C + c] = dstream[n * C + c] + rstd * (dnorm(c) - shift - x(c) * stretch));
    });
  },
  "tiled/head_forward"([inp, moments, norm, wte, statistics, logits], c) {
    const { N, C, V } = c;
    statisticsOf(moments, statistics, c);
    const x = normed(inp, statistics, norm, C);
    upTo(N * V, (i) => logits[i] = sum(C, (k) => x(Math.floor(i / V), k) * wte[i % V * C + k]));
  },
  "tiled/head_backward"([logits, targets, weights, inp, nll, dlogits, dx, dinp], { N, C, V, LN_F, TRAINING, eps }) {
    const stats = new Float64Array(2 * N);
    upTo(N, (n) => {
      const lse = Math.log(sum(V, (v) => Math.exp(logits[n * V + v])));
      nll[n] = lse - logits[n * V + targets[n]];
      if (TRAINING === 0) return;
      const d = (v: number) => (Math.exp(logits[n * V + v] - lse) - (v === targets[n] ? 1 : 0)) / N;
      upTo(V, (v) => dlogits[n * padded(V) + v] = d(v));
      upTo(C, (c) => dx[n * C + c] = sum(V, (v) => d(v) * weights[v * C + c]));
      const mean = sum(C, (c) => inp[n * C + c]) / C;
      stats.set([mean, 1 / Math.sqrt(sum(C, (c) => (inp[n * C + c] - mean) ** 2) / C + eps)], 2 * n);
    });
    if (TRAINING === 0) return;
    const norm = weights.subarray(LN_F), dstream = new Float64Array(N * C);
    tiled_twins["tiled/layernorm_backward"]([dx, inp, stats, norm, dstream, dinp], { N, C });
  },
  "tiled/matmul_backward_weight"([inp, dout, norm_inp, norm_dout, statistics, weights, partials], c) {
    const { N, C, K, M, SLOT, STRIDE, LAYER_SIZE, GELU, WHICH, GAIN, SHIFT, FIRST_MATRIX, SECOND_MATRIX } = c;
    upTo((statistics.length / (2 * SLOT) - 1) / 2, (l) => {
      const add = (x: (n: number, k: number) => number, d: Numbers, K: number, M: number, begin: number) => {
        const left = new Float64Array(N * K);
        upTo(N * K, (i) => left[i] = x(Math.floor(i / K), i % K));
        parts(c, (part, rows) =>
          upTo(K * M, (i) => {
            const k = Math.floor(i / M), m = i % M, place = part * STRIDE + begin + l * LAYER_SIZE + i;
            partials[place] = sum(rows.length, (r) => left[rows[r] * K + k] * d[rows[r] * M + m]);
          }));
      };
      const own = inp.subarray(l * N * K);
      const first = (n: number, k: number) => GELU === 1 ? gelu(own[n * K + k]) : own[n * K + k];
      add(first, dout.subarray((l + SHIFT) * N * C), K, C, FIRST_MATRIX);
      const stats = statistics.subarray(2 * (2 * l + WHICH) * SLOT), gain = weights.subarray(GAIN + l * LAYER_SIZE);
      const second = normed(norm_inp.subarray(l * N * C), stats, gain, C);
      add(second, norm_dout.subarray(l * N * M), C, M, SECOND_MATRIX);
    });
  },
  "tiled/vectors_backward_weight"([streams, middles, statistics, dnorms, dstream, partials], c) {
    const { N, T, C, L, SLOT, STRIDE, WPE, FIRST_LAYER, LAYER_SIZE, LN_1, LN_2, LN_F } = c;
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
    parts(c, (part, rows) => {
      const sumOf = (chosen: number[], i: number) => sum(chosen.length, (r) => dstream[chosen[r] * C + i]);
      upTo(T, (t) => {
        const own = rows.filter((n) => n % T === t);
        upTo(C, (i) => partials[part * STRIDE + WPE + t * C + i] = sumOf(own, i));
      });
    });
  },
  "tiled/wte_backward"([dlogits, inp, statistics, norm, characters, dstream, partials], c) {
    const { C, V, STRIDE, SIZE } = c, x = normed(inp, statistics, norm, C);
    parts(c, (part, rows) =>
      upTo(V * C, (i) => {
        const v = Math.floor(i / C), own = rows.filter((n) => characters[n] === v);
        partials[part * STRIDE + i] = sum(rows.length, (r) => dlogits[rows[r] * padded(V) + v] * x(rows[r], i % C));
        partials[part * STRIDE + SIZE + i] = sum(own.length, (r) => dstream[own[r] * C + i % C]);
      }));
  },
  "tiled/adamw_update"([counter, schedule, decays, partials, params, m, v], c) {
    const grads = new Float64Array(c.SIZE);
    tiled_twins["tiled/partials_sum"]([partials, grads], c);
    twins.adamw_update([counter, schedule, decays, grads, params, m, v], c);
  },
  "tiled/iteration_finish_draw"([nll, losses, counter, starts], c) {
    twins.iteration_finish([nll, losses, counter], c);
    twins.batch_draw([counter, starts], c);
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
  "tiled/attention_backward"([qkv, mixed, dmixed, lse, dqkv], c) {
    const { T, HS, scale } = c;
    heads(qkv, c, ({ which, narrow, q, k, v, score }) => {
      const mean = (t: number) => sum(HS, (i) => mixed[narrow(t, i)] * dmixed[narrow(t, i)]);
      const means = Array.from({ length: T }, (_, t) => mean(t));
      const att = triangle(T, (t, j) => Math.exp(Math.min(0, score(t, j) - lse[which * T + t])));
      const dscores = triangle(
        T,
        (t, j) => att[t][j] * (sum(HS, (i) => dmixed[narrow(t, i)] * qkv[v(j, i)]) - means[t]) * scale,
      );
      upTo(T, (t) =>
        upTo(HS, (i) => {
          dqkv[q(t, i)] = sum(t + 1, (j) => dscores[t][j] * qkv[k(j, i)]);
          dqkv[k(t, i)] = sum(T - t, (n) => dscores[t + n][t] * qkv[q(t + n, i)]);
          dqkv[v(t, i)] = sum(T - t, (n) => att[t + n][t] * dmixed[narrow(t + n, i)]);
        }));
    });
  },
};
