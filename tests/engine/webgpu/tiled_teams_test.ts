// Catches: teams on a card that cannot run them, or has too few cores for them; kernels that need more memory than
// a device is asked for.
import assert from "node:assert/strict";
import { kernel_sources } from "../../../engine/webgpu/kernels.ts";
import { teamsFor, tiledPlan } from "../../../engine/webgpu/tiled_plan.ts";
import { cardOf } from "./cards.ts";
import { optionsOf } from "./shapes.ts";

Deno.test("four teams on NVIDIA's cards, where their limits allow it", () => {
  const nvidia = cardOf({ vendor: "nvidia", architecture: "", description: "" });
  assert.equal(teamsFor(nvidia), 4);
  assert.equal(teamsFor({ ...nvidia, limits: { ...nvidia.limits, maxComputeWorkgroupStorageSize: 16384 } }), 2);
  for (const vendor of ["intel", "amd", "apple", "", undefined]) assert.equal(teamsFor(cardOf({ vendor })), 2, vendor);
});

Deno.test("a device is asked for the memory that four teams need", () => {
  const { limits, programs } = tiledPlan(optionsOf({ B: 2, T: 64, C: 128, NH: 4, V: 65, L: 1 }), 4);
  const products = Object.values(programs).flat().filter(({ constants }) => constants.TEAMS === 4);
  assert.ok(products.length > 5);
  for (const { kernel, constants: { ROWS, TEAMS } } of products) {
    const arrays = kernel_sources[kernel].match(/var<workgroup>.*/g);
    assert.deepEqual(arrays, [
      "var<workgroup> rows: array<array<array<vec4f, WIDE>, 16>, TEAMS>;", // WIDE = ROWS / 4
      "var<workgroup> columns: array<array<array<vec4f, 16>, 16>, TEAMS>;",
    ], kernel);
    assert.deepEqual(limits, { maxComputeWorkgroupStorageSize: TEAMS * 16 * (ROWS / 4 + 16) * 16 });
  }
});
