// All checks of the WebGPU engine, in groups that each run in a page or process of their own.
import { fusedPlan } from "../../engine/webgpu/fused_plan.ts";
import { plainPlan } from "../../engine/webgpu/plain_plan.ts";
import type { Plan } from "../../engine/webgpu/plan.ts";
import { backendChecks, trouble_checks } from "./backend_checks.ts";
import type { Check } from "./check.ts";
import { kernel_checks, more_kernel_checks } from "./kernel_checks.ts";
import { fusedChecks, lessonChecks, modelChecks } from "./model_checks.ts";

/** Nothing that is checked needs more than WebGPU's default limits. */
export const prepared_for: Plan = { name: "checks", tensors: [{ name: "x", shape: [1], type: "f32" }], programs: {} };

export const groups: Record<string, Check[]> = {
  kernels: kernel_checks,
  more_kernels: more_kernel_checks,
  plain: modelChecks(plainPlan),
  plain_lesson: lessonChecks(plainPlan),
  fused: fusedChecks(fusedPlan),
  backend: backendChecks(plainPlan),
  trouble: trouble_checks,
};
