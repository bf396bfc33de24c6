// Catches: a GELU in C whose value or slope is wrong for very negative inputs, where e^x is kept above 0.
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { optionsOf, small } from "../webgpu/shapes.ts";
import { assertNothingComesThrough } from "./far_gelu.ts";

Deno.test("at very negative inputs GELU lets nothing through", async () => {
  const options = optionsOf(small), backend = await createCpuBackend(options, []);
  await assertNothingComesThrough(backend, options.run.model, options.initial, Uint32Array.of(3, 50));
});
