// Compares the whole model with PyTorch in float64, and training with the CPU engine.
import type { Backend, BackendOptions } from "../../../engine/training/backend.ts";
import { LIMITS, type ModelConfig } from "../../../engine/training/config.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { tensors } from "../../../engine/training/params.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { fusedPlan } from "../../../engine/webgpu/fused_plan.ts";
import { plainPlan } from "../../../engine/webgpu/plain_plan.ts";
import type { Plan } from "../../../engine/webgpu/plan.ts";
import { createWebGpuBackend } from "../../../engine/webgpu/webgpu_backend.ts";
import { assertNothingComesThrough } from "../cpu/far_gelu.ts";
import { golden_gradients, type GoldenGradient, relativeErrors } from "../golden.ts";
import { type Check, expect } from "./check.ts";
import { goldenOptions, optionsOf, type Shape, shapes, small } from "./shapes.ts";

export type MakePlan = (options: BackendOptions) => Plan;

/** Relative L2 norm of the error per tensor; PyTorch's own float32 has about 1e-6. The project promises 1e-4. */
const GRADIENT_TOLERANCE = 1e-5;
/** Nats, for one batch and over ten updates. */
export const LOSS_TOLERANCE = 2e-5;
/** AdamW's first updates take a gradient's sign, and that of a tiny one may turn; another window turns half of them. */
const CHANGE_TOLERANCE = 0.1;
/** Nats, over 50 updates, in which rounding errors grow. */
const CURVE_TOLERANCE = 1e-3;

/** A plan with only some of its programs: without a GPU, each kernel that need not be compiled saves seconds. */
export function programsOf(plan: Plan, names: string[]): Plan {
  const programs = Object.fromEntries(Object.entries(plan.programs).filter(([name]) => names.includes(name)));
  return { ...plan, programs };
}

const gradientsOf = (plan: MakePlan): MakePlan => (options) => programsOf(plan(options), ["gradients", "refresh"]);

export function expectGradients(golden: GoldenGradient, found: { loss: number; gradients: Float32Array }): void {
  expect(Math.abs(found.loss - golden.loss) < LOSS_TOLERANCE, `loss ${found.loss}, expected ${golden.loss}`);
  for (const { tensor, error } of relativeErrors(golden, found.gradients)) {
    expect(error < GRADIENT_TOLERANCE, `${tensor}: relative error ${error}`);
  }
}

/** @param far whether to also try weights that take GELU far from its bend */
function gradientCheck(name: string, golden: GoldenGradient, plan: MakePlan, far = false): Check {
  return {
    name: `gradients of the ${name} shape${far ? ", also far from GELU's bend" : ""}`,
    async run() {
      const { options, starts } = goldenOptions(golden);
      const backend = await createWebGpuBackend(options, { plan: gradientsOf(plan), allow_software: true });
      const found = await backend.gradients(starts(0));
      if (far) await assertNothingComesThrough(backend, options.run.model, options.initial, starts(0), [-1e20]);
      backend.dispose();
      expectGradients(golden, found);
    },
  };
}

async function trainAll(backend: Backend, until: number): Promise<number[]> {
  const losses: number[] = [];
  await backend.train(until, ({ losses: more }) => losses.push(...more), { requested: false });
  return losses;
}

function curveCheck(name: string, options: BackendOptions, plan: MakePlan): Check {
  return {
    name: `the first 50 losses of the ${name} shape equal the CPU engine's`,
    async run() {
      const cpu = await createCpuBackend(options, []);
      const gpu = await createWebGpuBackend(options, { plan, allow_software: true });
      const expected = await trainAll(cpu, 50), losses = await trainAll(gpu, 50);
      cpu.dispose();
      gpu.dispose();
      expect(losses.length === 50, `${losses.length} losses`);
      expect(expected[49] < expected[0] - 0.5, "nothing was learnt, so the comparison shows nothing");
      losses.forEach((loss, i) => {
        expect(Math.abs(loss - expected[i]) < CURVE_TOLERANCE, `iteration ${i}: loss ${loss}, expected ${expected[i]}`);
      });
    },
  };
}

/**
 * Compares two updates with the CPU engine's, on a batch above the limit: one workgroup no longer has an invocation
 * for each sequence. cpu/instance_test.ts compares the CPU engine's with the gradients of the same windows.
 */
