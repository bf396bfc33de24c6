// Catches: mistakes in a plan that are not refused before any GPU sees it; weights laid out wrongly.
import assert from "node:assert/strict";
import { initialWeights } from "../../../engine/training/params.ts";
import { gathered, layoutOf, spread } from "../../../engine/webgpu/layout.ts";
import { kernel_sources } from "../../../engine/webgpu/kernels.ts";
import { plainPlan } from "../../../engine/webgpu/plain_plan.ts";
import { checkPlan, headerOf, memoryOf, type Plan, slotsOf } from "../../../engine/webgpu/plan.ts";
import { tiledPlan, tiledPlanFits } from "../../../engine/webgpu/tiled_plan.ts";
import { modelOf, optionsOf, type Shape, shapes } from "./shapes.ts";

const SOURCE = `
// @group(0) @binding(7) var<storage, read> in_a_comment: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(0)
  var<storage, read> inp: array<vec4f>;
@group(0) @binding(2) var<uniform> sizes: vec4u;
@compute @workgroup_size(64) fn main() { out[0] = inp[SIZE].x * eps; }
`;

function small(): Plan {
  return {
    name: "small",
    tensors: [
      { name: "all", shape: [4, 64], type: "f32" },
      { name: "low", shape: [64], type: "f32", within: { tensor: "all", offset: 64 } },
      { name: "out", shape: [8], type: "f32" },
      { name: "sizes", shape: [4], type: "u32" },
    ],
    programs: {
      run: [{
        label: "it",
        kernel: "k",
        bindings: ["low", "out", "sizes"],
        workgroups: [1, 1, 1],
        constants: { SIZE: 3, eps: 1e-8 },
      }],
    },
  };
}

Deno.test("bindings are read from a kernel's text, ignoring comments", () => {
  assert.deepEqual(slotsOf(SOURCE), [
    { binding: 0, type: "read-only-storage", name: "inp" },
    { binding: 1, type: "storage", name: "out" },
    { binding: 2, type: "uniform", name: "sizes" },
  ]);
});

Deno.test("constants are one line of WGSL, so that line numbers stay correct", () => {
  assert.equal(
    headerOf({ C: 64, eps: 1e-8, beta1: 0.9 }),
    "const C: u32 = 64; const eps: f32 = 1e-8; const beta1: f32 = 0.9; ",
  );
});

Deno.test("an error about a plan names the dispatch or the tensor", () => {
  checkPlan(small(), { k: SOURCE });
  const mistakes: [RegExp, (plan: Plan) => void][] = [
    [/"it" \(k\.wgsl\): 2 tensors for 3 bindings/, (plan) => plan.programs.run[0].bindings.pop()],
    [/inp is bound to lwo, which is no tensor/, (plan) => plan.programs.run[0].bindings[0] = "lwo"],
    [/all would be read .* and written/, (plan) => plan.programs.run[0].bindings[1] = "all"],
    [/a grid of 65536,1,1 workgroups/, (plan) => plan.programs.run[0].workgroups[0] = 65536],
    [/a grid of 1,0.5,1 workgroups/, (plan) => plan.programs.run[0].workgroups[1] = 0.5],
    [/no use for DEPTH/, (plan) => plan.programs.run[0].constants.DEPTH = 3],
    [/no such kernel/, (plan) => plan.programs.run[0].kernel = "j"],
    [/low: begins at number 65/, (plan) => plan.tensors[1].within!.offset = 65],
    [/low: reaches beyond all/, (plan) => plan.tensors[1].within!.offset = 256],
    [/low: outt has no memory/, (plan) => plan.tensors[1].within = { tensor: "outt", offset: 0 }],
    [/two tensors have one name/, (plan) => plan.tensors[2].name = "all"],
    [/out: more content than room/, (plan) => plan.tensors[2].initial = new Float32Array(9)],
  ];
  for (const [pattern, mistake] of mistakes) {
    const plan = small();
    mistake(plan);
    assert.throws(() => checkPlan(plan, { k: SOURCE }), pattern);
  }
});

Deno.test("weights are converted to the GPU's layout and back; at the lesson's width both layouts are equal", () => {
  for (const shape of [...Object.values(shapes), { ...shapes.narrow, C: 80, V: 3, L: 3 }]) {
    const model = modelOf(shape), flat = initialWeights(model, 4), layout = layoutOf(model);
    assert.ok(layout.tensors.every(({ offset }) => offset % 64 === 0));
    assert.deepEqual(gathered(model, spread(model, flat)), flat);
    if (shape.C === 64) assert.deepEqual(spread(model, flat), flat);
  }
});

Deno.test("the plain plan accepts every size that the engine accepts", () => {
  const extremes: Shape[] = [
    { B: 1, T: 8, C: 16, NH: 1, V: 2, L: 1 },
    { B: 64, T: 256, C: 16, NH: 2, V: 256, L: 8 },
    { B: 3, T: 255, C: 240, NH: 5, V: 255, L: 1 },
  ];
  for (const shape of [...Object.values(shapes), ...extremes]) checkPlan(plainPlan(optionsOf(shape)), kernel_sources);
  // The largest tensor is the attention of one layer: [B, NH, T, T].
  const { largest_bytes } = memoryOf(plainPlan(optionsOf(extremes[1])));
  assert.equal(largest_bytes, 4 * 64 * 2 * 256 * 256);
});

Deno.test("the tiled plan accepts every size that it says it fits, and binds what every device can", () => {
  let fitting = 0;
  for (const C of [64, 128, 192, 256]) {
    for (const NH of [1, 3, 4, 8, 16, 24]) {
      for (const [B, T, V, L] of [[1, 8, 2, 1], [3, 63, 65, 4], [32, 256, 256, 2], [64, 255, 130, 8]]) {
        if (C % NH !== 0) continue;
        const options = optionsOf({ B, T, C, NH, V, L });
        if (!tiledPlanFits(options)) continue;
        const plan = tiledPlan(options);
        checkPlan(plan, kernel_sources);
        for (const { bindings, label } of Object.values(plan.programs).flat()) assert.ok(bindings.length <= 8, label);
        assert.ok(memoryOf(plan).largest_bytes <= 2 ** 27);
        fitting++;
      }
    }
  }
  assert.ok(fitting > 40, `only ${fitting} sizes`);
});
