// Catches: a start test that is wrong, or right only until the browser has recompiled it; a module that fuses what it
// should not; a sum that depends on the number of Workers; an assistant that runs the other module.
import assert from "node:assert/strict";
import type { CpuModule } from "../../../engine/training/backend.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { cpuModule, hasSimd, moduleBytes, roundsOnce } from "../../../engine/cpu/modules.ts";
import { makeAssistants } from "../../../engine/headless/assistants.ts";
import { golden_gradients } from "../golden.ts";
import { optionsOf } from "../webgpu/shapes.ts";
import { instanceFor, runBatch } from "./golden_on_cpu.ts";

const MODULES: CpuModule[] = ["fma", "base"];
/** f32x4.relaxed_madd and relaxed_nmadd, as in the code section. */
const RELAXED = [[0xfd, 0x85, 2], [0xfd, 0x86, 2]];
/** Enough for the code to have been compiled again by the optimising compiler. */
const OFTEN = 400;

async function occurrences(module: CpuModule): Promise<number> {
  const bytes = await moduleBytes(module) as Uint8Array;
  return RELAXED.reduce(
    (sum, [a, b, c]) => sum + bytes.filter((byte, i) => byte === a && bytes[i + 1] === b && bytes[i + 2] === c).length,
    0,
  );
}

Deno.test("only the module fma has relaxed instructions", async () => {
  assert.ok(await occurrences("fma") > 50);
  assert.equal(await occurrences("base"), 0);
});

Deno.test("this deno accepts both modules, and the small one that stands for them", async () => {
  assert.ok(hasSimd());
  for (const module of MODULES) assert.ok(WebAssembly.validate(await moduleBytes(module)));
});

Deno.test("the module fits the start test, which says the same however often it is made", () => {
  const first = roundsOnce();
  assert.equal(cpuModule(), first ? "fma" : "base");
  for (let i = 0; i < 100; i++) assert.equal(roundsOnce(), first);
});

Deno.test("the modules agree but for rounding, and no less than the start test says", async () => {
  const golden = golden_gradients.lesson;
  const [fma, base] = await Promise.all(MODULES.map(async (module) => {
    const instance = await instanceFor(golden, module);
    runBatch(instance, golden, 0);
    return instance.gradients[0].slice();
  }));
  const size = Math.sqrt(base.reduce((sum, g) => sum + g * g, 0));
  const apart = Math.sqrt(base.reduce((sum, g, i) => sum + (g - fma[i]) ** 2, 0));
  assert.ok(apart < 1e-5 * size, `${apart} of ${size}`);
  assert.equal(apart > 0, roundsOnce());
});

for (const module of MODULES) {
  Deno.test(`gradients have the same bytes before and after recompiling, on the module ${module}`, async () => {
    const golden = golden_gradients.awkward, instance = await instanceFor(golden, module);
    runBatch(instance, golden, 0);
    const first = instance.gradients[0].slice();
    for (let i = 0; i < OFTEN; i++) runBatch(instance, golden, 0);
    assert.deepEqual(instance.gradients[0], first);
  });
}

for (const module of MODULES) {
  Deno.test(`1, 2, 4 and 8 Workers make the same weights on the module ${module}`, async () => {
    const weights: Float32Array[] = [];
    for (const workers of [1, 2, 4, 8]) {
      const { ports, endAssistants } = makeAssistants(workers - 1);
      const options = optionsOf({ B: 16, T: 16, C: 32, NH: 2, V: 11, L: 2 });
      const backend = await createCpuBackend(options, ports, { module });
      assert.equal(backend.module, module);
      await backend.train(5, () => {}, { requested: false });
      weights.push((await backend.save()).params);
      backend.dispose();
      endAssistants();
    }
    for (const other of weights.slice(1)) assert.deepEqual(other, weights[0]);
  });
}
