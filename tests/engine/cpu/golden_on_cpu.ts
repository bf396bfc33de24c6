// Runs the golden weights and batches on the CPU engine, for its own test and to compare the WebGPU engine with.
import { createInstance, type Instance, LEAVES, levelsFor } from "../../../engine/cpu/instance.ts";
import { cpuModule } from "../../../engine/cpu/modules.ts";
import { SCHEDULE_COLUMNS, scheduleTable } from "../../../engine/training/schedule.ts";
import { type Golden, golden_adamw, goldenBatch, goldenWeights } from "../golden.ts";

export async function instanceFor(golden: Golden, module = cpuModule()): Promise<Instance> {
  const instance = await createInstance(golden.model, golden.batch_size, "trains", levelsFor(LEAVES), false, module);
  instance.params.set(goldenWeights(golden));
  instance.calls.weights_changed();
  return instance;
}

/** Leaves the gradient in buffer 0. @returns the mean loss */
export function runBatch(instance: Instance, golden: Golden, step: number): number {
  const { model: { block_size: T }, batch_size: B } = golden;
  const { inputs, targets } = goldenBatch(golden, step);
  for (let row = 0; row < B; row++) {
    instance.tokens.set(inputs.subarray(row * T, (row + 1) * T), row * (T + 1));
    instance.tokens[row * (T + 1) + T] = targets[row * T + T - 1];
  }
  instance.calls.gradients(0, LEAVES, B);
  return instance.nll.subarray(0, B * T).reduce((sum, loss) => sum + loss, 0) / (B * T);
}

/** AdamW with the gradient in buffer 0. @returns the learning rate */
function update(instance: Instance, step: number): number {
  const { training } = golden_adamw, { beta1, beta2, eps, weight_decay } = training;
  const [lr, correction1, correction2] = scheduleTable(training).subarray(step * SCHEDULE_COLUMNS);
  instance.calls.update(lr, beta1, beta2, eps, weight_decay, correction1, correction2);
  instance.calls.weights_changed();
  return lr;
}

/**
 * Trains the golden run.
 * @param updates number of updates
 * @param module of the CPU engine
 * @returns the loss before each update, its learning rate, and the total change of the weights
 */
export async function goldenUpdates(
  updates: number,
  module = cpuModule(),
): Promise<{ losses: number[]; rates: number[]; change: Float32Array }> {
  const instance = await instanceFor(golden_adamw, module), before = instance.params.slice();
  const losses: number[] = [], rates: number[] = [];
  for (let step = 0; step < updates; step++) {
    losses.push(runBatch(instance, golden_adamw, step));
    rates.push(update(instance, step));
  }
  return { losses, rates, change: instance.params.map((value, i) => value - before[i]) };
}
