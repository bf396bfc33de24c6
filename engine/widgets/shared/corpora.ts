// The texts that came with the page. Each is a classic script that puts one entry into `pressStartCorpora`, because a
// page opened from file:// may load scripts and nothing else.
import { textMissing } from "../../wording_of_failures.ts";
import type { CorpusSource } from "../../session/session.ts";

/** A text and what the build worked out about it. */
export interface Corpus extends CorpusSource {
  bytes: number;
  credits: string;
}

declare global {
  var pressStartCorpora: Record<string, Corpus> | undefined;
}

/** @throws Error with a way out where the page came without that text. */
export function corpusNamed(name: string): Corpus {
  const corpus = globalThis.pressStartCorpora?.[name];
  if (!corpus) throw new Error(textMissing(name));
  return corpus;
}
