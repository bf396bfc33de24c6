// What a run can report about its inside: at a milestone, or when a reader asks. Engines measure it, widgets draw it.
// Observing changes nothing in training.
import type { ModelConfig } from "./config.ts";
import { tensors } from "./params.ts";

/**
 * What the model expected at each place of a text that it has just written. All are natural logarithms up to a constant
 * for each row; temperature and noise are not applied.
 */
export interface Expectations {
  /** [characters, V]: the logits from which each character was drawn. */
  logits: Float32Array<ArrayBuffer>;
  /**
   * [characters, L, V]: the residual stream read early, after the embedding and after each block but the last, by the
   * final LayerNorm and the head (“logit lens”; nostalgebraist, 2020).
   */
  early: Float32Array<ArrayBuffer>;
}

/** One forward pass over t characters of one sequence. */
export interface ForwardPass {
  /** [t, V] */
  logits: Float32Array<ArrayBuffer>;
  /** [t, L, V]; see Expectations. */
  early: Float32Array<ArrayBuffer>;
  /** [L, NH, t, t]: each row is a position that looks, each column one that it looks at; 0 above the diagonal. */
  attention: Float32Array<ArrayBuffer>;
  /** [L + 1]: root mean square of the residual stream over all t C numbers, after the embedding and after each block. */
  stream_rms: Float32Array<ArrayBuffer>;
}

/** L2 norms at the last update, for each tensor in the order of params.ts. */
export interface UpdateNorms {
  /** Of the gradient of the batch's mean loss. */
  gradient: Float32Array<ArrayBuffer>;
  /** Of the weights' change, weight decay included. */
  update: Float32Array<ArrayBuffer>;
  /** Of the weights before that change. */
  weight: Float32Array<ArrayBuffer>;
}

/** What a page's instruments want to know at each milestone of a run. */
export interface ObserveOptions {
  /**
   * Where observed lines begin in the text, and how many characters each has (at most block_size, and one more that is
   * only predicted). The first is drawn; scores of heads are means over all.
   */
  lines: { starts: number[]; length: number } | null;
  /** Whether to measure the norms of gradient, update and weights. */
  norms: boolean;
  /** Iterations between milestones at which nothing but these norms is measured; missing for none. */
  early_norms?: number[];
  /** Whether the text is one of writings and their copies, as `build/texts/echo.py` makes it. */
  writings: boolean;
}

/** What a milestone reports. A JSON file holds the same, with numbers rounded. */
export interface Observation {
  /** Weight updates made. */
  iteration: number;
  /** For groups of tensors: the embeddings, each block, the final LayerNorm. Null before the first update. */
  norms: GroupNorms | null;
  line: ObservedLine | null;
  /** Mean loss over the evaluated validation windows, in nats per character; null for other texts. */
  writings: { first: number; copies: number } | null;
}

/** [L + 2] each. */
export interface GroupNorms {
  gradient: number[];
  update: number[];
  weight: number[];
}

export interface ObservedLine {
  /** [length]: -ln p of the characters after the first, in nats. */
  surprise: number[];
  /** [L, NH, length, length], in 255ths; empty where it is not kept. */
  attention: Uint8Array<ArrayBuffer>;
  /** [L + 1] */
  stream_rms: number[];
  /** [L NH] each; see previousCharacterScore and prefixMatchScore. */
  previous: number[];
  prefix: number[];
}

/** The likeliest characters at each place of a text that the model has written, for a reader who asks. */
export interface SampleReading {
  /** How many candidates each place has: 5, or the vocabulary's size if that is less. */
  candidates: number;
  /** [characters, candidates]: vocabulary indices, the likeliest first; on a tie, the first in the vocabulary. */
  likeliest: Uint8Array<ArrayBuffer>;
  /** Their probabilities at a temperature of 1. */
  probabilities: Float32Array<ArrayBuffer>;
  /** [characters]: -ln p of the character that was drawn, in nats. */
  surprise: Float32Array<ArrayBuffer>;
  /**
   * [characters]: the sum over the vocabulary of p^(1 / temperature), at the temperature of the text. A character with
   * probability p was drawn in p^(1 / temperature) / tempered of all cases.
   */
  tempered: Float32Array<ArrayBuffer>;
  /** [characters, L, candidates]: the same of the stream read early; empty where it is not kept. */
  early_likeliest: Uint8Array<ArrayBuffer>;
  early_probabilities: Float32Array<ArrayBuffer>;
}

/** @throws RangeError for arguments that Backend.observe() does not take */
export function checkPass({ n_layer, n_head, block_size: T }: ModelConfig, tokens: Uint8Array, heads_off?: Uint8Array) {
  const t = tokens.length, heads = n_layer * n_head;
  if (t < 1 || t > T) throw new RangeError(`A pass over ${t} characters; this model takes 1 to ${T}.`);
  if (heads_off && heads_off.length !== heads) {
    throw new RangeError(`A mask of ${heads_off.length} heads; this model has ${heads}.`);
  }
}

