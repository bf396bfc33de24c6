// A session's options, statuses and events.
import type { RunConfig } from "../training/config.ts";
import type { ObserveOptions } from "../training/observation.ts";
import type { Place } from "../wording_of_failures.ts";
import type { Rungs } from "../training/phase.ts";
import type { Sample } from "../training/trainer.ts";
import type { SessionHost } from "../workers/engine_link.ts";
import type { MeasuredEngines } from "./measured_engines.ts";

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

/** The text of a run, as the build passes it to the page. */
export interface CorpusSource {
  name: string;
  title: string;
  sha256: string;
  vocab_size: number;
  rungs: Rungs | null;
  /** Exact entropy in nats per character; null unless the process that generates the text is known. */
  floor: number | null;
  /** The vocabulary, in its order. */
  characters?: string[];
  /** The text, or a function that loads it. */
  gzip_base64: string | (() => Promise<string>);
  /** The vocabulary in its order, where the text itself is not here: the model can write then, but not train. */
  only_characters?: string[];
}

/** The values that a runner's author chose; the text determines the vocabulary. */
export interface SessionOptions extends Omit<RunConfig, "model"> {
  model: Omit<RunConfig["model"], "vocab_size">;
  corpus: CorpusSource;
  /** What the page's instruments want to know at each milestone. */
  observe?: ObserveOptions | null;
  /** Chooses the advice after a failure; a runner's advice by default. */
  place?: Place;
}

/** What a session's environment provides. */
export interface RunHost extends SessionHost {
  /** Shared by all runs of a page; without it, engines are not compared. */
  measured?: MeasuredEngines;
}

/** Something that happened in a run. */
export interface Note {
  iteration: number;
  text: string;
}

/** A sample being written out. */
export interface Spoken {
  readonly sample: Readonly<Sample>;
  /** Number of characters shown so far. */
  readonly shown: number;
}

export interface SessionEvents {
  status: Status;
  /** A number has changed, or a sample shows more characters; at most about forty times a second. */
  metrics: void;
  /** The model begins to write a sample. */
  sample: Sample;
}
