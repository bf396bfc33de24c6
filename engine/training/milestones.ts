// The iterations at which a run stops briefly, measures the validation loss, and lets the model write a sample.
import type { RunConfig } from "./config.ts";

export interface Milestone {
  iteration: number;
  /** Length of the sample. */
  characters: number;
}

/** @returns all milestones of a run, in order: 0, the early ones, every multiple of `sampling.every`, and the end */
export function milestones({ training: { iterations }, sampling }: RunConfig): Milestone[] {
  const found = new Map<number, number>([[0, sampling.characters]]);
  for (const iteration of sampling.early) {
    if (iteration > 0 && iteration < Math.min(sampling.every, iterations)) {
      found.set(iteration, sampling.early_characters);
    }
  }
  for (let iteration = sampling.every; iteration < iterations; iteration += sampling.every) {
    found.set(iteration, sampling.characters);
  }
  found.set(iterations, sampling.characters);
  return [...found].map(([iteration, characters]) => ({ iteration, characters }))
    .sort((a, b) => a.iteration - b.iteration);
}