export function rootMeanSquare(numbers: Float32Array): number {
  return Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length);
}

const CANDIDATES = 5;

/** @returns p[v] = exp(logit[v]) / sum of exp(logit), in double precision */
export function softmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((most, x) => Math.max(most, x), -Infinity);
  const powers = Float64Array.from(logits, (x) => Math.exp(x - largest));
  const sum = powers.reduce((sum, x) => sum + x, 0);
  return powers.map((x) => x / sum);
}

/**
 * @param written [characters]: what was drawn from these expectations
 * @param temperature at which it was drawn, more than 0
 */
export function sampleReading(
  { n_layer: L, vocab_size: V }: ModelConfig,
  written: Uint8Array,
  { logits, early }: Expectations,
  temperature: number,
): SampleReading {
  const count = written.length, candidates = Math.min(CANDIDATES, V);
  const surprise = new Float32Array(count), tempered = new Float32Array(count);
  const [likeliest, probabilities] = leaders(logits, V, candidates, (row, p) => {
    surprise[row] = -Math.log(p[written[row]]);
    tempered[row] = p.reduce((sum, one) => sum + one ** (1 / temperature), 0);
  });
  const [early_likeliest, early_probabilities] = leaders(early.subarray(0, count * L * V), V, candidates);
  return { candidates, likeliest, probabilities, surprise, tempered, early_likeliest, early_probabilities };
}

/** The likeliest characters of each row of logits [rows, V], and their probabilities. */
function leaders(
  logits: Float32Array,
  V: number,
  candidates: number,
  on_row: (row: number, probabilities: Float64Array) => void = () => {},
): [Uint8Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const rows = logits.length / V, order = Array.from({ length: V }, (_, v) => v);
  const likeliest = new Uint8Array(rows * candidates), probabilities = new Float32Array(rows * candidates);
  for (let row = 0; row < rows; row++) {
    const p = softmax(logits.subarray(row * V, (row + 1) * V));
    on_row(row, p);
    const first = [...order].sort((a, b) => p[b] - p[a] || a - b).slice(0, candidates);
    likeliest.set(first, row * candidates);
    probabilities.set(first.map((v) => p[v]), row * candidates);
  }
  return [likeliest, probabilities];
}

/** -ln p of the character after each position. @param tokens [t + 1] @param logits [t, V] */
export function surprises(tokens: Uint8Array, logits: Float32Array, V: number): number[] {
  return Array.from(
    { length: tokens.length - 1 },
    (_, i) => -Math.log(softmax(logits.subarray(i * V, (i + 1) * V))[tokens[i + 1]]),
  );
}

/**
 * How much a head looks at the character just before: the mean of its attention from position i to i - 1, over i > 0.
 * @param attention [t, t], one head's
 */
export function previousCharacterScore(attention: Float32Array, t: number): number {
  let sum = 0;
  for (let i = 1; i < t; i++) sum += attention[i * t + i - 1];
  return t > 1 ? sum / (t - 1) : 0;
}

/**
 * How much a head looks for what came next the last time (an induction head; Olsson et al., 2022): from each position
 * whose character has occurred before, the attention to all positions right after those occurrences, itself left out; the mean over such
 * positions. 0 if there are none.
 * @param tokens [t] @param attention [t, t], one head's
 */
export function prefixMatchScore(tokens: Uint8Array, attention: Float32Array): number {
  const t = tokens.length;
  let sum = 0, count = 0;
  for (let i = 0; i < t; i++) {
    let found = false;
    for (let j = 0; j + 1 < i; j++) {
      if (tokens[j] !== tokens[i]) continue;
      found = true;
      sum += attention[i * t + j + 1];
    }
    if (found) count++;
  }
  return count > 0 ? sum / count : 0;
}

/** Names of the groups, in order: wte and wpe; h.0, h.1, ...; ln_f. */
export function groupsOf({ n_layer }: ModelConfig): string[] {
  return ["embeddings", ...Array.from({ length: n_layer }, (_, l) => `h.${l}`), "ln_f"];
}

/** The norm of a group is the root of the sum of its tensors' squares. */
export function groupNorms(model: ModelConfig, norms: UpdateNorms): GroupNorms {
  const names = groupsOf(model);
  const places = tensors(model).map(({ name }) => {
    const [first, second] = name.split(".");
    return first === "h" ? names.indexOf(`h.${second}`) : first === "ln_f" ? names.length - 1 : 0;
  });
  const grouped = (values: Float32Array) => {
    const squares = names.map(() => 0);
    values.forEach((value, i) => squares[places[i]] += value * value);
    return squares.map(Math.sqrt);
  };
  return { gradient: grouped(norms.gradient), update: grouped(norms.update), weight: grouped(norms.weight) };
}
