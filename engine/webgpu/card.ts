// What the choice of a plan may depend on: a graphics card, as the browser describes it.
import type { Plan, WorkgroupLimit } from "./plan.ts";

/** Browsers hide parts of it for privacy. */
export type CardInfo = Partial<GPUAdapterInfo>;

export interface Card {
  limits: Pick<GPUSupportedLimits, WorkgroupLimit>;
  info: CardInfo;
}

export function fits({ limits }: Card, needed: Plan["limits"] = {}): boolean {
  return Object.entries(needed).every(([limit, least]) => limits[limit as WorkgroupLimit] >= least);
}
