// Whether a file's run is one that a Trainer can continue: same model, same characters, same text, same training.
import type { RunConfig } from "../training/config.ts";
import type { FileFault } from "../wording_of_files.ts";
import { type About, charactersOf } from "./about.ts";

/** What a run must share with a file to continue it. */
type Compared = Pick<About, "model" | "training" | "corpus">;

/** The run that a page or a command has. */
export interface OwnRun {
  run: Pick<RunConfig, "model" | "training">;
  characters: string[];
  corpus: { name: string; sha256: string };
}

/** @returns the first difference, or null. The seed does not matter: a loaded run has its file's. */
export function whyUnlike(about: Compared, { run, characters, corpus }: OwnRun): FileFault | null {
  const theirs = charactersOf(about);
  for (const name of Object.keys(about.model) as (keyof About["model"])[]) {
    const value = about.model[name], own = run.model[name];
    if (name !== "vocab_size" && value !== own) return { kind: "other-model", name, value, own };
  }
  if (theirs.join("") !== characters.join("")) {
    const lacking = (all: string[], some: string[]) => all.filter((one) => !some.includes(one)).join("");
    return { kind: "other-vocabulary", theirs: lacking(theirs, characters), ours: lacking(characters, theirs) };
  }
  if (about.corpus.sha256 !== corpus.sha256) return { kind: "other-text", name: about.corpus.name, own: corpus.name };
  for (const name of Object.keys(about.training) as (keyof About["training"])[]) {
    const value = about.training[name] ?? null, own = run.training[name] ?? null;
    if (value !== own) return { kind: "other-training", name, value, own };
  }
  return null;
}
