// Checks that WebGPU accepts every kernel of a plan: one compiler may reject what another accepts. Nothing is run, so
// this takes a moment; compiling pipelines without a GPU would take half a minute.
import { kernel_sources } from "../../../engine/webgpu/kernels.ts";
import { normsPlan, observationPlan } from "../../../engine/webgpu/observation_plan.ts";
import { headerOf } from "../../../engine/webgpu/plan.ts";
import { type Check, expect } from "./check.ts";
import type { MakePlan } from "./model_checks.ts";
import { optionsOf, shapes } from "./shapes.ts";

/** @param plan the plan to check, besides those that observe, at the lesson's depth and vocabulary */
export function moduleChecks(plan: MakePlan): Check[] {
  return [{
    name: "every kernel is accepted",
    async run({ device }) {
      const options = optionsOf({ ...shapes.lesson, L: 4 });
      const plans = [plan, observationPlan, normsPlan].map((make) => make(options));
      const codes = new Map(
        plans.flatMap(({ programs }) => Object.values(programs).flat()).map((
          { kernel, constants },
        ) => [headerOf(constants) + kernel_sources[kernel], kernel]),
      );
      expect(codes.size > 10, `only ${codes.size} kernels`);
      for (const [code, kernel] of codes) {
        device.pushErrorScope("validation");
        const { messages } = await device.createShaderModule({ label: kernel, code }).getCompilationInfo();
        const refusal = await device.popErrorScope();
        const said = [refusal?.message, ...messages.map(({ message }) => message)].filter(Boolean);
        expect(said.length === 0, `${kernel}.wgsl: ${said.join("\n")}`);
      }
    },
  }];
}
