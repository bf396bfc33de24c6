// Which plan the WebGPU engine runs, and a hash of its kernels: the results depend on both.
import type { BackendOptions } from "../training/backend.ts";
import { sha256Hex } from "../training/sha256.ts";
import type { Card } from "./card.ts";
import { fusedPlan, fusedPlanFits } from "./fused_plan.ts";
import { rowsFor } from "./fused_rows.ts";
import { shortened } from "./kernel_text.ts";
import { kernel_sources } from "./kernels.ts";
import { plainPlan } from "./plain_plan.ts";
import type { Plan } from "./plan.ts";
import { teamsFor, tiledPlan, tiledPlanFits } from "./tiled_plan.ts";

/** The plan for a run on a card, unless a test chooses one. */
export function planFor(options: BackendOptions, card: Card): Plan {
  if (fusedPlanFits(options)) return fusedPlan(options, rowsFor(options, card));
  return tiledPlanFits(options) ? tiledPlan(options, teamsFor(card)) : plainPlan(options);
}

/** SHA-256 over what a plan dispatches, in order, and the text of each kernel. */
export function kernelsRevision({ programs }: Plan): string {
  const dispatches = Object.values(programs).flat();
  const names = [...new Set(dispatches.map(({ kernel }) => kernel))].sort();
  const texts = names.map((name) => [name, shortened(kernel_sources[name])]);
  return sha256Hex(new TextEncoder().encode(JSON.stringify([texts, programs])));
}
