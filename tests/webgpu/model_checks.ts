// The whole model against PyTorch in float64, and training against the CPU engine.
import type { Backend, BackendOptions } from "../../engine/backend.ts";
import { createCpuBackend } from "../../engine/cpu/cpu_backend.ts";
import { kernel_sources } from "../../engine/webgpu/kernels.ts";
import { compile } from "../../engine/webgpu/compile.ts";
import { gathered } from "../../engine/webgpu/layout.ts";
import type { Plan } from "../../engine/webgpu/plan.ts";
import { createWebGpuBackend } from "../../engine/webgpu/webgpu_backend.ts";
import { golden_adamw, golden_gradients, type GoldenGradient, relativeErrors } from "../engine/golden.ts";
import { type Check, expect, readBack } from "./check.ts";
import { goldenOptions, optionsOf, shapes, small } from "./shapes.ts";

type MakePlan = (options: BackendOptions) => Plan;

/** Relative L2 norm per tensor; PyTorch's own float32 stands near 1e-6. The project promises 1e-4. */
const GRADIENT_TOLERANCE = 1e-5;
/** Nats, of one batch and over ten updates. */
const LOSS_TOLERANCE = 2e-5;
/** A wrong AdamW moves the weights' change by 2.8e-3 and more, float32 rounding beside a gain of 1 by 2e-4. */
const CHANGE_TOLERANCE = 1e-3;
/** Nats, over 50 updates, in which rounding grows. */
const CURVE_TOLERANCE = 1e-3;

function gradientCheck(name: string, golden: GoldenGradient, plan: MakePlan): Check {
  return {
    name: `gradients of the ${name} shape`,
    async run() {
      const { options, starts } = goldenOptions(golden);
      const backend = await createWebGpuBackend(options, { plan, allow_software: true });
      const { loss, gradients } = await backend.gradients(starts(0));
      backend.dispose();
      expect(Math.abs(loss - golden.loss) < LOSS_TOLERANCE, `loss ${loss}, expected ${golden.loss}`);
      for (const { tensor, error } of relativeErrors(golden, gradients)) {
        expect(error < GRADIENT_TOLERANCE, `${tensor}: relative error ${error}`);
      }
    },
  };
}

/** The recorded batches instead of drawn ones: a plan that draws as it begins an iteration leaves that out. */
function adamwCheck(plan: MakePlan): Check {
  return {
    name: "ten AdamW updates on the schedule",
    async run(open) {
      const { model, learning_rates, losses } = golden_adamw, steps = learning_rates.length;
      const { options, starts } = goldenOptions(golden_adamw, steps);
      const compiled = await compile(open.device, plan(options), kernel_sources);
      const { train, refresh } = compiled.plan.programs;
      const first = train.findIndex(({ kernel }) => kernel === "batch_draw") + 1;
      expect(first <= 1, "a batch is drawn in the middle of an iteration");
      const run = (program: string, from: number) => {
        const encoder = open.device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        compiled.encode(pass, program, from);
        pass.end();
        open.device.queue.submit([encoder.finish()]);
      };
      if (refresh) run("refresh", 0);
      for (let step = 0; step < steps; step++) {
        compiled.write("starts", new Uint32Array(starts(step)));
        run("train", first);
      }
      const [ring, params] = await readBack(open, [compiled.place("losses"), compiled.place("params")]);
      compiled.dispose();
      new Float32Array(ring).subarray(0, steps).forEach((loss, step) => {
        expect(Math.abs(loss - losses[step]) < LOSS_TOLERANCE, `step ${step}: loss ${loss}, expected ${losses[step]}`);
      });
      const change = gathered(model, new Float32Array(params)).map((value, i) => value - options.initial.params[i]);
      for (const { tensor, error } of relativeErrors(golden_adamw, change)) {
        expect(error < CHANGE_TOLERANCE, `${tensor}: the change of the weights is off by ${error}`);
      }
    },
  };
}

async function trainAll(backend: Backend, until: number): Promise<number[]> {
  const losses: number[] = [];
  await backend.train(until, (more) => losses.push(...more), { requested: false });
  return losses;
}

function curveCheck(name: string, options: BackendOptions, plan: MakePlan): Check {
  return {
    name: `the first 50 losses of the ${name} shape are the CPU engine's`,
    async run() {
      const cpu = await createCpuBackend(options, []);
      const gpu = await createWebGpuBackend(options, { plan, allow_software: true });
      const expected = await trainAll(cpu, 50), losses = await trainAll(gpu, 50);
      cpu.dispose();
      gpu.dispose();
      expect(losses.length === 50, `${losses.length} losses`);
      expect(expected[49] < expected[0] - 0.5, "nothing was learnt, so the losses say nothing");
      losses.forEach((loss, i) => {
        expect(Math.abs(loss - expected[i]) < CURVE_TOLERANCE, `iteration ${i}: loss ${loss}, expected ${expected[i]}`);
      });
    },
  };
}

/** @param plan which plan to hold against the recorded numbers, and against the CPU engine */
export function modelChecks(plan: MakePlan): Check[] {
  return [
    ...Object.entries(golden_gradients).map(([name, golden]) => gradientCheck(name, golden, plan)),
    curveCheck("small", optionsOf(small), plan),
  ];
}

/** Long without a GPU: about a second per iteration. */
export function lessonChecks(plan: MakePlan): Check[] {
  return [adamwCheck(plan), curveCheck("lesson", optionsOf({ ...shapes.lesson, B: 4, L: 4 }, 2000, 20_000), plan)];
}

/** The fused plan knows one width only, the lesson's; B = 1 and 3, and other vocabularies and depths, are its edges. */
export function fusedChecks(plan: MakePlan): Check[] {
  return [
    gradientCheck("lesson", golden_gradients.lesson, plan),
    adamwCheck(plan),
    curveCheck("lesson", optionsOf({ ...shapes.lesson, B: 4, L: 4 }, 2000, 20_000), plan),
  ];
}
