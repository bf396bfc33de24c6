// Compares the lesson's shape with PyTorch in float64. All checks share one compiled plan: without a GPU, compiling the
// fused kernels takes longer than most of the checks.
import { compile } from "../../../engine/webgpu/compile.ts";
import type { OpenDevice } from "../../../engine/webgpu/device.ts";
import { kernel_sources } from "../../../engine/webgpu/kernels.ts";
import { gathered, spread } from "../../../engine/webgpu/layout.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { golden_adamw, golden_gradients, goldenWeights, relativeErrors } from "../golden.ts";
import { goldenUpdates } from "../cpu/golden_on_cpu.ts";
import { type Check, expect, readBack } from "./check.ts";
import { errorsBetween, expectGradients, LOSS_TOLERANCE, type MakePlan, programsOf } from "./model_checks.ts";
import { goldenOptions } from "./shapes.ts";

/** A wrong AdamW changes the weights' update by at least 2.8e-3, float32 rounding next to a gain of 1 by 2e-4. */
const CHANGE_TOLERANCE = 1e-3;

/** Runs a plan on the golden batches. */
interface Trial {
  /** Sets the weights; AdamW's m and v stay as they are. */
  setWeights(params: Float32Array): void;
  /** Selects the golden batch of the given step. */
  chooseBatch(step: number): void;
  /** Loss and gradients of the selected batch. */
  gradients(): Promise<{ loss: number; gradients: Float32Array }>;
  /** Trains one iteration on the selected batch, and waits for it: without a GPU, many take longer than a device may. */
  train(): Promise<void>;
  losses(): Promise<Float32Array>;
  params(): Promise<Float32Array>;
}

async function createTrial(open: OpenDevice, plan: MakePlan): Promise<Trial> {
  const { model, learning_rates } = golden_adamw;
  const { options, starts } = goldenOptions(golden_adamw, learning_rates.length);
  const needed = programsOf(plan(options), ["train", "gradients", "refresh"]);
  const compiled = await compile(open.device, needed, kernel_sources);
  const { train, refresh } = needed.programs;
  // Golden batches replace drawn ones. The plain plan draws in its first dispatch, which is skipped; the tiled plan in its
  // last one, so what it draws is overwritten. The fused plan draws in its first kernel; there the gradients come from
  // given starts, then its last dispatch updates.
  const drawing = train.findIndex(({ kernel }) => /batch_draw|finish_draw|fused\/embedding_forward/.test(kernel));
  const draws_last = drawing === train.length - 1, first = train[drawing]?.kernel === "batch_draw" ? 1 : 0;
  expect(drawing === 0 || draws_last, "a batch is drawn in the middle of an iteration");
  let step = 0;
  const run = (program: string, from = 0) => {
    const encoder = open.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    compiled.encode(pass, program, from);
    pass.end();
    open.device.queue.submit([encoder.finish()]);
  };
  const read = async (...names: string[]) =>
    (await readBack(open, names.map(compiled.place))).map((content) => new Float32Array(content));
  return {
    setWeights(params) {
      compiled.write("params", spread(model, params));
      if (refresh) run("refresh");
    },
    chooseBatch: (step) => compiled.write("starts", new Uint32Array(starts(step))),
    async gradients() {
      run("gradients");
      const [grads, nll] = await read("grads", "nll");
      return { loss: nll.reduce((sum, x) => sum + x, 0) / nll.length, gradients: gathered(model, grads) };
    },
    async train() {
      if (first > 0 || draws_last) run("train", first);
      else {
        compiled.write("counter", Uint32Array.of(step), 2);
        run("gradients");
        run("train", train.length - 1);
      }
      step++;
      await open.guard(open.device.queue.onSubmittedWorkDone());
    },
    losses: async () => (await read("losses"))[0],
    params: async () => gathered(model, (await read("params"))[0]),
  };
}

async function gradientsCheck(trial: Trial): Promise<void> {
  const golden = golden_gradients.lesson;
  expect(golden.token_key === golden_adamw.token_key, "the first batch of the updates is not that of the gradients");
  trial.setWeights(goldenWeights(golden));
  trial.chooseBatch(0);
  expectGradients(golden, await trial.gradients());
}

/** A run that explodes has absurd weights, but its loss must still be finite. */
async function absurdWeightsCheck(trial: Trial): Promise<void> {
  trial.setWeights(goldenWeights(golden_adamw).map((_, i) => (hash32(6, i, 0) % 1001 - 500) / 5));
  trial.chooseBatch(0);
  const { loss, gradients } = await trial.gradients();
  expect(Number.isFinite(loss), `loss ${loss}`);
  const bad = gradients.findIndex((value) => !Number.isFinite(value));
  expect(bad < 0, `gradient ${bad} is ${gradients[bad]}`);
}

async function adamwCheck(trial: Trial, updates: number): Promise<void> {
  const expected = await goldenUpdates(updates), begin = goldenWeights(golden_adamw);
  trial.setWeights(begin);
  for (let step = 0; step < updates; step++) {
    trial.chooseBatch(step);
    await trial.train();
  }
  (await trial.losses()).subarray(0, updates).forEach((loss, step) => {
    for (const right of [golden_adamw.losses[step], expected.losses[step]]) {
      expect(Math.abs(loss - right) < LOSS_TOLERANCE, `step ${step}: loss ${loss}, expected ${right}`);
    }
  });
  const change = (await trial.params()).map((value, i) => value - begin[i]);
  // PyTorch's weights were recorded only after all updates; the CPU engine can give them after any number.
  const errors = updates === golden_adamw.learning_rates.length
    ? relativeErrors(golden_adamw, change)
    : errorsBetween(golden_adamw.model, change, expected.change);
  for (const { tensor, error } of errors) {
    expect(error < CHANGE_TOLERANCE, `${tensor}: the change of the weights is off by ${error}`);
  }
}

/**
 * Takes about three seconds per iteration without a GPU.
 * @param plan which plan to compare with the recorded numbers
 * @param updates at most the ten that are recorded; three are enough to test AdamW's bias corrections and the schedule
 */
export function lessonChecks(plan: MakePlan, updates = 3): Check[] {
  let trial: Promise<Trial> | null = null; // compiled for the first check
  const check = (name: string, work: (trial: Trial) => Promise<void>): Check => ({
    name,
    run: async (open) => await work(await (trial ??= createTrial(open, plan))),
  });
  return [
    check("gradients of the lesson's shape", gradientsCheck),
    check("absurd weights leave loss and gradients finite", absurdWeightsCheck),
    check(`${updates} AdamW updates on the schedule`, (trial) => adamwCheck(trial, updates)),
  ];
}
