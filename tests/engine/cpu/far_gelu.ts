// Checks GELU at very negative inputs, in a whole model: the weights give every hidden number of the first block's MLP
// the same value. GELU and its slope must be 0 there, however negative the input.
import type { Backend, TrainingState } from "../../../engine/training/backend.ts";
import type { ModelConfig } from "../../../engine/training/config.ts";
import { tensors } from "../../../engine/training/params.ts";
import { expect } from "../webgpu/check.ts";

/** Inputs from where GELU is 0 in f32 to where the input's square overflows. */
const FAR = [-15, -30, -1e3, -1e9, -1e20, -1e30];

function stateWith(hidden: number, model: ModelConfig, begin: TrainingState): TrainingState {
  const params = begin.params.slice();
  for (const { name, offset, size, shape } of tensors(model)) {
    if (name === "h.0.ln_2.weight") params.fill(0, offset, offset + size);
    if (name === "h.0.ln_2.bias") params.fill(0, offset, offset + size)[offset] = 1;
    if (name === "h.0.mlp.fc") params.fill(0, offset, offset + size).fill(hidden, offset, offset + shape[1]);
  }
  return { ...begin, params };
}

/** @throws Error if GELU lets anything through, forward or backward, or a gradient is infinite or NaN */
export async function assertNothingComesThrough(
  backend: Backend,
  model: ModelConfig,
  begin: TrainingState,
  starts: Uint32Array,
  far = FAR,
): Promise<void> {
  const fc = tensors(model).find(({ name }) => name === "h.0.mlp.fc")!;
  const losses: number[] = [];
  for (const hidden of far) {
    await backend.load(stateWith(hidden, model, begin));
    const { loss, gradients } = await backend.gradients(starts);
    expect(gradients.every(Number.isFinite), `a gradient that is not a number at x = ${hidden}`);
    const largest = gradients.subarray(fc.offset, fc.offset + fc.size).reduce(
      (max, g) => Math.max(max, Math.abs(g)),
      0,
    );
    expect(largest < 1e-20, `a gradient of ${largest} comes through GELU at x = ${hidden}`);
    losses.push(loss);
  }
  for (const [i, loss] of losses.entries()) {
    expect(Math.abs(loss - losses[0]) < 1e-6, `loss ${loss} at x = ${far[i]}, not ${losses[0]}`);
  }
}
