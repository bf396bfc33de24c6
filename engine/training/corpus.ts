// A text as the model sees it: its vocabulary, its characters as indices, and where the training text ends.
import { allocating } from "./allocate.ts";
import { type EvaluationConfig, LIMITS, UnsuitableError } from "./config.ts";

export interface Corpus {
  /** The vocabulary: all distinct code points of the text, sorted. */
  characters: string[];
  /** One index per code point. */
  tokens: Uint8Array<ArrayBuffer>;
  /** floor(train_fraction * n): characters before it are training text, the rest validation text. */
  training_length: number;
}

/** Removes the byte order mark and carriage returns, which do not belong to the text. */
export function normaliseText(text: string): string {
  return text.replace(/^\uFEFF/, "").replaceAll("\r", "");
}

/** @throws UnsuitableError for a text with fewer or more distinct characters than the engines support */
export function readCorpus(text: string, train_fraction: number): Corpus {
  const reader = new CorpusReader();
  reader.read(text);
  return reader.corpus(train_fraction);
}

/**
 * Reads a text that arrives in pieces and stores one byte per character. The whole text as a string, or a list of its
 * characters, would take many times the memory, and browsers free such objects late.
 */
export class CorpusReader {
  /** Each code point's place: its position in the order of first appearance. */
  #places = new Map<number, number>();
  /** The text as places, modulo 256, in blocks of BLOCK characters. */
  #blocks: Uint8Array[] = [];
  #length = 0;

  /** @param piece whole code points; a byte order mark is removed only at the very start of the text */
  read(piece: string): void {
    const clean = this.#length === 0 ? normaliseText(piece) : piece.replaceAll("\r", "");
    for (let at = 0; at < clean.length; this.#length++) {
      const point = clean.codePointAt(at)!;
      at += point > 0xffff ? 2 : 1;
      let place = this.#places.get(point);
      if (place === undefined) this.#places.set(point, place = this.#places.size);
      if (this.#length % BLOCK === 0) this.#blocks.push(allocating(() => new Uint8Array(BLOCK)));
      this.#blocks[this.#blocks.length - 1][this.#length % BLOCK] = place;
    }
  }

  /** @returns what was read. @throws UnsuitableError as readCorpus does */
  corpus(train_fraction: number): Corpus {
    const points = [...this.#places.keys()].sort((a, b) => a - b);
    const { min, max } = LIMITS.vocab_size;
    if (points.length < min || points.length > max) {
      throw new UnsuitableError({ kind: "characters", distinct: points.length, min, max });
    }
    const index = new Uint8Array(points.length); // by place
    points.forEach((point, i) => index[this.#places.get(point)!] = i);
    const tokens = allocating(() => new Uint8Array(this.#length));
    for (let i = 0; i < this.#length; i++) tokens[i] = index[this.#blocks[Math.floor(i / BLOCK)][i % BLOCK]];
    return {
      characters: points.map((point) => String.fromCodePoint(point)),
      tokens,
      training_length: Math.floor(train_fraction * this.#length),
    };
  }
}

const BLOCK = 1 << 16;

/**
 * Stands in for a text of which only the characters are here, in the vocabulary's order. A model can write with it; its
 * tokens are just enough for an engine to be created, and nothing may be trained or measured on them.
 */
export function withoutText(characters: string[], block_size: number): Corpus {
  const length = block_size + 1;
  return { characters, tokens: new Uint8Array(length), training_length: length };
}

/** @returns the text that the indices stand for */
export function decode(corpus: Corpus, tokens: Uint8Array): string {
  return Array.from(tokens, (token) => corpus.characters[token]).join("");
}

/** Whether the validation text is long enough to measure a loss: T characters and the one after them. */
export function hasValidation(corpus: Corpus, block_size: number): boolean {
  return corpus.tokens.length - corpus.training_length >= block_size + 1;
}

/** @returns starts of evenly spaced windows in the validation text. */
export function validationWindows(corpus: Corpus, block_size: number, evaluation: EvaluationConfig): Uint32Array {
  const last = corpus.tokens.length - corpus.training_length - block_size - 1;
  const count = Math.min(evaluation.windows, last + 1);
  return Uint32Array.from(
    { length: count },
    (_, i) => corpus.training_length + (count === 1 ? 0 : Math.floor(i * last / (count - 1))),
  );
}

/** Windows to evaluate; of the T characters that follow a start, the first `skip` are not scored. */
export interface ScoredWindows {
  starts: Uint32Array;
  /** Per window, how many leading characters an earlier window has already scored. */
  skip: Uint32Array;
}

/**
 * Windows that score every character of the validation text exactly once, except its first. They are adjacent, but the
 * last one is moved back to end with the text, so it overlaps the one before.
 */
export function wholeValidation(corpus: Corpus, block_size: number): ScoredWindows {
  const n = corpus.tokens.length, starts: number[] = [], skip: number[] = [];
  for (let at = corpus.training_length; at + 1 < n; at += block_size) {
    const start = Math.min(at, n - block_size - 1);
    starts.push(start);
    skip.push(at - start);
  }
  return { starts: Uint32Array.from(starts), skip: Uint32Array.from(skip) };
}

/** @returns the mean of the scored entries of nll [windows, T], summed in their order */
export function meanOfScored(nll: Float32Array, block_size: number, skip: Uint32Array | null): number {
  let sum = 0, count = 0;
  for (let i = 0; i < nll.length; i++) {
    if (skip && i % block_size < skip[Math.floor(i / block_size)]) continue;
    sum += nll[i];
    count++;
  }
  return sum / count;
}
