// Catches: an observation that differs from NumPy's numbers on either module, one that changes the run (a head that stays
// off, a fault, a gradient), and norms of another update than the last of a call of train().
import assert from "node:assert/strict";
import type { CpuModule } from "../../../engine/training/backend.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { createWriter } from "../../../engine/cpu/writer.ts";
import { tensors } from "../../../engine/training/params.ts";
import { compareObserved, observed, OBSERVED_TOLERANCE, observedOptions } from "../observed.ts";
import { optionsOf, small } from "../webgpu/shapes.ts";

const MODULES: CpuModule[] = ["fma", "base"];
const never = { requested: false };
const heads = small.L * small.NH;

for (const module of MODULES) {
  for (const [name, expected] of Object.entries(observed)) {
    Deno.test(`what the ${name} shape reports on the module ${module} is NumPy's`, async () => {
      const backend = await createCpuBackend(observedOptions(expected), [], { module });
      for (const [what, worst] of Object.entries(await compareObserved(backend, expected))) {
        assert.ok(worst.error < OBSERVED_TOLERANCE, `${what}: ${worst.error} in ${worst.where}`);
      }
    });
  }
}

Deno.test("a pass over the first characters has the first rows of the whole pass", async () => {
  const { tokens, ...options } = optionsOf(small), { L, NH, T, V } = small;
  const backend = await createCpuBackend({ ...options, tokens }, []);
  const whole = await backend.observe(tokens.slice(0, T)),
    near = (a: Float32Array, b: Float32Array) => {
      assert.equal(a.length, b.length);
      a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-6, `${x}, not ${b[i]}`));
    };
  for (const t of [1, 5, 7]) {
    const part = await backend.observe(tokens.slice(0, t));
    near(part.logits, whole.logits.subarray(0, t * V));
    near(part.early, whole.early.subarray(0, t * L * V));
    for (let row = 0; row < L * NH * t; row++) {
      const at = (Math.floor(row / t) * T + row % t) * T;
      near(part.attention.subarray(row * t, (row + 1) * t), whole.attention.subarray(at, at + t));
    }
    assert.equal(part.stream_rms.length, L + 1);
  }
});

Deno.test("a run that is observed makes the same bytes as one that is not", async () => {
  const options = optionsOf(small), prompt = options.tokens.slice(0, 9), noise = new Float32Array(3 * small.V);
  const runs = await Promise.all([createCpuBackend(options, []), createCpuBackend(options, [])]);
  const [alone, watched] = runs, losses: number[][] = [[], []];
  for (const until of [1, 2, 7, 20]) {
    await watched.observe(prompt, new Uint8Array(heads).fill(1));
    await watched.generate(prompt, noise);
    await watched.expectations();
    for (const [i, run] of runs.entries()) await run.train(until, (report) => losses[i].push(...report.losses), never);
    await watched.norms();
  }
  assert.deepEqual(losses[1], losses[0]);
  assert.deepEqual(await watched.save(), await alone.save());
  await watched.observe(prompt, new Uint8Array(heads).fill(1));
  assert.deepEqual(await watched.observe(prompt), await alone.observe(prompt));
});

Deno.test("expectations are those of the last text, and a writer has the same", async () => {
  const { V, T, L } = small, options = optionsOf(small), prompt = options.tokens.slice(0, 9);
  const backend = await createCpuBackend(options, []);
  await backend.train(10, () => {}, never);
  const writer = await createWriter(options.run.model, (await backend.save()).params, backend.module!);
  assert.equal((await backend.expectations()).logits.length, 0);
  await backend.generate(prompt, new Float32Array(11 * V));
  const written = await backend.generate(prompt, new Float32Array(5 * V));
  assert.deepEqual(await writer.generate(prompt, new Float32Array(5 * V)), written);
  const { logits, early } = await backend.expectations();
  assert.deepEqual(await writer.expectations(), { logits, early });
  assert.equal(early.length, 5 * L * V);
  const text = Uint8Array.from([...prompt, ...written]);
  assert.ok(text.length <= T);
  const pass = await writer.observe(text.slice(0, -1));
  assert.deepEqual(await backend.observe(text.slice(0, -1)), pass);
  written.forEach((character, i) => {
    const row = logits.subarray(i * V, (i + 1) * V), at = prompt.length + i - 1;
    assert.equal(row.indexOf(Math.max(...row)), character, "without noise the likeliest is written");
    row.forEach((x, v) => assert.ok(Math.abs(x - pass.logits[at * V + v]) < 1e-5));
  });
});

