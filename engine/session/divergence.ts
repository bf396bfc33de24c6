// Why a run's numbers overflowed f32, derived from its settings, because a curve cannot show it. The arithmetic handles
// large numbers safely, so only huge weights overflow. Weights become huge in two ways.
import type { TrainingConfig } from "../training/config.ts";
import { type Cause, causeText } from "../wording_of_failures.ts";
import { learningRate } from "../training/schedule.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Updates that add up to this are too large by themselves: products of several such weights, squared in a LayerNorm,
 * overflow f32. Measured without weight decay: at any rate, the lesson's model survives until the sum is about 50,000.
 */
const HUGE = 3e4;

/**
 * What made the weights huge; null if the settings do not explain it.
 * @param at the iteration whose loss was not finite
 */
export function causeOfDivergence(training: TrainingConfig, at: number): Cause | null {
  let rate = 0, moved = 0;
  for (let iteration = 0; iteration < at; iteration++) {
    const next = learningRate(training, iteration);
    rate = Math.max(rate, next);
    moved += next;
  }
  if (moved >= HUGE) return { kind: "steps", rate };
  const { weight_decay } = training;
  return 1 - rate * weight_decay < -1 ? { kind: "decay", rate, weight_decay } : null;
}

/** A verdict on a run with safe arithmetic, with the cause if its numbers overflowed f32. */
export function withCause(verdict: Verdict, training: TrainingConfig): Verdict {
  const cause = verdict.name === "nan" ? causeOfDivergence(training, verdict.iteration!) : null;
  return cause === null ? verdict : { ...verdict, words: `${verdict.words} ${causeText(cause)}` };
}
