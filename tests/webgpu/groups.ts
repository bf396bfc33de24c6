// All checks of the WebGPU engine, in groups that each run in a page or process of their own.
import type { Plan } from "../../engine/webgpu/plan.ts";
import type { Check } from "./check.ts";
import { kernel_checks } from "./kernel_checks.ts";

/** Nothing that is checked needs more than WebGPU's default limits. */
export const prepared_for: Plan = { name: "checks", tensors: [{ name: "x", shape: [1], type: "f32" }], programs: {} };

export const groups: Record<string, Check[]> = {
  kernels: kernel_checks,
};