Deno.test("norms are those of the update that ended the last call of train()", async () => {
  const options = optionsOf(small), list = tensors(options.run.model);
  const backend = await createCpuBackend(options, []), stop = { requested: false };
  assert.equal(await backend.norms(), null);
  await backend.train(6, () => {}, never);
  const before = await backend.save();
  await backend.train(7, () => {}, never);
  const after = await backend.save();
  await backend.gradients(Uint32Array.of(5)); // reuses the buffer of the gradient
  const norms = (await backend.norms())!;
  const normOf = (values: (i: number) => number) =>
    list.map(({ offset, size }) => {
      let squares = 0;
      for (let i = offset; i < offset + size; i++) squares += values(i) ** 2;
      return Math.fround(Math.sqrt(squares));
    });
  const near = (found: Float32Array, expected: number[]) =>
    found.forEach((norm, i) => assert.ok(Math.abs(norm / expected[i] - 1) < 1e-6, list[i].name));
  near(norms.update, normOf((i) => after.params[i] - before.params[i]));
  near(norms.weight.slice(0, 2), normOf((i) => before.params[i]).slice(0, 2));
  assert.equal(norms.gradient.length, list.length);
  await backend.train(7, () => {}, never); // trains nothing
  assert.deepEqual(await backend.norms(), norms);
  await backend.train(30, () => stop.requested = backend.iteration >= 11, stop);
  assert.equal(backend.iteration, 11);
  assert.equal(await backend.norms(), null, "stopped before its end");
  await backend.train(13, () => {}, never);
  assert.notEqual(await backend.norms(), null);
  await backend.load(before);
  assert.equal(await backend.norms(), null, "other weights");
});

Deno.test("squares of weights that have exploded do not overflow", async () => {
  const options = optionsOf(small), list = tensors(options.run.model);
  const backend = await createCpuBackend(options, []), params = options.initial.params.slice();
  const { offset, size } = list[1];
  params.fill(1e30, offset, offset + size);
  await backend.load({ ...options.initial, params });
  await backend.train(1, () => {}, never);
  const { weight } = (await backend.norms())!, expected = 1e30 * Math.sqrt(size);
  assert.ok(Math.abs(weight[1] / expected - 1) < 1e-6, `${weight[1]}, not ${expected}`);
});

Deno.test("observing careless arithmetic does not name a fault that training has not met", async () => {
  const options = optionsOf(small), params = options.initial.params.slice();
  const qkv = tensors(options.run.model).find(({ name }) => name === "h.0.attn.qkv")!;
  for (let i = qkv.offset; i < qkv.offset + qkv.size; i++) params[i] *= 1e4;
  const backend = await createCpuBackend(options, [], { careless: true });
  await backend.load({ ...options.initial, params });
  const { attention } = await backend.observe(options.tokens.slice(0, small.T));
  assert.ok(attention.some(Number.isNaN), "it has overflowed");
  assert.equal(backend.fault, null);
});

Deno.test("an observation names a length or a mask that the model does not have", async () => {
  const backend = await createCpuBackend(optionsOf(small), []);
  await assert.rejects(backend.observe(new Uint8Array(small.T + 1)), /17 characters; this model takes 1 to 16/);
  await assert.rejects(backend.observe(new Uint8Array(0)), /0 characters/);
  await assert.rejects(backend.observe(new Uint8Array(3), new Uint8Array(1)), /mask of 1 heads; this model has 4/);
});
