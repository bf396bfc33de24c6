// Finds the reading of a sample, and answers from it.
import type { SampleReading } from "../../training/observation.ts";
import { streamKey } from "../../training/rng.ts";
import type { Shown } from "../shared/askable.ts";
import { type Answer, answerAt, type Drawing } from "./answer.ts";
import { askWords as words } from "./ask_words.ts";

/** Null if the page has no reading of the sample. */
export function readingOf(shown: Shown): { reading: SampleReading; drawing: Drawing } | null {
  const { sample, from } = shown;
  if ("run" in from || isGone(shown)) return null;
  const { session } = from, { options: { corpus, model, sampling } } = session;
  const reading = session.reading(sample), characters = corpus.characters ?? corpus.only_characters;
  if (!reading || !characters) return null;
  const key = streamKey(session.seed, "samples");
  return { reading, drawing: { characters, temperature: sampling.temperature, key, n_layer: model.n_layer } };
}

/** Whether the run no longer has the sample: it was reset, or another run has taken its place. */
export function isGone({ sample, from }: Shown): boolean {
  if ("run" in from) return false;
  const { samples, speaking } = from.session;
  return speaking?.sample !== sample && !samples.includes(sample);
}

/** What the model expected at a character, or a sentence that says why the page does not know. */
export function answerFor(shown: Shown, at: number): Answer | string {
  const found = readingOf(shown);
  if (!found) return "run" in shown.from ? words.missing.run : words.missing.session;
  return answerAt(found.reading, Array.from(shown.sample.text), at, found.drawing);
}
