// The texts that came with the page. Each is a classic script that adds one entry to `pressStartCorpora`, because a
// page opened from file:// can load scripts but nothing else.
import { textMissing } from "../../wording_of_failures.ts";
import type { CorpusSource } from "../../session/session.ts";

/** A text and what the build computed about it. */
export interface Corpus extends CorpusSource {
  bytes: number;
  credits: string;
}

declare global {
  var pressStartCorpora: Record<string, Corpus> | undefined;
}

/** @throws Error that says what to do, if the page does not contain that text. */
export function corpusNamed(name: string): Corpus {
  const corpus = globalThis.pressStartCorpora?.[name];
  if (!corpus) throw new Error(textMissing(name));
  return corpus;
}
