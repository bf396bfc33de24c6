// The texts that came with the page. Each is a classic script that puts one entry into `pressStartCorpora`, because a
// page opened from file:// may load scripts and nothing else.

/** A text and what the build worked out about it. */
export interface Corpus {
  name: string;
  /** As the page names it. */
  title: string;
  /** SHA-256 of the text after normalisation, in hex. */
  sha256: string;
  bytes: number;
  /** Distinct characters (V). */
  vocab_size: number;
  /** n-gram cross-entropies on the validation part in nats per character; null where that part is too short. */
  rungs: Record<string, number> | null;
  /** Exact entropy in nats per character, where the text's source is known. */
  floor: number | null;
  credits: string;
  /** The text in UTF-8, gzipped, in base64. */
  gzip_base64: string;
}

declare global {
  var pressStartCorpora: Record<string, Corpus> | undefined;
}

/** @throws Error with a way out where the page came without that text. */
export function corpusNamed(name: string): Corpus {
  const corpus = globalThis.pressStartCorpora?.[name];
  if (!corpus) throw new Error(`The text “${name}” did not arrive with this page. Reload it, or build the site again.`);
  return corpus;
}
