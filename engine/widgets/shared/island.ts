// The JSON that the build puts into every widget's element ("island"): all values resolved, defaults filled in.
import type { EvaluationConfig, ModelConfig, SamplingConfig, TrainingConfig } from "../../training/config.ts";
import type { NamedRun, Preset, PresetSettings } from "../../session/preset_runs.ts";
import type { History } from "../../session/history.ts";
import type { RecordedFingerprints } from "../../session/report_card.ts";
import type { Rungs } from "../../training/phase.ts";
import type { Corpus } from "./corpora.ts";
import type { RecordedNorms } from "./preset_strip_place.ts";
import type { ObserveOptions } from "../../training/observation.ts";
import type { Sample } from "../../training/trainer.ts";
import type { SeenSamples } from "../../training/seen.ts";
import { other_build } from "../../wording_of_failures.ts";

export interface RunnerIsland {
  kind: "runner";
  /** Name of the session that this runner creates. */
  session: string;
  seed: string;
  /** Name of the text's script. */
  corpus: string;
  /** What is known about the text, if its script is loaded only when the runner comes near the view. */
  text?: Omit<Corpus, "gzip_base64">;
  /** Without vocab_size, which comes from the corpus. */
  model: Omit<ModelConfig, "vocab_size">;
  training: TrainingConfig;
  sampling: SamplingConfig;
  evaluation: EvaluationConfig;
  /** Names of the four phases, in order. */
  phases: string[];
  /** What readers may predict before the run: its curve, or the loss at its end. */
  predict?: "curve" | "end";
  /** What the page's blocks show of this run's inside. */
  observe?: ObserveOptions;
}

export interface SamplesIsland {
  kind: "samples";
  /** Name of the session whose samples are shown. */
  session: string;
  /** Iterations of the short early samples; empty if the author switched them off. */
  early: number[];
  /** What every sample goes on from. */
  prompt: string;
}

/** The lesson's run, to measure its speed: like a runner's, but without a session. */
export interface SpeedIsland extends Omit<RunnerIsland, "kind" | "session"> {
  kind: "speed";
  /** Of the lesson's own run, whatever training settings are measured. */
  recorded: RecordedFingerprints;
}

export interface QuizIsland {
  kind: "quiz";
  /** Changes with the question and its answers, so that the browser never restores an answer to another question. */
  identity: string;
  /** Like the options' `text` and `why`, HTML that the build made from the author's Markdown. */
  question: string;
  options: { text: string; why: string; correct: boolean }[];
}

/** A question without one right answer, asked at the start of a lesson and again at its end. */
export interface AskedTwiceIsland {
  kind: "quiz";
  twice: "start" | "end";
  /** The same in both blocks; see QuizIsland, also for the HTML below. */
  identity: string;
  question: string;
  options: { text: string; fits: "well" | "partly" | "poorly"; for: string; against: string }[];
}

export interface CompleteIsland {
  kind: "complete";
  /** Name of the session that it describes. */
  session: string;
  /** The sentence for a reader who has not said anything yet. */
  nothing: string;
}

/** A recorded run, thinned by the build; see build/recorded/replay.py. Losses are in nats per character. */
export interface ReplayedRun {
  /** Name of its text. */
  name: string;
  title: string;
  seed: string;
  /** The engine's description for readers. */
  engine: string;
  n_params: number;
  vocab_size: number;
  iterations: number;
  rungs: Rungs | null;
  floor: number | null;
  whole_val: number | null;
  curve: History;
  samples: Sample[];
  /** What readers need to ask about the samples; null if it was not recorded, or if the text is not here. */
  seen: SeenRun | null;
}

export interface SeenRun {
  samples: SeenSamples;
  /** The vocabulary, in its order. */
  characters: string[];
  temperature: number;
  n_layer: number;
}

export interface ReplayIsland {
  kind: "replay";
  /** At least one; the player starts with the first. */
  runs: ReplayedRun[];
  /** Plays by itself once it is in view. */
  autoplay?: true;
}

