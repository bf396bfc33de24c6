// Compares the CPU engine with PyTorch in float64: gradients at three shapes, and ten AdamW updates on the schedule.
import assert from "node:assert/strict";
import { countParameters } from "../../../engine/training/params.ts";
import { golden_adamw, golden_gradients, relativeErrors } from "../golden.ts";
import { goldenUpdates, instanceFor, runBatch } from "./golden_on_cpu.ts";

/** Relative L2 error per tensor; that of PyTorch's own float32 is near 1e-6. */
const GRADIENT_TOLERANCE = 1e-5;
/** Nats, over ten updates. */
const LOSS_TOLERANCE = 2e-5;
/** A wrong AdamW changes the weights' update by at least 2.8e-3; float32 rounding (of gains near 1) by 2e-4. */
const CHANGE_TOLERANCE = 1e-3;

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
  const { learning_rates, losses: expected } = golden_adamw;
  const { losses, rates, change } = await goldenUpdates(learning_rates.length);
  assert.deepEqual(rates, learning_rates);
  losses.forEach((loss, step) => {
    assert.ok(
      Math.abs(loss - expected[step]) < LOSS_TOLERANCE,
      `step ${step}: loss ${loss}, expected ${expected[step]}`,
    );
  });
  for (const { tensor, error } of relativeErrors(golden_adamw, change)) {
    assert.ok(error < CHANGE_TOLERANCE, `${tensor}: the change of the weights is off by ${error}`);
  }
});