export function largeBatchChecks(plan: MakePlan, shape: Shape): Check[] {
  const options = optionsOf(shape, 60, 8000), UPDATES = 2;
  return [{
    name: `${shape.B} sequences train on their own windows`,
    async run() {
      expect(shape.B > LIMITS.batch_size.max, "no more than lessons may ask for");
      const cpu = await createCpuBackend(options, []);
      const gpu = await createWebGpuBackend(options, { plan, allow_software: true });
      const expected = await trainAll(cpu, UPDATES), losses = await trainAll(gpu, UPDATES);
      losses.forEach((loss, i) => expect(Math.abs(loss - expected[i]) < LOSS_TOLERANCE, `iteration ${i}: ${loss}`));
      const change = async (backend: Backend) =>
        (await backend.save()).params.map((value, i) => value - options.initial.params[i]);
      for (const { tensor, error } of errorsBetween(options.run.model, await change(gpu), await change(cpu))) {
        expect(error < CHANGE_TOLERANCE, `${tensor}: its change is off by ${error}`);
      }
      cpu.dispose();
      gpu.dispose();
    },
  }];
}

/**
 * @param plan which plan to compare with the recorded numbers and with the CPU engine
 * @param golden the recorded shapes to use
 */
export function modelChecks(plan: MakePlan, golden: (keyof typeof golden_gradients)[], shape = small): Check[] {
  return [
    ...golden.map((name) => gradientCheck(name, golden_gradients[name], plan)),
    curveCheck("small", optionsOf(shape), plan),
  ];
}

/** Slow without a GPU: about a second per iteration. */
export function lessonCurveChecks(plan: MakePlan): Check[] {
  return [curveCheck("lesson", optionsOf({ ...shapes.lesson, B: 4, L: 4 }, 2000, 20_000), plan)];
}

/** The smallest check that another implementation of WebGPU computes a plan correctly at the lesson's shape. */
export function lessonGradientChecks(plan: MakePlan): Check[] {
  return [gradientCheck("lesson", golden_gradients.lesson, plan, true)];
}

/** |found - expected| / |expected|, L2, tensor by tensor. */
export function errorsBetween(
  model: ModelConfig,
  found: Float32Array,
  expected: Float32Array,
): { tensor: string; error: number }[] {
  return tensors(model).map(({ name, offset, size }) => {
    let squares = 0, differences = 0;
    for (let i = offset; i < offset + size; i++) {
      squares += expected[i] ** 2;
      differences += (found[i] - expected[i]) ** 2;
    }
    return { tensor: name, error: Math.sqrt(differences / squares) };
  });
}

/**
 * Relative L2 norm per tensor of the difference between two plans. An NVIDIA H200 has 1.1e-5 at three layers of 64
 * channels; with 256 channels, whose sums are four times as long, 3.1e-5 was seen.
 */
const plansTolerance = (C: number) => C > 128 ? 6e-5 : 3e-5;

/** Runs both plans on the same weights and batch. The plain plan itself is compared with PyTorch. */
export function sameGradients(shape: Shape, fast: MakePlan = fusedPlan, name = "fused"): Check {
  return {
    name: `${name} gradients equal the plain plan's at ${JSON.stringify(shape)}`,
    async run() {
      const options = optionsOf(shape), starts = Uint32Array.from({ length: shape.B }, (_, b) => 5 + 131 * b);
      // Weights as after some training: initially all of attention's products are almost 0.
      options.initial.params.forEach((value, i) => options.initial.params[i] = 3 * value + (hash32(5, i, 0) % 7) / 100);
      const of = async (plan: MakePlan) => {
        const backend = await createWebGpuBackend(options, { plan: gradientsOf(plan), allow_software: true });
        const result = await backend.gradients(starts);
        backend.dispose();
        return result;
      };
      const found = await of(fast), plain = await of(plainPlan);
      expect(Math.abs(found.loss - plain.loss) < LOSS_TOLERANCE, `loss ${found.loss}, not ${plain.loss}`);
      for (const { tensor, error } of errorsBetween(options.run.model, found.gradients, plain.gradients)) {
        expect(error < plansTolerance(shape.C), `${tensor}: relative error ${error}`);
      }
    },
  };
}

/**
 * The fused plan only supports the lesson's width. Its edge cases: batches that do not divide evenly into the parts of
 * the weight gradients' sums, the smallest and largest vocabularies, and other depths.
 */
export const fused_edge_checks: Check[] = [
  sameGradients({ ...shapes.lesson, B: 1, V: 256, L: 1 }),
  sameGradients({ ...shapes.lesson, B: 3, V: 11, L: 1 }),
];
export const fused_more_edge_checks: Check[] = [
  sameGradients({ ...shapes.lesson, B: 1, V: 11, L: 3 }),
  sameGradients({ ...shapes.lesson, B: 3, V: 65, L: 3 }),
  sameGradients({ ...shapes.lesson, B: 3, V: 128, L: 3 }),
  sameGradients({ ...shapes.lesson, B: 2, V: 200, L: 1 }),
  sameGradients({ ...shapes.lesson, B: 9, V: 66, L: 1 }),
];
