// How a presets block words a run: what it changes, and what its curve showed.
import type { Preset } from "../session/preset_runs.ts";
import type { History } from "../session/history.ts";
import { jumps, type Verdict } from "../session/verdict.ts";
import { make } from "./shared/dom.ts";
import { loss } from "./shared/format.ts";
import { plainNumber } from "./shared/number_words.ts";

/** Losses of a curve in words. */
const TOLD = 10;

/** The changed value's name, as the page shows it. */
const NAMES: Record<string, string> = {
  learning_rate: "learning rate",
  batch_size: "sequences per batch",
  warmup_iterations: "iterations of warm-up",
  training_characters: "characters to train on",
  final_learning_rate_fraction: "final learning rate / peak",
};

/** The changed value without any hint at its effect: a run's label until the reader has named its curve. */
export function neutralLabel({ change }: Preset): string {
  return change === null ? "nothing changed" : `${NAMES[change.key]}: ${plainNumber(change.value)}`;
}

/** The changed value and its healthy one, in a sentence. */
export function changeText(preset: Preset): string {
  const { change, training: { learning_rate, batch_size, warmup_iterations } } = preset;
  if (change !== null) return `${neutralLabel(preset)} ${insteadOf(change.healthy)}`;
  const rate = plainNumber(learning_rate);
  return `lr ${rate}, batches of ${batch_size}, warm-up of ${warmup_iterations}: all healthy`;
}

/** The changed value next to its healthy one. @param covered whether the button already shows the changed value */
export function changeOf(preset: Preset, covered: boolean): (Node | string)[] {
  const { change } = preset;
  if (change === null) return [changeText(preset)];
  if (covered) return [insteadOf(change.healthy)];
  return [`${NAMES[change.key]}: `, make("strong", {}, plainNumber(change.value)), ` ${insteadOf(change.healthy)}`];
}

function insteadOf(healthy: number | null): string {
  return `instead of ${healthy === null ? "all of the text" : plainNumber(healthy)}`;
}

/** The verdict in two or three words, such as "NaN at 78". */
export function named({ name, iteration }: Pick<Verdict, "name" | "iteration">): string {
  const spelt = name === "nan" ? "NaN" : name;
  return iteration === undefined ? spelt : `${spelt} at ${iteration}`;
}

/** A curve in words, for a screen reader: some losses along the way, and how much neighbours differ. */
export function course({ train, val }: History): string {
  const jump = jumps(train.filter((loss): loss is number => Number.isFinite(loss)).slice(-100));
  const jumping = Number.isFinite(jump) ? `; from one iteration to the next it jumps by about ${loss(jump)}` : "";
  return `train ${along(train)}${jumping}; val ${along(val)}`;
}

/** Up to TOLD values of a column with their iterations, the first and the last among them. */
function along(column: History["train"]): string {
  const known = column.flatMap((value, i) => Number.isFinite(value) ? [`${loss(value)} at ${i}`] : []);
  const picked = new Set(Array.from({ length: TOLD }, (_, i) => Math.round(i * (known.length - 1) / (TOLD - 1))));
  return known.filter((_, i) => picked.has(i)).join(", ") || "not measured";
}
