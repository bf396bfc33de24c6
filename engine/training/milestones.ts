// The iterations at which a run stops briefly, measures the validation loss, and lets the model write a sample.
import type { RunConfig } from "./config.ts";
import type { ObserveOptions } from "./observation.ts";

export interface Milestone {
  iteration: number;
  /** Length of the sample. */
  characters: number;
  /** Only the norms of the last update are observed here: the loss is not measured, and the model does not write. */
  only_norms?: true;
}

/**
 * @param observe adds iterations at which only norms are observed
 * @returns all milestones of a run, in order: 0, the early ones, every multiple of `sampling.every`, and the end
 */
export function milestones(
  { training: { iterations }, sampling }: RunConfig,
  observe: ObserveOptions | null = null,
): Milestone[] {
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
  const early = observe?.early_norms?.filter((at) => at > 0 && at < iterations && !found.has(at)) ?? [];
  return [
    ...[...found].map(([iteration, characters]) => ({ iteration, characters })),
    ...early.map((iteration) => ({ iteration, characters: 0, only_norms: true as const })),
  ].sort((a, b) => a.iteration - b.iteration);
}
