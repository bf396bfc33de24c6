// The learning rate and AdamW's bias corrections: one row per iteration, in an f32 table that every engine reads.
import type { TrainingConfig } from "./config.ts";
import { exactCosTurns } from "./exact_math.ts";

/** Numbers per row of the table. */
export const SCHEDULE_COLUMNS = 4;

/** Linear warm-up to the peak, then cosine decay towards `final_learning_rate_fraction` of it. */
export function learningRate(training: TrainingConfig, iteration: number): number {
  const { learning_rate: peak, warmup_iterations, iterations, final_learning_rate_fraction: final } = training;
  if (iteration < warmup_iterations) return peak * (iteration + 1) / warmup_iterations;
  const progress = Math.min(1, (iteration - warmup_iterations) / Math.max(1, iterations - warmup_iterations));
  return peak * (final + (1 - final) * 0.5 * (1 + exactCosTurns(progress / 2)));
}

/**
 * @returns [iterations, 4]: learning rate, 1 / (1 - beta1^t), 1 / (1 - beta2^t) with t = iteration + 1, and 0.
 * The bias corrections are those of Adam (Kingma and Ba, 2015). The powers are running products, which give the same
 * bits everywhere.
 */
export function scheduleTable(training: TrainingConfig): Float32Array<ArrayBuffer> {
  const table = new Float32Array(training.iterations * SCHEDULE_COLUMNS);
  let power1 = 1, power2 = 1;
  for (let iteration = 0; iteration < training.iterations; iteration++) {
    power1 *= training.beta1;
    power2 *= training.beta2;
    table.set([learningRate(training, iteration), 1 / (1 - power1), 1 / (1 - power2)], iteration * SCHEDULE_COLUMNS);
  }
  return table;
}
