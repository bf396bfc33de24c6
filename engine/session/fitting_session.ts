// Which of a page's sessions a file's run can replace.
import { type About, charactersOf } from "../checkpoint/about.ts";
import { whyUnlike } from "../checkpoint/unlike.ts";
import type { SessionOptions } from "./types.ts";

/** Whether a run with these options can go on from the file: the same model, text and training. */
export function fits(about: About, { model, corpus, training, ...rest }: SessionOptions): boolean {
  const run = { ...rest, training, model: { ...model, vocab_size: corpus.vocab_size } };
  // The text's hash decides on its characters too.
  return whyUnlike(about, { run, corpus, characters: charactersOf(about) }) === null;
}

/** @returns the wanted session if the file fits it, else the first that it fits, else null */
export function fittingSession<One extends { options: Readonly<SessionOptions> }>(
  about: About,
  sessions: readonly One[],
  wanted: One,
): One | null {
  return [wanted, ...sessions].find(({ options }) => fits(about, options)) ?? null;
}
