// The attention heads of a model by number: their names, their scores, and their order. No DOM.

/** What was measured of a line at an iteration: the part of an ObservedLine that is about heads. */
export interface HeadsAt {
  iteration: number;
  /** [L, NH, t, t], in 255ths; see ForwardPass in training/observation.ts. */
  attention: Uint8Array;
  /** [L NH] */
  previous: readonly number[];
  prefix: readonly number[];
}

/** L and NH. */
export interface HeadCounts {
  n_layer: number;
  n_head: number;
}

export type HeadOrder = "layer" | "previous" | "prefix";

const WHOLE = 255;

/** The attention of one head, in 255ths. @returns [t, t] */
export function mapOf({ attention }: HeadsAt, head: number, heads: number): Uint8Array {
  const size = attention.length / heads;
  return attention.subarray(head * size, (head + 1) * size);
}

/** Of one head's map [t, t]: the characters on its line. */
export function sideOf(map: Uint8Array): number {
  return Math.round(Math.sqrt(map.length));
}

/** How far back a head looks: the mean of i - j over all positions i after the first, weighted by its attention. */
export function distanceOf(map: Uint8Array): number {
  const t = sideOf(map);
  let sum = 0, weights = 0;
  for (let i = 1; i < t; i++) {
    for (let j = 0; j <= i; j++) {
      sum += map[i * t + j] * (i - j);
      weights += map[i * t + j];
    }
  }
  return weights > 0 ? sum / weights : 0;
}

/** Where position i looks, the most attention first, each with its part of the whole. @param map [t, t] */
export function looksAt(map: Uint8Array, i: number, most: number): { position: number; part: number }[] {
  const t = sideOf(map), row = map.subarray(i * t, i * t + i + 1);
  return Array.from(row, (weight, position) => ({ position, part: weight / WHOLE }))
    .filter(({ part }) => part > 0)
    .sort((a, b) => b.part - a.part || b.position - a.position)
    .slice(0, most);
}

/** The heads in that order; by a score, the highest first. */
export function ordered(heads: HeadsAt, order: HeadOrder): number[] {
  const every = heads.previous.map((_, head) => head);
  if (order === "layer") return every;
  const scores = heads[order];
  return every.sort((a, b) => scores[b] - scores[a] || a - b);
}

/** The head with the highest score. */
export function best(scores: readonly number[]): number {
  return scores.indexOf(scores.reduce((most, score) => Math.max(most, score), -Infinity));
}
