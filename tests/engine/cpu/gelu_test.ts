// Catches: a GELU in C whose slope or value leaves its limits far from its bend, where e^x is held short of 0.
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { optionsOf, small } from "../webgpu/shapes.ts";
import { assertNothingComesThrough } from "./far_gelu.ts";

Deno.test("far below its bend GELU lets nothing through", async () => {
  const options = optionsOf(small), backend = await createCpuBackend(options, []);
  await assertNothingComesThrough(backend, options.run.model, options.initial, Uint32Array.of(3, 50));
});
