// A twin of every kernel: the same computation in float64, written in the plainest way. `t` are the kernel's tensors in
// the order of its bindings, changed in place (`losses` as floats, not as bits); `c` are its constants, rounded to f32.
import { hash32 } from "../../../engine/training/rng.ts";

export type Numbers = Float64Array | Uint32Array;
export type Twin = (t: Numbers[], c: Record<string, number>) => void;

const sum = (count: number, term: (i: number) => number) => {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
};
const upTo = (count: number, visit: (i: number) => void) => {
  for (let i = 0; i < count; i++) visit(i);
};
const parts = ({ N, PART_ROWS }: Record<string, number>, visit: (part: number, rows: number[]) => void) => {
  for (let part = 0; part * PART_ROWS < N; part++) {
    const first = part * PART_ROWS;
    visit(part, Array.from({ length: Math.min(PART_ROWS, N - first) }, (_, i) => first + i));
  }
};
const ROOT = Math.sqrt(2 / Math.PI), CUBIC = 0.044715;

/** Index of a number in [B, T, 3, NH, HS]. */
const inQkv = (part: number, b: number, t: number, h: number, i: number, { T, NH, HS }: Record<string, number>) =>
  (((b * T + t) * 3 + part) * NH + h) * HS + i;
/** Visits all (b, t, h, i) of [B, T, NH, HS], with their index. */
function eachChannel({ N, T, NH, HS }: Record<string, number>, visit: (at: number, ...where: number[]) => void): void {
  upTo(N * NH * HS, (at) => {
    const n = Math.floor(at / (NH * HS)), channel = at % (NH * HS);
    visit(at, Math.floor(n / T), n % T, Math.floor(channel / HS), channel % HS);
  });
}

