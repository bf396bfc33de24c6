// What the health strip says: its numbers, and a sentence about one milestone. Limits and sentences stand in health.json,
// which the build reads too (build/recorded/health.py). No DOM.
import health from "./health.json" with { type: "json" };
import type { Observation } from "../../training/observation.ts";
import type { NormsAt, RecordedNorms } from "../shared/preset_strip_place.ts";

/** The milestones of a run that have norms: all but the first. */
export function normsOf(observations: readonly Observation[]): NormsAt[] {
  return observations.flatMap(({ iteration, norms, line }) =>
    norms ? [{ iteration, norms, stream_rms: line?.stream_rms }] : []
  );
}

/** The numbers of a recorded run. */
export function ofRecording(recorded: readonly RecordedNorms[]): NormsAt[] {
  return recorded.map(({ iteration, norms: { gradient, update, weight }, stream_rms }) => {
    const norms = { gradient: gradient.map(Number), update: update.map(Number), weight: weight.map(Number) };
    return { iteration, norms, stream_rms: stream_rms?.map(Number) };
  });
}

/** What the strip draws, in order. */
export const QUANTITIES = ["gradient", "ratio", "stream"] as const;
export type Quantity = typeof QUANTITIES[number];

/** The quantities' names: above the drawings, and in the table's head. */
export const { names: NAMES, short_names: SHORT_NAMES, wanted_ratio: WANTED_RATIO, nothing_yet, whose } = health;

/** What readers call the groups: the embeddings, each block, and the last LayerNorm. */
export function groupNames(count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => i === 0 ? "embeddings" : i < count - 1 ? `block ${i}` : "final LayerNorm",
  );
}

/** The values of a quantity, one for each group; empty if they were not observed. */
export function valuesOf(quantity: Quantity, { norms, stream_rms }: NormsAt): readonly number[] {
  const { gradient, update, weight } = norms;
  if (quantity === "stream") return stream_rms ?? [];
  return quantity === "gradient" ? gradient : update.map((norm, i) => norm / weight[i]);
}

/** A norm with two digits: 0.85, 12, 4.8e-7, 0; the largest ones as “above 1e38”. */
export function short(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value > health.largest) return `above ${exponential(health.largest, 0)}`;
  if (value === 0) return "0";
  if (value < 0.00995 || value >= 999.5) return exponential(value, 1);
  return value >= 99.5 ? value.toFixed(0) : value.toPrecision(2);
}

const exponential = (value: number, digits: number) => value.toExponential(digits).replace("e+", "e");

/** The sentence about a milestone. */
export function sayingOf({ iteration, norms: { gradient, update, weight } }: NormsAt): string {
  const whole = Math.hypot(...gradient), ratio = Math.hypot(...update) / Math.hypot(...weight);
  const values: Record<string, string> = {
    iteration: iteration.toLocaleString("en-GB"),
    gradient: short(whole),
    ratio: short(ratio),
    apart: Number((WANTED_RATIO / ratio).toPrecision(1)).toLocaleString("en-GB"),
    groups: groupNames(gradient.length).filter((_, i) => gradient[i] === 0).join(", "),
  };
  const filled = (words: string) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const sizes = [...gradient, ...update, ...weight];
  if (!sizes.every((norm) => norm <= health.largest)) return filled(health.overflow);
  if (whole === 0) return filled(health.no_gradient);
  const also = values.groups === "" ? "" : ` ${filled(health.unreached)}`;
  if (ratio === 0) return filled(health.no_update) + also;
  return filled(health.ratios.find(({ below }) => below === null || ratio < below)!.says) + also;
}
