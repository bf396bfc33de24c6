// Why a run's numbers left f32, worked out from its settings: what a curve cannot show. The arithmetic takes care of large
// numbers, so it needs huge weights, and there are two ways to them.
import type { TrainingConfig } from "./config.ts";
import { large } from "./numbers.ts";
import { learningRate } from "./schedule.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Weights of this size leave f32: what a block adds to the residual stream is of their third power, with sums over some
 * hundred channels, and LayerNorm squares it. Measured: with this model, from 30,000 on.
 */
const HUGE = 1e4;

/**
 * One sentence for a reader: what made the weights huge; null where the settings do not explain it.
 * @param at the iteration whose loss was not a number
 */
export function causeOfDivergence(training: TrainingConfig, at: number): string | null {
  let highest = 0, moved = 0;
  for (let iteration = 0; iteration < at; iteration++) {
    const rate = learningRate(training, iteration);
    highest = Math.max(highest, rate);
    moved += rate;
  }
  if (moved >= HUGE) {
    return `AdamW moves each weight by about the learning rate in every iteration, up to ${large(highest)} here: ` +
      "products of such weights are beyond the largest 32-bit number, 3 × 10³⁸.";
  }
  const { weight_decay } = training, factor = 1 - highest * weight_decay;
  if (factor >= -1) return null;
  return `Weight decay multiplies the weights by 1 − learning rate × ${weight_decay} in every iteration. That is ` +
    `${large(factor)} here: beyond a rate of ${large(2 / weight_decay)} the decay makes weights grow, ` +
    "with alternating sign, until 32-bit numbers end.";
}

/** A verdict on a run, with the cause where its numbers left f32 and sound arithmetic computed it. */
export function withCause(verdict: Verdict, training: TrainingConfig): Verdict {
  const cause = verdict.name === "nan" ? causeOfDivergence(training, verdict.iteration!) : null;
  return cause === null ? verdict : { ...verdict, words: `${verdict.words} ${cause}` };
}