export interface PresetsIsland extends PresetSettings {
  kind: "presets";
  /** Name of the session whose text, model and seed the runs use. */
  session: string;
  presets: Preset[];
  /** Whether readers name each curve before they see what the page says of it. */
  ask: boolean;
  /** Whether there is a run that does not say which preset it is. */
  mystery: boolean;
  /** The shapes from whose names readers choose; empty if they are not asked. */
  names: { name: string; title: string }[];
  /** By the preset's name; those that are not recorded are missing. */
  recorded_norms: Record<string, RecordedNorms[]>;
}

/**
 * A run of an experiment, and where its recording ends: the val loss, or the train loss without validation text. Null
 * if it diverged.
 */
export interface ExperimentRun extends NamedRun {
  end: number | null;
}

export interface ExperimentIsland extends PresetSettings {
  kind: "experiment";
  /** Name of the session whose text, model and seed the runs use. */
  session: string;
  name: string;
  label: string;
  /** Whether the curves stay covered until the reader has said which run ends lowest. */
  ask: boolean;
  /** The lowest and the highest loss of the build's drawings. */
  span: [number, number];
  runs: ExperimentRun[];
}

/** Saves a run as a file, and loads one. */
export interface CheckpointIsland {
  kind: "checkpoint";
  /** Name of the session that is saved. */
  session: string;
}

/** The list of runs that the browser keeps. */
export interface StoredIsland {
  kind: "stored";
}

/** The recorded run's weights at an iteration. */
export interface RecordedWeights {
  iteration: number;
  /** By name: root mean square, smallest and largest; see TensorFacts in session/weight_map.ts. */
  tensors: Record<string, [number, number, number]>;
}

/** Pictures of a model's weights. */
export interface WeightsIsland {
  kind: "weights";
  session: string;
  /** Empty if the runner's run is not recorded. */
  recorded: RecordedWeights[];
}

/** A run's checkpoint, byte by byte. */
export interface FileBytesIsland {
  kind: "file-bytes";
  session: string;
}

/** What one flipped bit does to a run's file and to its model. */
export interface OneBitIsland {
  kind: "one-bit";
  session: string;
  /** The row of wte that is offered: its character, and which row it is. */
  character: string;
  row: number;
}

/** How a run goes on without parts of its checkpoint. */
export interface ResumesIsland {
  kind: "resumes";
  session: string;
  /** Whether the reader's own run can go on, too. */
  live: boolean;
  /** Changes with the question, as a quiz's. */
  identity: string;
  /** Like the parts' texts, HTML that the build made from the author's Markdown. Empty if nothing is asked. */
  question: string;
  parts: { text: string; needed: boolean; why: string }[];
}

/** Lets readers ask a model. */
export interface TalkIsland {
  kind: "talk";
  /** Name of the session that is asked first. */
  session: string;
  prompt: string;
  temperature: number;
  /** Null for all characters. */
  top_k: number | null;
  /** Length of an answer. */
  characters: number;
}

/** Two seeds side by side. */
export interface TwinSeedsIsland {
  kind: "twin-seeds";
  /** Name of the session whose text, model and training settings they have. */
  session: string;
  seeds: [string, string];
  /** How far each is trained. */
  iterations: number;
}

/** Blocks about checkpoints, which have a script of their own: widgets/checkpoint/script.ts. */
export type LateIsland =
  | CheckpointIsland
  | FileBytesIsland
  | OneBitIsland
  | ResumesIsland
  | StoredIsland
  | TalkIsland
  | TwinSeedsIsland
  | WeightsIsland;

/** What a head's absence costs, at the end of the recorded run. */
export interface RecordedHeadsOff {
  /** What follows “the loss”: “on this line”. */
  called: string;
  /** With all heads on, in nats per character. */
  loss: number;
  /** [L NH]: with that head alone switched off. */
  without: number[];
}

