// Decides whether a graphics card is woken before a rest ends. In a rest the card lowers its clock, and it needs some work
// before it raises it again. A short stretch of training would end before that.
import type { RunState } from "./run_state.ts";

/** How long before the end of a rest the card begins to work. */
export const WAKING_MS = 300;
/** Longer stretches do without: the clock has time to rise, and a slow card, often a laptop's, saves its battery. */
const LONGEST_STRETCH_MS = 1000;

/** What decides. */
export interface Stretch {
  engine: Pick<NonNullable<RunState["engine"]>, "kind"> | null;
  record: Pick<RunState["record"], "rate">;
  rehearsal: Pick<RunState["rehearsal"], "rate">;
  milestones: RunState["milestones"];
  iteration: number;
}

/** Whether a short stretch of training on a graphics card comes next, from one rest to another. */
export function wakesCard({ engine, record, rehearsal, milestones, iteration }: Stretch): boolean {
  const rate = record.rate ?? rehearsal.rate;
  const next = milestones.find((milestone) => milestone.iteration > iteration && !milestone.only_norms);
  if (engine?.kind !== "webgpu" || rate === null || !next) return false;
  return (next.iteration - iteration) / rate * 1000 < LONGEST_STRETCH_MS;
}
