// Compares what bench/bytes_moved.ts says that a plan loads and stores with counts of what its kernels do.
import type { BackendOptions } from "../../../engine/training/backend.ts";
import { movesOf } from "../../../engine/bench/bytes_moved.ts";
import { type Check, expect } from "./check.ts";
import type { MakePlan } from "./model_checks.ts";
import { countMoved } from "./moved_counter.ts";
import { optionsOf, type Shape } from "./shapes.ts";

/** The text repeats all V characters in order, so neighbours differ, as moves.ts assumes. */
export function movedChecks(makePlan: MakePlan, shape: Shape): Check[] {
  return [{
    name: `bytes moved at B = ${shape.B}, T = ${shape.T}, C = ${shape.C}, V = ${shape.V}`,
    async run() {
      const options: BackendOptions = optionsOf(shape, 2);
      const plan = makePlan({ ...options, tokens: options.tokens.map((_, i) => i % shape.V) });
      const before = ["begin"].filter((name) => name in plan.programs);
      const counted = await countMoved(plan, before, "train"), problems: string[] = [];
      plan.programs.train.forEach((dispatch, i) => {
        const expected = { ...movesOf(dispatch), outside: 0 }, found = JSON.stringify(counted[i]);
        if (found === JSON.stringify(expected)) return;
        problems.push(`"${dispatch.label}" (${dispatch.kernel}): ${found}, expected ${JSON.stringify(expected)}`);
      });
      expect(problems.length === 0, problems.join("\n"));
    },
  }];
}
