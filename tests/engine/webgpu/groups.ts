// All checks of the WebGPU engine. Each group runs in a separate page or process.
import { fusedPlan } from "../../../engine/webgpu/fused_plan.ts";
import { plainPlan } from "../../../engine/webgpu/plain_plan.ts";
import type { Plan } from "../../../engine/webgpu/plan.ts";
import { tiledPlan } from "../../../engine/webgpu/tiled_plan.ts";
import { backendChecks, error_checks, pauseChecks } from "./backend_checks.ts";
import type { Check } from "./check.ts";
import { kernel_checks, more_kernel_checks } from "./kernel_checks.ts";
import {
  fused_edge_checks,
  fused_more_edge_checks,
  largeBatchChecks,
  lessonCurveChecks,
  lessonGradientChecks,
  modelChecks,
  sameGradients,
} from "./model_checks.ts";
import { observedChecks, observingChecks } from "./observed_checks.ts";
import { lessonChecks } from "./lesson_checks.ts";
import { shapes, small } from "./shapes.ts";
import {
  more_tiled_gradient_checks,
  more_tiled_kernel_checks,
  team_checks,
  tiled_gradient_checks,
  tiled_kernel_checks,
} from "./tiled_checks.ts";
import { movedChecks } from "./moved_checks.ts";
import { moduleChecks } from "./module_checks.ts";
import { resumeChecks } from "./resume_checks.ts";
import { rows_checks, with32Rows } from "./rows_checks.ts";
import { more_survival_checks, survival_checks } from "./survival_checks.ts";

/** Small enough to train within a minute without a GPU, at the tiled plan's least width. */
const tiled_small = { ...small, C: 64 };

/** A plan that needs only WebGPU's default limits, as all checks do. */
export const prepared_for: Plan = { name: "checks", tensors: [{ name: "x", shape: [1], type: "f32" }], programs: {} };

export const groups: Record<string, Check[]> = {
  kernels: kernel_checks,
  more_kernels: more_kernel_checks,
  plain: [...modelChecks(plainPlan, ["awkward"]), ...largeBatchChecks(plainPlan, { ...shapes.narrow, B: 96 })],
  plain_shapes: modelChecks(plainPlan, ["lesson", "odd_heads"]),
  plain_lesson: lessonChecks(plainPlan, 10),
  plain_curve: lessonCurveChecks(plainPlan),
  fused_lesson: lessonChecks(fusedPlan),
  fused_ten_updates: lessonChecks(fusedPlan, 10),
  fused_modules: [...moduleChecks(fusedPlan), ...moduleChecks(with32Rows)],
  fused_gradients: lessonGradientChecks(fusedPlan),
  fused_rows: rows_checks,
  fused_rows_gradients: lessonGradientChecks(with32Rows),
  fused_rows_edges: [
    sameGradients({ ...shapes.lesson, B: 3, V: 11, L: 3 }, with32Rows),
    sameGradients({ ...shapes.lesson, B: 9, V: 200, L: 1 }, with32Rows),
  ],
  fused_curve: lessonCurveChecks(fusedPlan),
  backend: backendChecks(plainPlan),
  fused_backend: backendChecks(fusedPlan, { ...shapes.lesson, V: 65 }, 30),
  fused_backend_wide: backendChecks(fusedPlan, { ...shapes.lesson, B: 3, V: 96, L: 2 }, 30),
  thousand_pauses: pauseChecks(plainPlan, 1000),
  fused_edges: fused_edge_checks,
  fused_large_batch: largeBatchChecks(fusedPlan, { ...shapes.lesson, B: 96 }),
  fused_more_edges: fused_more_edge_checks,
  resume: resumeChecks(6),
  observed: observedChecks(plainPlan, ["awkward"]),
  observed_plain: observedChecks(plainPlan, ["lesson", "odd_heads"]),
  observed_fused: observedChecks(fusedPlan, ["lesson"]),
  observing: observingChecks(plainPlan, small),
  observing_fused: observingChecks(fusedPlan, { ...shapes.lesson, L: 2 }),
  tiled_modules: moduleChecks(tiledPlan),
  tiled_kernels: tiled_kernel_checks,
  more_tiled_kernels: more_tiled_kernel_checks,
  tiled: [
    ...modelChecks(tiledPlan, ["lesson"], tiled_small),
    ...largeBatchChecks(tiledPlan, { ...tiled_small, B: 96, T: 8 }),
  ],
  tiled_lesson: lessonChecks(tiledPlan, 10),
  tiled_teams: team_checks,
  tiled_gradients: tiled_gradient_checks,
  more_tiled_gradients: more_tiled_gradient_checks,
  tiled_backend: backendChecks(tiledPlan, tiled_small, 30),
  observed_tiled: observedChecks(tiledPlan, ["lesson"]),
  observing_tiled: observingChecks(tiledPlan, tiled_small),
  moved_plain: [...movedChecks(plainPlan, small), ...movedChecks(plainPlan, { ...shapes.odd, T: 60, V: 23 })],
  moved_tiled: [
    ...movedChecks(tiledPlan, tiled_small),
    ...movedChecks(tiledPlan, { B: 3, T: 48, C: 128, NH: 2, V: 69, L: 1 }),
  ],
  moved_fused: movedChecks(fusedPlan, { ...shapes.lesson, B: 2, L: 2 }),
  moved_fused_rows: movedChecks(with32Rows, { ...shapes.lesson, B: 1, L: 1 }),
  survival: survival_checks,
  more_survival: more_survival_checks,
  errors: error_checks,
};