/** Where the heads of the recorded run looked. */
export interface RecordedHeads {
  iterations: number[];
  /** The observed characters, and the one after them. */
  line: string;
  /** [milestones, L NH]; see ObservedLine. */
  previous: number[][];
  prefix: number[][];
  /** [milestones, L, NH, t, t], in 255ths: gzipped, then in base64. */
  attention: string;
  /** Null if it was not recorded. */
  off: RecordedHeadsOff | null;
}

/** Where the heads of a model look. */
export interface AttentionIsland {
  kind: "attention";
  session: string;
  /** Name of the text. */
  corpus: string;
  /** The head with the highest such score is shown first. */
  score: "previous" | "prefix";
  /** The observed characters of the reader's run, and the one after them; and the same as vocabulary indices. */
  line: string;
  tokens: number[];
  /** Whether the text is one of writings and their copies. */
  writings: boolean;
  /** Null if the runner's run is not recorded. */
  recorded: RecordedHeads | null;
}

/** First writings and copies at a milestone, in nats per character. */
export interface RecordedCopies {
  iteration: number;
  first: number;
  copies: number;
  /** The highest prefix-match score of a head, and which head has it. */
  prefix: number;
  head: number;
}

/** How the loss of copies falls while a head learns to find what came next the last time. */
export interface CopiesIsland {
  kind: "copies";
  session: string;
  /** Name of the text. */
  corpus: string;
  floors: { first: number; copies: number };
  /** By rising iteration; empty if the runner's run is not recorded. */
  recorded: RecordedCopies[];
}

/** What surprises a model on one line, beside what models that count say of it. */
export interface SurpriseIsland {
  kind: "surprise";
  /** Name of the session whose run is observed. */
  session: string;
  /** Name of the text. */
  corpus: string;
  /** [length + 1]: the line on which the run is observed. Its first character is given, the others are predicted. */
  text: string;
  /** By the name of a rung; -ln p of the characters after the first, in nats. */
  models: { name: string; title: string; looks_back: number; surprise: number[] }[];
  /** The name of the model with which the run is compared first. */
  compare: string;
  /** A character is marked if the model is at least so much less surprised. */
  margin_nats: number;
  /** Higher bars are cut. */
  top_nats: number;
  /** By rising iteration; empty if the runner's run is not recorded. */
  recorded: { iteration: number; surprise: number[] }[];
}

/** How large gradients, updates and weights are. */
export interface InstrumentsIsland {
  kind: "instruments";
  session: string;
  /** Name of the preset whose runs it shows; null for the run of the session. */
  preset: string | null;
  /** What a screen reader calls it. */
  label: string;
  /** Whether the residual stream is observed, too. */
  stream: boolean;
  /** Planned for the recorded run. */
  iterations: number;
  /** Empty if that run is not recorded. */
  recorded: RecordedNorms[];
}

/** Blocks that show the inside of a run, by the script of instruments: widgets/instruments/script.ts. */
export type InstrumentIsland = AttentionIsland | CopiesIsland | InstrumentsIsland | SurpriseIsland;

export type Island =
  | ExperimentIsland
  | PresetsIsland
  | ReplayIsland
  | RunnerIsland
  | SamplesIsland
  | SpeedIsland
  | QuizIsland
  | AskedTwiceIsland
  | CompleteIsland
  | InstrumentIsland
  | LateIsland;

const KINDS: Record<Island["kind"], true> = {
  runner: true,
  samples: true,
  speed: true,
  quiz: true,
  complete: true,
  replay: true,
  presets: true,
  experiment: true,
  checkpoint: true,
  stored: true,
  weights: true,
  "file-bytes": true,
  "one-bit": true,
  resumes: true,
  talk: true,
  "twin-seeds": true,
  surprise: true,
  attention: true,
  copies: true,
  instruments: true,
};

/** @throws Error if the element has no readable island: page and script then come from different builds. */
export function readIsland(root: Element): Island {
  const script = root.querySelector<HTMLScriptElement>(':scope > script[type="application/json"]');
  const island: unknown = JSON.parse(script?.textContent || "null");
  const kind = island !== null && typeof island === "object" && "kind" in island ? island.kind : null;
  if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) {
    throw new Error(other_build);
  }
  return island as Island;
}
