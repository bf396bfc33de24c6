// What a session is made from, what state it can be in, and what it tells of.
import type { RunConfig } from "../training/config.ts";
import type { Place } from "../wording_of_failures.ts";
import type { Rungs } from "../training/phase.ts";
import type { Sample } from "../training/trainer.ts";

export type Status =
  | "idle"
  | "loading"
  | "running"
  | "paused"
  | "hidden"
  | "waiting"
  | "done"
  | "diverged"
  | "failed";

/** The text of a run, as the build hands it to the page. */
export interface CorpusSource {
  name: string;
  title: string;
  sha256: string;
  vocab_size: number;
  rungs: Rungs | null;
  /** Exact entropy in nats per character, where the text's source is known. */
  floor: number | null;
  gzip_base64: string;
}

/** What a runner's author decided; the vocabulary follows the text. */
export interface SessionOptions extends Omit<RunConfig, "model"> {
  model: Omit<RunConfig["model"], "vocab_size">;
  corpus: CorpusSource;
  /** For what a failure advises; a runner's where nothing is said. */
  place?: Place;
}

/** Something that happened in a run. */
export interface Note {
  iteration: number;
  text: string;
}

/** A sample that is being written out. */
export interface Spoken {
  readonly sample: Readonly<Sample>;
  /** Characters of the text that are to be seen so far. */
  readonly shown: number;
}

export interface SessionEvents {
  status: Status;
  /** A number or a spoken character more; at most some forty times a second. */
  metrics: void;
  /** The model begins to speak. */
  sample: Sample;
}
