// The JSON that the build puts into every widget's element ("island"): all values resolved, defaults filled in.
import type { EvaluationConfig, ModelConfig, SamplingConfig, TrainingConfig } from "../../training/config.ts";
import type { Preset, PresetSettings } from "../../session/preset_runs.ts";
import type { History } from "../../session/history.ts";
import type { RecordedFingerprints } from "../../session/report_card.ts";
import type { Rungs } from "../../training/phase.ts";
import type { Sample } from "../../training/trainer.ts";
import { other_build } from "../../wording_of_failures.ts";

export interface RunnerIsland {
  kind: "runner";
  /** Name of the session that this runner creates. */
  session: string;
  seed: string;
  /** Name of the corpus script that came with the page. */
  corpus: string;
  /** Without vocab_size, which comes from the corpus. */
  model: Omit<ModelConfig, "vocab_size">;
  training: TrainingConfig;
  sampling: SamplingConfig;
  evaluation: EvaluationConfig;
  /** Names of the four phases, in order. */
  phases: string[];
}

export interface SamplesIsland {
  kind: "samples";
  /** Name of the session whose samples are shown. */
  session: string;
  /** Iterations of the short early samples; empty if the author switched them off. */
  early: number[];
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

export interface CompleteIsland {
  kind: "complete";
  /** Name of the session that it describes. */
  session: string;
}

/** A recorded run, thinned by the build; see build/recorded/replay.py. Losses are in nats per character. */
export interface ReplayedRun {
  /** Name of its text. */
  name: string;
  title: string;
  seed: string;
  /** The engine's description for readers. */
  engine: string;
  vocab_size: number;
  iterations: number;
  rungs: Rungs | null;
  floor: number | null;
  whole_val: number | null;
  curve: History;
  samples: Sample[];
}

export interface ReplayIsland {
  kind: "replay";
  /** At least one; the player starts with the first. */
  runs: ReplayedRun[];
}

export interface PresetsIsland extends PresetSettings {
  kind: "presets";
  /** Name of the session whose text, model and seed the runs use. */
  session: string;
  presets: Preset[];
}

export type Island =
  | PresetsIsland
  | ReplayIsland
  | RunnerIsland
  | SamplesIsland
  | SpeedIsland
  | QuizIsland
  | CompleteIsland;

const KINDS: Record<Island["kind"], true> = {
  runner: true,
  samples: true,
  speed: true,
  quiz: true,
  complete: true,
  replay: true,
  presets: true,
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