export const twins: Record<string, Twin> = {
  batch_draw([counter, starts], { B, STARTS }) {
    upTo(B, (b) => starts[b] = hash32(counter[1], counter[0], b) % STARTS);
  },
  batch_gather([tokens, starts, inp, targets], { B, T }) {
    const text = new Uint8Array(tokens.buffer);
    upTo(B * T, (i) => {
      const place = starts[Math.floor(i / T)] + i % T;
      inp[i] = text[place];
      targets[i] = text[place + 1];
    });
  },
  embedding_forward([inp, wte, wpe, out], { N, T, C }) {
    upTo(N * C, (i) => out[i] = wte[inp[Math.floor(i / C)] * C + i % C] + wpe[(Math.floor(i / C) % T) * C + i % C]);
  },
  embedding_backward_token([inp, dout, partials], c) {
    const { C, V, FIRST_PART } = c;
    parts(c, (part, rows) =>
      upTo(V * C, (i) => {
        const own = rows.filter((n) => inp[n] === Math.floor(i / C));
        partials[(FIRST_PART + part) * V * C + i] = sum(own.length, (k) => dout[own[k] * C + i % C]);
      }));
  },
  embedding_backward_position([dout, dwpe], { B, T, C }) {
    upTo(T * C, (i) => dwpe[i] = sum(B, (b) => dout[b * T * C + i]));
  },
  layernorm_forward([inp, weight, bias, out, mean, rstd], { N, C, eps }) {
    upTo(N, (n) => {
      const mu = sum(C, (i) => inp[n * C + i]) / C;
      const r = 1 / Math.sqrt(sum(C, (i) => (inp[n * C + i] - mu) ** 2) / C + eps);
      upTo(C, (i) => out[n * C + i] = (inp[n * C + i] - mu) * r * weight[i] + bias[i]);
      mean[n] = mu;
      rstd[n] = r;
    });
  },
  layernorm_backward([dout, inp, mean, rstd, weight, dinp], { N, C }) {
    upTo(N, (n) => {
      const norm = (i: number) => (inp[n * C + i] - mean[n]) * rstd[n],
        dnorm = (i: number) => dout[n * C + i] * weight[i];
      const shift = sum(C, dnorm) / C, stretch = sum(C, (i) => dnorm(i) * norm(i)) / C;
      upTo(C, (i) => dinp[n * C + i] = rstd[n] * (dnorm(i) - shift - norm(i) * stretch));
    });
  },
  layernorm_backward_weight([dout, inp, mean, rstd, partials], c) {
    const { C, STRIDE } = c;
    parts(c, (part, rows) =>
      upTo(STRIDE, (i) => {
        const d = (k: number) => i < C ? dout[rows[k] * C + i] : 0;
        const norm = (k: number) => (inp[rows[k] * C + i] - mean[rows[k]]) * rstd[rows[k]];
        partials[2 * part * STRIDE + i] = i < C ? sum(rows.length, (k) => d(k) * norm(k)) : 0;
        partials[(2 * part + 1) * STRIDE + i] = sum(rows.length, d);
      }));
  },
  matmul_forward([inp, weight, out], { N, K, M }) {
    upTo(N * M, (i) => {
      const n = Math.floor(i / M), m = i % M;
      out[i] = sum(K, (k) => inp[n * K + k] * weight[k * M + m]);
    });
  },
  matmul_backward([dout, weight, dinp], { N, K, M }) {
    upTo(N * K, (i) => {
      const n = Math.floor(i / K), k = i % K;
      dinp[i] = sum(M, (m) => dout[n * M + m] * weight[k * M + m]);
    });
  },
  matmul_backward_weight([inp, dout, partials], c) {
    const { K, M } = c;
    parts(c, (part, rows) =>
      upTo(K * M, (i) => {
        const k = Math.floor(i / M), m = i % M;
        partials[part * K * M + i] = sum(rows.length, (r) => inp[rows[r] * K + k] * dout[rows[r] * M + m]);
      }));
  },
  partials_sum([partials, out], { SIZE, PARTS }) {
    upTo(SIZE, (i) => out[i] = sum(PARTS, (p) => partials[p * SIZE + i]));
  },
  attention_forward_scores([qkv, att], c) {
    const { T, NH, HS, scale } = c;
    upTo(att.length, (at) => {
      const j = at % T, t = Math.floor(at / T) % T, h = Math.floor(at / T / T) % NH, b = Math.floor(at / T / T / NH);
      if (j <= t) att[at] = scale * sum(HS, (i) => qkv[inQkv(0, b, t, h, i, c)] * qkv[inQkv(1, b, j, h, i, c)]);
    });
  },
  attention_forward_softmax([att], { ROWS, T }) {
    upTo(ROWS, (row) => {
      const seen = att.subarray(row * T, row * T + row % T + 1), largest = Math.max(...seen);
      const total = sum(seen.length, (j) => Math.exp(seen[j] - largest));
      upTo(seen.length, (j) => seen[j] = Math.exp(seen[j] - largest) / total);
    });
  },
  attention_forward_mix([att, qkv, out], c) {
    const { T, NH } = c;
    eachChannel(c, (at, b, t, h, i) => {
      out[at] = sum(t + 1, (j) => att[((b * NH + h) * T + t) * T + j] * qkv[inQkv(2, b, j, h, i, c)]);
    });
  },
  attention_backward_att([dout, qkv, datt], c) {
    const { T, NH, HS } = c;
    upTo(datt.length, (at) => {
      const j = at % T, t = Math.floor(at / T) % T, h = Math.floor(at / T / T) % NH, b = Math.floor(at / T / T / NH);
      const d = ((b * T + t) * NH + h) * HS;
      if (j <= t) datt[at] = sum(HS, (i) => dout[d + i] * qkv[inQkv(2, b, j, h, i, c)]);
    });
  },
  attention_backward_value([att, dout, dqkv], c) {
    const { T, NH, HS } = c;
    eachChannel(c, (_, b, j, h, i) => {
      dqkv[inQkv(2, b, j, h, i, c)] = sum(
        T - j,
        (k) => att[((b * NH + h) * T + j + k) * T + j] * dout[((b * T + j + k) * NH + h) * HS + i],
      );
    });
  },
  attention_backward_softmax([att, datt], { ROWS, T, scale }) {
    upTo(ROWS, (row) => {
      const at = row * T, seen = row % T + 1, average = sum(seen, (j) => att[at + j] * datt[at + j]);
      upTo(seen, (j) => datt[at + j] = scale * att[at + j] * (datt[at + j] - average));
    });
  },
  attention_backward_query([dscore, qkv, dqkv], c) {
    const { T, NH } = c;
    eachChannel(c, (_, b, t, h, i) => {
      const row = ((b * NH + h) * T + t) * T;
      dqkv[inQkv(0, b, t, h, i, c)] = sum(t + 1, (j) => dscore[row + j] * qkv[inQkv(1, b, j, h, i, c)]);
    });
  },
  attention_backward_key([dscore, qkv, dqkv], c) {
    const { T, NH } = c;
    eachChannel(c, (_, b, j, h, i) => {
      const column = (b * NH + h) * T * T + j;
      dqkv[inQkv(1, b, j, h, i, c)] = sum(
        T - j,
        (k) => dscore[column + (j + k) * T] * qkv[inQkv(0, b, j + k, h, i, c)],
      );
    });
  },
  gelu_forward([inp, out], { SIZE }) {
    upTo(SIZE, (i) => out[i] = inp[i] / 2 * (1 + Math.tanh(ROOT * (inp[i] + CUBIC * inp[i] ** 3))));
  },
  gelu_backward([dout, inp, dinp], { SIZE }) {
    upTo(SIZE, (i) => {
      const x = inp[i], tanh = Math.tanh(ROOT * (x + CUBIC * x ** 3));
      dinp[i] = dout[i] * ((1 + tanh) / 2 + x / 2 * (1 - tanh ** 2) * ROOT * (1 + 3 * CUBIC * x ** 2));
    });
  },
  residual_forward([inp, branch, out], { SIZE }) {
    upTo(SIZE, (i) => out[i] = inp[i] + branch[i]);
  },
  residual_backward([dbranch, dstream], { SIZE }) {
    upTo(SIZE, (i) => dstream[i] += dbranch[i]);
  },
  cross_entropy_forward([logits, targets, nll, lse], { N, V }) {
    upTo(N, (n) => {
      lse[n] = Math.log(sum(V, (v) => Math.exp(logits[n * V + v])));
      nll[n] = lse[n] - logits[n * V + targets[n]];
    });
  },
  cross_entropy_backward([logits, targets, lse, dlogits], { N, V }) {
    upTo(N * V, (i) => {
      const n = Math.floor(i / V);
      dlogits[i] = (Math.exp(logits[i] - lse[n]) - (i % V === targets[n] ? 1 : 0)) / N;
    });
  },
  adamw_update([counter, schedule, decays, grads, params, m, v], { SIZE, beta1, beta2, eps, weight_decay }) {
    const [lr, correction1, correction2] = schedule.subarray(counter[0] * 4);
    upTo(SIZE, (i) => {
      m[i] = beta1 * m[i] + (1 - beta1) * grads[i];
      v[i] = beta2 * v[i] + (1 - beta2) * grads[i] ** 2;
      const step = m[i] * correction1 / (Math.sqrt(v[i] * correction2) + eps);
      params[i] = params[i] * (1 - lr * weight_decay * decays[Math.floor(i / 64)]) - lr * step;
    });
  },
  iteration_finish([nll, losses, counter], { N, RING }) {
    losses[counter[0] % RING] = sum(N, (n) => nll[n]) / N;
    counter[0]++;
  },
  sample_gather([written, writing, inp], { T }) {
    const have = writing[0], start = Math.max(have, T) - T;
    upTo(T, (t) => inp[t] = start + t < have ? written[start + t] : 0);
  },
  sample_append([logits, noise, expected, written, writing], { T, V }) {
    const [have, prompt] = writing, row = (Math.min(have, T) - 1) * V, dice = (have - prompt) * V;
    let best = 0;
    upTo(V, (v) => {
      expected[dice + v] = logits[row + v];
      if (logits[row + v] + noise[dice + v] > logits[row + best] + noise[dice + best]) best = v;
    });
    written[have] = best;
    writing[0]++;
  },
  stream_read([writing, stream, weight, bias, wte, early], { T, C, V, eps }) {
    const [have, prompt] = writing, row = (Math.min(have, T) - 1) * C;
    const mu = sum(C, (i) => stream[row + i]) / C;
    const r = 1 / Math.sqrt(sum(C, (i) => (stream[row + i] - mu) ** 2) / C + eps);
    const out = (i: number) => (stream[row + i] - mu) * r * weight[i] + bias[i];
    upTo(V, (v) => early[(have - prompt) * V + v] = sum(C, (i) => out(i) * wte[v * C + i]));
  },
  heads_mask([off, mixed], { N, NH, HS }) {
    upTo(N * NH * HS, (i) => {
      if (off[Math.floor(i / HS) % NH] > 0) mixed[i] = 0;
    });
  },
  update_norms([places, grads, before, params, norms]) {
    const norm = (i: number, x: (k: number) => number) =>
      Math.sqrt(sum(places[2 * i + 1], (k) => x(places[2 * i] + k) ** 2));
    upTo(places.length / 2, (i) => {
      norms[3 * i] = norm(i, (k) => grads[k]);
      norms[3 * i + 1] = norm(i, (k) => params[k] - before[k]);
      norms[3 * i + 2] = norm(i, (k) => before[k]);
    });
  },
};
