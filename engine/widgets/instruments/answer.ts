// What the model expected at one place of a sample, and why the character there was drawn. No DOM.
import type { SampleReading } from "../../training/observation.ts";
import { samplingNoise } from "../../training/sampling_noise.ts";

export interface Candidate {
  character: string;
  /** At a temperature of 1. */
  p: number;
  /** How often it is drawn at the sample's temperature. */
  share: number;
  /** What the dice add to ln p, and the sum. The largest sum of all characters is drawn. */
  noise: number;
  sum: number;
  drawn: boolean;
}

/** A character and its probability. */
export interface Expected {
  character: string;
  p: number;
}

export interface Answer {
  /** From 0. */
  at: number;
  /** How many characters the model has written. */
  length: number;
  /** -ln p of the drawn character. */
  nats: number;
  temperature: number;
  /** The likeliest first; a drawn character that is not among them comes last. */
  candidates: Candidate[];
  drawn: Candidate;
  /** After the embedding and after each block, the likeliest characters; the last row is the answer. Null: not kept. */
  early: Expected[][] | null;
}

/** What a sample was drawn with. */
export interface Drawing {
  /** The vocabulary, in its order. */
  characters: readonly string[];
  temperature: number;
  /** Of the seed's "samples" stream. */
  key: number;
  n_layer: number;
}

/** @param text what the model wrote, by characters */
export function answerAt(
  reading: SampleReading,
  text: readonly string[],
  at: number,
  { characters, temperature, key, n_layer: L }: Drawing,
): Answer {
  const { candidates: k, surprise, tempered } = reading;
  const noise = samplingNoise(key, 1, characters.length, temperature, at), nats = surprise[at];
  const written = characters.indexOf(text[at]), drawn_p = Math.exp(-nats);
  const candidate = (v: number, p: number): Candidate => ({
    character: characters[v],
    p,
    share: p ** (1 / temperature) / tempered[at],
    noise: noise[v],
    sum: Math.log(p) + noise[v],
    drawn: v === written,
  });
  const rows = (from: number, likeliest: Uint8Array, p: Float32Array) =>
    Array.from({ length: k }, (_, i) => ({ v: likeliest[from + i], p: p[from + i] }));
  const first = rows(at * k, reading.likeliest, reading.probabilities);
  const candidates = first.map(({ v, p }) => candidate(v, p));
  if (!candidates.some(({ drawn }) => drawn)) candidates.push(candidate(written, drawn_p));
  const named = (row: { v: number; p: number }[]) => row.map(({ v, p }) => ({ character: characters[v], p }));
  const has_early = reading.early_likeliest.length >= (at + 1) * L * k;
  const early = Array.from(
    { length: L },
    (_, l) => rows((at * L + l) * k, reading.early_likeliest, reading.early_probabilities),
  );
  return {
    at,
    length: text.length,
    nats,
    temperature,
    candidates,
    drawn: candidates.find(({ drawn }) => drawn)!,
    early: has_early ? [...early, first].map(named) : null,
  };
}
