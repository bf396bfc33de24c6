// Compares the tiled plan's kernels with their twins, and its gradients with the plain plan's. Its edges: widths of one to
// four tiles, rows and vocabularies that no tile divides, heads of every size, contexts longer than a workgroup's rows.
import type { BackendOptions } from "../../../engine/training/backend.ts";
import { compile } from "../../../engine/webgpu/compile.ts";
import { kernel_sources } from "../../../engine/webgpu/kernels.ts";
import type { Plan } from "../../../engine/webgpu/plan.ts";
import { planFor } from "../../../engine/webgpu/revision.ts";
import { tiledPlan } from "../../../engine/webgpu/tiled_plan.ts";
import { cardOf } from "./cards.ts";
import { type Check, expect } from "./check.ts";
import { checkDispatch, distinctDispatches } from "./kernel_checks.ts";
import { type MakePlan, sameGradients } from "./model_checks.ts";
import { optionsOf, type Shape } from "./shapes.ts";
import { tiled_twins } from "./tiled_twins.ts";

/** With the most teams: they need more workgroup memory than SwiftShader has; test_webgpu.py says where this runs. */
const withFourTeams = (options: BackendOptions): Plan => tiledPlan(options, 4);

function kernelsCheck(shape: Shape, makePlan: MakePlan = tiledPlan): Check {
  return {
    name: `tiled kernels at ${JSON.stringify(shape)}`,
    async run(open) {
      const options = optionsOf(shape, 20), plan = makePlan(options), problems: string[] = [];
      for (const program in plan.programs) {
        plan.programs[program] = plan.programs[program].filter(({ kernel }) => kernel in tiled_twins);
      }
      const { train, evaluate, gather } = plan.programs, programs = { train, evaluate, gather };
      plan.programs = programs;
      const compiled = await compile(open.device, plan, kernel_sources), checked = new Set<string>();
      for (const { program, place, dispatch: { kernel, label } } of distinctDispatches(plan, Object.keys(programs))) {
        checked.add(kernel);
        await checkDispatch(open, compiled, options, program, place, tiled_twins[kernel]).catch((error) => {
          if (open.error) throw open.error;
          problems.push(`${kernel}, "${label}": ${error.message}`);
        });
      }
      compiled.dispose();
      const others = shape.C > 64 ? /backward_layernorm$/ : /layernorm_backward$/; // of rows that are one tile wide
      const unchecked = Object.keys(kernel_sources)
        .filter((name) => name.startsWith("tiled/") && !others.test(name) && !checked.has(name));
      expect(unchecked.length === 0, `not checked: ${unchecked}`);
      expect(problems.length === 0, problems.join("\n"));
    },
  };
}

const fitting: Check = {
  name: "each shape gets the fastest plan that fits",
  async run() {
    const shape: Shape = { B: 2, T: 64, C: 64, NH: 4, V: 65, L: 2 };
    const chosen = (change: Partial<Shape>) => planFor(optionsOf({ ...shape, ...change }), cardOf({})).name;
    const expected: [Partial<Shape>, string][] = [
      [{}, "fused"],
      [{ V: 256 }, "fused"],
      [{ T: 128 }, "tiled"],
      [{ C: 256 }, "tiled"],
      [{ C: 192, NH: 16 }, "tiled"],
      [{ C: 48 }, "plain"],
      [{ C: 256, T: 256, B: 64, L: 8 }, "plain"], // a tensor of all layers would be too large for some devices
    ];
    for (const [change, plan] of expected) {
      expect(chosen(change) === plan, `${JSON.stringify(change)} gets the ${chosen(change)} plan, not the ${plan} one`);
    }
    await Promise.resolve();
  },
};

/** Kernels, one by one. */
export const tiled_kernel_checks: Check[] = [
  fitting,
  kernelsCheck({ B: 1, T: 37, C: 64, NH: 8, V: 11, L: 1 }),
  kernelsCheck({ B: 3, T: 21, C: 128, NH: 2, V: 65, L: 2 }),
];
export const more_tiled_kernel_checks: Check[] = [
  kernelsCheck({ B: 3, T: 100, C: 64, NH: 4, V: 65, L: 1 }), // sums in two parts
  kernelsCheck({ B: 2, T: 9, C: 256, NH: 4, V: 256, L: 1 }),
  kernelsCheck({ B: 2, T: 33, C: 192, NH: 16, V: 130, L: 1 }),
];

/** The same with four teams. */
export const team_checks: Check[] = [
  kernelsCheck({ B: 3, T: 21, C: 128, NH: 2, V: 65, L: 1 }, withFourTeams),
  sameGradients({ B: 3, T: 33, C: 192, NH: 6, V: 200, L: 1 }, withFourTeams, "tiled"),
];

const same = (shape: Shape) => sameGradients(shape, tiledPlan, "tiled");

/** Whole models. */
export const tiled_gradient_checks: Check[] = [
  same({ B: 1, T: 128, C: 64, NH: 4, V: 65, L: 2 }),
  same({ B: 4, T: 20, C: 128, NH: 8, V: 129, L: 2 }),
  same({ B: 2, T: 24, C: 256, NH: 4, V: 65, L: 1 }),
  same({ B: 3, T: 33, C: 192, NH: 16, V: 200, L: 1 }),
];
/** Large enough for tiles of 64 rows, and for sums in several parts. */
export const more_tiled_gradient_checks: Check[] = [same({ B: 4, T: 250, C: 256, NH: 4, V: 65, L: 1 })];
