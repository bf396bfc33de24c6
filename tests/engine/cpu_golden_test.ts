// The CPU engine against PyTorch in float64: gradients at three shapes, and ten AdamW updates on the schedule.
import assert from "node:assert/strict";
import { countParameters } from "../../engine/params.ts";
import { createInstance, type Instance } from "../../engine/cpu/instance.ts";
import { SCHEDULE_COLUMNS, scheduleTable } from "../../engine/schedule.ts";
import { type Golden, golden_adamw, golden_gradients, goldenBatch, goldenWeights, relativeErrors } from "./golden.ts";

/** Relative L2 norm per tensor; PyTorch's own float32 stands near 1e-6. */
const GRADIENT_TOLERANCE = 1e-5;
/** Nats, over ten updates. */
const LOSS_TOLERANCE = 2e-5;
/** A wrong AdamW moves the weights' change by 2.8e-3 and more, float32 rounding beside a gain of 1 by 2e-4. */
const CHANGE_TOLERANCE = 1e-3;

async function instanceFor(golden: Golden): Promise<Instance> {
  const instance = await createInstance(golden.model, golden.batch_size, true);
  instance.params.set(goldenWeights(golden));
  instance.calls.weights_changed();
  return instance;
}

/** Leaves the gradient in buffer 0. @returns the mean loss */
function runBatch(instance: Instance, golden: Golden, step: number): number {
  const { model: { block_size: T }, batch_size: B } = golden;
  const { inputs, targets } = goldenBatch(golden, step);
  for (let row = 0; row < B; row++) {
    instance.tokens.set(inputs.subarray(row * T, (row + 1) * T), row * (T + 1));
    instance.tokens[row * (T + 1) + T] = targets[row * T + T - 1];
  }
  instance.calls.gradients(0, 8, B);
  return instance.nll.subarray(0, B * T).reduce((sum, loss) => sum + loss, 0) / (B * T);
}

for (const [name, golden] of Object.entries(golden_gradients)) {
  Deno.test(`gradients of the ${name} shape`, async () => {
    const instance = await instanceFor(golden);
    const loss = runBatch(instance, golden, 0);
    assert.ok(Math.abs(loss - golden.loss) < 2e-6, `loss ${loss}, expected ${golden.loss}`);
    assert.equal(instance.gradients[0].length, countParameters(golden.model));
    for (const { tensor, error } of relativeErrors(golden, instance.gradients[0])) {
      assert.ok(error < GRADIENT_TOLERANCE, `${tensor}: relative error ${error}`);
    }
  });
}

Deno.test("ten AdamW updates on the schedule", async () => {
  const { training, learning_rates, losses } = golden_adamw;
  const instance = await instanceFor(golden_adamw);
  const before = instance.params.slice();
  const schedule = scheduleTable(training);
  losses.forEach((expected, step) => {
    const loss = runBatch(instance, golden_adamw, step);
    assert.ok(Math.abs(loss - expected) < LOSS_TOLERANCE, `step ${step}: loss ${loss}, expected ${expected}`);
    if (step === learning_rates.length) return;
    const [lr, correction1, correction2] = schedule.subarray(step * SCHEDULE_COLUMNS);
    assert.equal(lr, learning_rates[step]);
    const { beta1, beta2, eps, weight_decay } = training;
    instance.calls.update(lr, beta1, beta2, eps, weight_decay, correction1, correction2);
    instance.calls.weights_changed();
  });
  const change = instance.params.map((value, i) => value - before[i]);
  for (const { tensor, error } of relativeErrors(golden_adamw, change)) {
    assert.ok(error < CHANGE_TOLERANCE, `${tensor}: the change of the weights is off by ${error}`);
  }
});
