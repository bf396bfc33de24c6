// What a file knows of a run's measurements: enough for the run to go on as if it had never stopped.
import { hasValidation } from "../training/corpus.ts";
import { milestones } from "../training/milestones.ts";
import type { RunConfig } from "../training/config.ts";
import type { Trainer } from "../training/trainer.ts";
import type { About } from "./about.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** Losses on the validation windows, by iteration. A file keeps them in f32; its samples have the exact number. */
export function valsOf({ about: { iteration, samples }, rest }: Pick<Checkpoint, "about" | "rest">): (number | null)[] {
  const kept = rest?.losses.val ?? new Float32Array(iteration + 1).fill(NaN);
  const vals = Array.from(kept, (val) => Number.isNaN(val) ? null : val);
  for (const { iteration, val } of samples) {
    if (rest === null || Math.fround(val ?? NaN) === vals[iteration]) vals[iteration] = val;
  }
  return vals;
}

/**
 * @returns the last milestone that need not be measured again; -1 if there is none. An end whose last measurement is
 * missing is measured again, with the same results.
 */
export function lastMeasured(
  { run, corpus }: Pick<Trainer, "run" | "corpus">,
  { iteration, samples, whole_val }: About,
  vals: (number | null)[],
): number {
  const here = vals[iteration] !== null || samples.at(-1)?.iteration === iteration;
  const ended = iteration === run.training.iterations, measures = hasValidation(corpus, run.model.block_size);
  const whole = !ended || whole_val !== null || !run.evaluation.whole_at_end || !measures;
  const passed = milestones(run).filter((milestone) =>
    milestone.iteration < iteration || milestone.iteration === iteration && here && whole
  );
  return passed.at(-1)?.iteration ?? -1;
}

/** The lowest loss at a milestone so far, which decides the phase: on the validation windows, else the train loss. */
export function bestLoss(
  run: RunConfig,
  measured_at: number,
  train: Float32Array,
  vals: (number | null)[],
): number {
  let best = Infinity;
  for (const { iteration } of milestones(run)) {
    if (iteration > measured_at) break;
    const loss = vals[iteration] ?? train[iteration - 1];
    if (loss < best) best = loss; // never true for NaN
  }
  return best;
}
