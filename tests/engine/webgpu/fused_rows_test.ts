// Catches: a plan that a card cannot run, workgroups that leave a part of a large card idle, more bytes moved than were
// found bearable, kernels that need more memory than a device is asked for, a file whose revision is that of another plan.
import assert from "node:assert/strict";
import { bytesMoved } from "../../../engine/bench/bytes_moved.ts";
import type { Card } from "../../../engine/webgpu/card.ts";
import { fusedPlan } from "../../../engine/webgpu/fused_plan.ts";
import { limitsOfRows, rowsFor } from "../../../engine/webgpu/fused_rows.ts";
import { kernel_sources } from "../../../engine/webgpu/kernels.ts";
import { kernelsRevision, planFor } from "../../../engine/webgpu/revision.ts";
import { cardOf } from "./cards.ts";
import { optionsOf, type Shape, shapes } from "./shapes.ts";

const lesson = optionsOf({ ...shapes.lesson, B: 32, L: 4 }, 2);
/** A laptop's card, as Chromium describes it. */
const laptop = { vendor: "intel", architecture: "xe", description: "" };

Deno.test("32 rows a workgroup where the card's limits allow it", () => {
  const limits = limitsOfRows(32) as Card["limits"];
  assert.equal(rowsFor(lesson, { info: laptop, limits }), 32);
  for (const name of Object.keys(limits) as (keyof Card["limits"])[]) {
    assert.equal(rowsFor(lesson, { info: laptop, limits: { ...limits, [name]: limits[name] - 1 } }), 16, name);
  }
});

Deno.test("16 rows a workgroup for small batches", () => {
  const rows = (B: number) => rowsFor(optionsOf({ ...shapes.lesson, B }, 2), cardOf(laptop));
  assert.deepEqual([1, 8, 11, 12, 64].map(rows), [16, 16, 16, 32, 32]);
});

Deno.test("32 rows a workgroup only where graphics mostly share the processor's memory", () => {
  const names: [Card["info"], number][] = [
    [laptop, 32],
    [{ vendor: "amd", architecture: "rdna-3" }, 32],
    [{ vendor: "nvidia", architecture: "", description: "" }, 16], // an H200 in Chromium
    [{ vendor: "nvidia", architecture: "lovelace" }, 16],
    [{ vendor: "4318", architecture: "", description: "NVIDIA H200" }, 16], // in deno
    [{ vendor: "apple", architecture: "metal-3" }, 16],
    [{ vendor: "", architecture: "", description: "" }, 16], // Firefox gives none
    [{}, 16],
  ];
  for (const [info, rows] of names) assert.equal(rowsFor(lesson, cardOf(info)), rows, JSON.stringify(info));
});

Deno.test("what an iteration moves is as low as was wanted on such a card, and is what the guide says", async () => {
  const moved = (card: Card["info"]) => bytesMoved(planFor(lesson, cardOf(card)).programs.train) / 1e6;
  // Two thirds of what the plan of 22 dispatches moved, which came before this one.
  assert.ok(moved(laptop) < 395 * 2 / 3, `${moved(laptop)} MB`);
  const guide = await Deno.readTextFile(new URL("../../../engine/wgsl/README.md", import.meta.url));
  const [, narrow, wide] = /moves (\d+) MB instead of (\d+)/.exec(guide.replaceAll(/\s+/g, " "))!;
  assert.deepEqual([narrow, wide], [laptop, {}].map((card) => moved(card).toFixed()));
});

Deno.test("a part of the weights' gradients sums at least two sequences, and there are at most 16 or 4 parts", () => {
  const parts = (B: number, rows: 16 | 32) => {
    const { train } = fusedPlan(optionsOf({ ...shapes.lesson, B }, 2), rows).programs;
    return train.find(({ kernel }) => kernel === "fused/weights_backward")!.workgroups[1];
  };
  assert.deepEqual([1, 2, 3, 12, 32, 33].map((B) => parts(B, 16)), [1, 1, 2, 6, 16, 11]);
  assert.deepEqual([1, 3, 12, 32].map((B) => parts(B, 32)), [1, 2, 4, 4]);
});

Deno.test("a device is asked for what the kernels need", () => {
  const bytes: Record<string, number> = { f32: 4, u32: 4, vec4f: 16 };
  for (const rows of [16, 32] as const) {
    const { limits = {}, programs } = fusedPlan(lesson, rows);
    const { maxComputeWorkgroupStorageSize: memory = 16384, maxComputeInvocationsPerWorkgroup: most = 256 } = limits;
    let largest = 0, widest = 0;
    for (const { kernel } of Object.values(programs).flat()) {
      const source = kernel_sources[kernel].replaceAll(/\/\/.*/g, ""),
        of = (sizes: string) =>
          sizes.replaceAll(/u\b/g, "").replace("ROWS", String(rows)).split("*").reduce(
            (product, n) => product * Number(n),
            1,
          );
      const arrays = [...source.matchAll(/var<workgroup> \w+: array<(\w+), ([^>]+)>/g)];
      largest = Math.max(largest, arrays.reduce((sum, [, type, size]) => sum + bytes[type] * of(size), 0));
      widest = Math.max(widest, of(/@workgroup_size\(([^)]+)\)/.exec(source)![1]));
    }
    assert.ok(largest <= memory && widest <= most, `${rows} rows: ${largest} bytes, ${widest} invocations`);
    if (rows === 32) assert.deepEqual([largest, widest, widest], [memory, most, limits.maxComputeWorkgroupSizeX]);
  }
});

Deno.test("the revision is that of the plan for this run on this card", () => {
  const of = (info: Card["info"], shape: Partial<Shape> = {}) =>
    kernelsRevision(planFor(optionsOf({ ...shapes.lesson, B: 32, ...shape }, 2), cardOf(info)));
  assert.match(of(laptop), /^[0-9a-f]{64}$/);
  assert.equal(of(laptop), of({ vendor: "amd" }));
  assert.notEqual(of(laptop), of({ vendor: "nvidia" }));
  assert.notEqual(of(laptop), of(laptop, { B: 11 }));
});
