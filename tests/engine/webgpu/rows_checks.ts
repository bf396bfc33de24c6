// Checks the fused plan with 32 rows a workgroup: against PyTorch and the plain plan, as with 16 rows, and that both
// make the same bits, as they do for up to four sequences, each of which is then a part of the weights' gradients. It needs 512 invocations a workgroup, and SwiftShader has 256: test_webgpu.py says where this runs.
import type { Backend, BackendOptions } from "../../../engine/training/backend.ts";
import { samplingNoise } from "../../../engine/training/sampling_noise.ts";
import { fusedPlan } from "../../../engine/webgpu/fused_plan.ts";
import type { Rows } from "../../../engine/webgpu/fused_rows.ts";
import type { Plan } from "../../../engine/webgpu/plan.ts";
import { createWebGpuBackend } from "../../../engine/webgpu/webgpu_backend.ts";
import { type Check, expect, sameBytes } from "./check.ts";
import { optionsOf, type Shape, shapes } from "./shapes.ts";

const UPDATES = 3, CHARACTERS = 4;

export const with32Rows = (options: BackendOptions): Plan => fusedPlan(options, 32);

/** Everything that an engine computes, in one run. */
async function results(options: BackendOptions, rows: Rows) {
  const plan = (options: BackendOptions) => fusedPlan(options, rows);
  const backend: Backend = await createWebGpuBackend(options, { plan, allow_software: true });
  const { run: { model: { vocab_size: V }, training: { batch_size: B } } } = options, losses: number[] = [];
  await backend.train(UPDATES, ({ losses: more }) => losses.push(...more), { requested: false });
  const state = await backend.save();
  const measured = [...await backend.evaluate(Uint32Array.from({ length: B }, (_, b) => 100 + 70 * b))];
  const written = [...await backend.generate(options.tokens.slice(0, 8), samplingNoise(7, CHARACTERS, V, 1))];
  const { logits } = await backend.expectations(), { revision } = backend;
  backend.dispose();
  return { state, numbers: [...losses, ...measured, ...written, ...logits], revision };
}

export function sameBitsCheck(shape: Shape): Check {
  return {
    name: `32 rows a workgroup make the same bits as 16, at ${JSON.stringify(shape)}`,
    async run() {
      const options = optionsOf(shape), expected = await results(options, 16), found = await results(options, 32);
      expect(sameBytes(found.state, expected.state), "other weights or moments");
      const at = expected.numbers.findIndex((x, i) => !Object.is(x, found.numbers[i]));
      expect(at < 0, `number ${at} is ${found.numbers[at]}, not ${expected.numbers[at]}`);
      expect(found.revision !== expected.revision, "two plans have one revision");
    },
  };
}

export const rows_checks: Check[] = [sameBitsCheck({ ...shapes.lesson, B: 3, L: 2 })];
