// Compares both modules of the CPU engine with PyTorch in float64: gradients at three shapes, and ten AdamW updates on
// the schedule.
import assert from "node:assert/strict";
import type { CpuModule } from "../../../engine/training/backend.ts";
import { countParameters } from "../../../engine/training/params.ts";
import { golden_adamw, golden_gradients, relativeErrors } from "../golden.ts";
import { goldenUpdates, instanceFor, runBatch } from "./golden_on_cpu.ts";

/** Relative L2 error per tensor; that of PyTorch's own float32 is near 1e-6. */
const GRADIENT_TOLERANCE = 1e-5;
/** Nats, over ten updates. */
const LOSS_TOLERANCE = 2e-5;
/** A wrong AdamW changes the weights' update by at least 2.8e-3; float32 rounding (of gains near 1) by 2e-4. */
const CHANGE_TOLERANCE = 1e-3;

const modules: CpuModule[] = ["fma", "base"];
const cases = Object.entries(golden_gradients).flatMap((entry) => modules.map((module) => ({ entry, module })));

for (const { entry: [name, golden], module } of cases) {
  Deno.test(`gradients of the ${name} shape on the module ${module}`, async () => {
    const instance = await instanceFor(golden, module);
    const loss = runBatch(instance, golden, 0);
    assert.ok(Math.abs(loss - golden.loss) < 2e-6, `loss ${loss}, expected ${golden.loss}`);
    assert.equal(instance.gradients[0].length, countParameters(golden.model));
    for (const { tensor, error } of relativeErrors(golden, instance.gradients[0])) {
      assert.ok(error < GRADIENT_TOLERANCE, `${tensor}: relative error ${error}`);
    }
  });
}

for (const module of modules) {
  Deno.test(`ten AdamW updates on the schedule on the module ${module}`, async () => {
    const { learning_rates, losses: expected } = golden_adamw;
    const { losses, rates, change } = await goldenUpdates(learning_rates.length, module);
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
}
