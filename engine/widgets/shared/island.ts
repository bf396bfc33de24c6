// The JSON that the site's builder leaves in every widget's element: all values resolved, defaults filled in.
import type { EvaluationConfig, ModelConfig, SamplingConfig, TrainingConfig } from "../../training/config.ts";
import type { Preset, PresetSettings } from "../../session/preset_runs.ts";
import type { History } from "../../session/history.ts";
import type { Rungs } from "../../training/phase.ts";
import type { Sample } from "../../training/trainer.ts";
import { other_build } from "../../wording_of_failures.ts";

export interface RunnerIsland {
  kind: "runner";
  /** Name of the session that this runner makes. */
  session: string;
  seed: string;
  /** Name of the corpus script that came with the page. */
  corpus: string;
  /** The vocabulary follows the text, so its size comes with the corpus. */
  model: Omit<ModelConfig, "vocab_size">;
  training: TrainingConfig;
  sampling: SamplingConfig;
  evaluation: EvaluationConfig;
  /** Names of the four phases, from the first to the last. */
  phases: string[];
}

export interface SamplesIsland {
  kind: "samples";
  /** Name of the session whose samples are shown. */
  session: string;
  /** Iterations of the short early samples; empty where the author switched them off. */
  early: number[];
}

/** The lesson's run, to be measured; as a runner's, without a session. */
export interface SpeedIsland extends Omit<RunnerIsland, "kind" | "session"> {
  kind: "speed";
}

export interface QuizIsland {
  kind: "quiz";
  /** Changes with the question and its answers, so that what the browser remembers is of this question. */
  identity: string;
  /** As the options' `text` and `why`: HTML that the builder made of the author's Markdown. */
  question: string;
  options: { text: string; why: string; correct: boolean }[];
}

export interface CompleteIsland {
  kind: "complete";
  /** Name of the session that it tells of. */
  session: string;
}

/** A run that was recorded, as the builder thinned it; see build/recorded/replay.py. Losses in nats per character. */
export interface RecordedRun {
  /** Of its text. */
  name: string;
  title: string;
  seed: string;
  /** In words. */
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
  /** At least one; the first is shown first. */
  runs: RecordedRun[];
}

export interface PresetsIsland extends PresetSettings {
  kind: "presets";
  /** Name of the session whose text, model and seed the runs have. */
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

/** @throws Error where the element has no readable island: the page and its script are not of the same build. */
export function readIsland(root: Element): Island {
  const script = root.querySelector<HTMLScriptElement>(':scope > script[type="application/json"]');
  const island: unknown = JSON.parse(script?.textContent || "null");
  const kind = island !== null && typeof island === "object" && "kind" in island ? island.kind : null;
  if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) {
    throw new Error(other_build);
  }
  return island as Island;
}
