// Catches a kernel whose loads and stores are not known, and sizes at which they are not whole numbers.
// webgpu/moved_checks.ts compares them with what the kernels do.
import assert from "node:assert/strict";
import { bytesMoved, movesOf } from "../../../engine/bench/bytes_moved.ts";
import { fusedPlan } from "../../../engine/webgpu/fused_plan.ts";
import { plainPlan } from "../../../engine/webgpu/plain_plan.ts";
import { tiledPlan } from "../../../engine/webgpu/tiled_plan.ts";
import { optionsOf, type Shape, shapes } from "../webgpu/shapes.ts";

const lesson: Shape = { ...shapes.lesson, B: 32, L: 4 };
const plans: [typeof plainPlan, Shape[]][] = [
  [plainPlan, [...Object.values(shapes), lesson]],
  [tiledPlan, [lesson, { B: 3, T: 100, C: 192, NH: 6, V: 70, L: 2 }]],
  [fusedPlan, [lesson, { ...lesson, B: 3, V: 96 }]],
];

Deno.test("all dispatches of an iteration load and store whole numbers", () => {
  for (const [makePlan, sizes] of plans) {
    for (const shape of sizes) {
      const plan = makePlan(optionsOf(shape, 2));
      let numbers = 0;
      for (const dispatch of plan.programs.train) {
        const { loads, stores } = movesOf(dispatch), what = `${dispatch.label}: ${loads}, ${stores}`;
        assert(Number.isInteger(loads) && Number.isInteger(stores) && loads > 0 && stores > 0, what);
        numbers += loads + stores;
      }
      assert.equal(bytesMoved(plan.programs.train), 4 * numbers);
    }
  }
});

Deno.test("a dispatch of an unknown kernel is named", () => {
  const [dispatch] = plainPlan(optionsOf(shapes.lesson, 2)).programs.train;
  assert.throws(() => movesOf({ ...dispatch, kernel: "no_such_kernel" }), /no_such_kernel/);
});
