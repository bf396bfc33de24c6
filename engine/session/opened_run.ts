// A session for a file whose run is not the page's: another model, another text, or beside the page's run.
import { type About, charactersOf } from "../checkpoint/about.ts";
import type { CorpusSource, SessionOptions } from "./types.ts";

/** The text of the file's run, if it is among these. */
export function textOf(about: About, texts: readonly CorpusSource[]): CorpusSource | null {
  return texts.find(({ sha256 }) => sha256 === about.corpus.sha256) ?? null;
}

/**
 * The options of a session that loads the file: its model, training and seed; measured and sampled like `like`. Without
 * its text the session knows only the vocabulary, so that the model can write but not train.
 */
export function optionsFor(about: About, like: SessionOptions, texts: readonly CorpusSource[]): SessionOptions {
  const { vocab_size, ...model } = about.model, { training, seed, corpus: { name, sha256, characters } } = about;
  const only_vocabulary: CorpusSource = {
    name,
    title: name,
    sha256,
    vocab_size,
    rungs: null,
    floor: null,
    gzip_base64: "",
    only_characters: charactersOf({ corpus: { name, sha256, characters } }),
  };
  // The page's instruments watch its own run, on lines of its own text.
  return { ...like, model, training, seed, observe: null, corpus: textOf(about, texts) ?? only_vocabulary };
}
