// All randomness of a run. There is no generator state: each number is a hash of (key, a, b). Any engine can draw any
// number in any order, and sampling or evaluating never changes what training draws.
// wgsl/ holds a copy of hash32 for the batches.
import { exactCosTurns, exactLog } from "./exact_math.ts";
import { normaliseSeed } from "./seed.ts";
import { sha256Words } from "./sha256.ts";

/** What a seed is used for; each use has its own stream. */
export type Stream = "weights" | "batches" | "samples" | "mysteries";

/** @returns the 32-bit key of one stream: the first word of SHA-256 over "<stream>:<seed>" in UTF-8. */
export function streamKey(seed: string, stream: Stream): number {
  return sha256Words(new TextEncoder().encode(`${stream}:${normaliseSeed(seed)}`))[0];
}

/**
 * Wellons' lowbias32: a bijection of 32-bit words in which every input bit affects every output bit
 * (C. Wellons, "Prospecting for Hash Functions", 2018).
 */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** @returns a 32-bit word that depends on all three arguments, each taken modulo 2^32. */
export function hash32(key: number, a: number, b: number): number {
  return mix(mix(mix(key) + a) + b);
}

/** Uniform in (0, 1). Excludes 0, which has no logarithm, and 1. */
function uniform(key: number, a: number, b: number): number {
  return (hash32(key, a, b) + 0.5) / 4294967296;
}

/** Normal with mean 0 and variance 1 (Box and Muller, 1958). */
export function normal(key: number, index: number): number {
  return Math.sqrt(-2 * exactLog(uniform(key, index, 0))) * exactCosTurns(uniform(key, index, 1));
}

/** Gumbel noise, -ln(-ln u): adding it to log-probabilities and taking the largest draws from them. */
export function gumbel(key: number, position: number, character: number): number {
  return -exactLog(-exactLog(uniform(key, position, character)));
}

/** @returns where row `row` of iteration `iteration`'s batch starts in the training text, in [0, starts). */
export function batchStart(key: number, iteration: number, row: number, starts: number): number {
  return hash32(key, iteration, row) % starts;
}
