// Catches: options that instance.ts writes in another order than gpt.c reads; a batch above today's limit that trains
// rows on the wrong window, skips some, or is accepted by an engine created for fewer.
import assert from "node:assert/strict";
import type { Backend, BackendOptions } from "../../../engine/training/backend.ts";
import { tensors } from "../../../engine/training/params.ts";
import { batchStart } from "../../../engine/training/rng.ts";
import { SCHEDULE_COLUMNS } from "../../../engine/training/schedule.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { INSTANCE_OPTIONS } from "../../../engine/cpu/instance.ts";
import { LIMITS } from "../../../engine/training/config.ts";
import { makeAssistants } from "../../../engine/headless/assistants.ts";
import { optionsOf, type Shape } from "../webgpu/shapes.ts";

const B = 96, PART = 32, UPDATES = 4;
const shape: Shape = { B, T: 8, C: 16, NH: 2, V: 7, L: 2 };

Deno.test("instance.ts writes the options in the order of gpt.c", async () => {
  const text = await Deno.readTextFile(new URL("../../../engine/cpu/gpt.c", import.meta.url));
  const struct = text.match(/typedef struct \{([^}]*)\} Options;/)![1];
  const fields = [...struct.matchAll(/^ *(int|float) (\w+);/gm)].map(([, type, name]) => ({ type, name }));
  assert.equal(fields.length, struct.match(/;/g)!.length - (struct.match(/\/\/.*;/g)?.length ?? 0));
  assert.deepEqual(fields.map(({ name }) => name), [...INSTANCE_OPTIONS]);
  assert.deepEqual(fields.filter(({ type }) => type === "float").map(({ name }) => name), ["layer_norm_eps"]);
});

Deno.test("model.json's largest vocabulary fits into a byte per token", () => assert.ok(LIMITS.vocab_size.max <= 256));

/** For comparison: AdamW in float64 on the mean gradient, computed for a few windows at a time. */
async function reference(options: BackendOptions): Promise<{ losses: number[]; params: Float32Array }> {
  const { run: { model, training }, schedule, batch_key, training_length } = options;
  const fewer = { ...options, run: { ...options.run, training: { ...training, batch_size: PART } } };
  const backend = await createCpuBackend(fewer, []), losses: number[] = [];
  const { params, m, v } = structuredClone(options.initial);
  const { beta1, beta2, eps, weight_decay } = training;
  for (let iteration = 0; iteration < UPDATES; iteration++) {
    await backend.load({ iteration: 0, params, m, v });
    const starts = Uint32Array.from(
      { length: B },
      (_, row) => batchStart(batch_key, iteration, row, training_length - model.block_size),
    );
    assert.equal(new Set(starts.subarray(64)).size, 32, "the last rows have windows of their own");
    const gradient = new Float64Array(params.length);
    let loss = 0;
    for (let first = 0; first < B; first += PART) {
      const part = await backend.gradients(starts.subarray(first, first + PART));
      part.gradients.forEach((g, i) => gradient[i] += g * PART / B);
      loss += part.loss * PART / B;
    }
    losses.push(loss);
    const [lr, correction1, correction2] = schedule.subarray(iteration * SCHEDULE_COLUMNS);
    for (const { offset, size, decay } of tensors(model)) {
      for (let i = offset; i < offset + size; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * gradient[i];
        v[i] = beta2 * v[i] + (1 - beta2) * gradient[i] ** 2;
        params[i] *= 1 - lr * weight_decay * Number(decay);
        params[i] -= lr * m[i] * correction1 / (Math.sqrt(v[i] * correction2) + eps);
      }
    }
  }
  backend.dispose();
  return { losses, params };
}

async function trained(backend: Backend): Promise<{ losses: number[]; params: Float32Array }> {
  const losses: number[] = [];
  await backend.train(UPDATES, (report) => losses.push(...report.losses), { requested: false });
  return { losses, params: (await backend.save()).params };
}

Deno.test("a batch of 96 sequences trains on its own 96 windows, with any number of Workers", async () => {
  assert.ok(B > LIMITS.batch_size.max, "more than lessons may ask for");
  const options = optionsOf(shape, 60, 4000), expected = await reference(options);
  const { ports, endAssistants } = makeAssistants(1);
  const alone = await createCpuBackend(options, []), together = await createCpuBackend(options, ports);
  const result = await trained(alone);
  assert.deepEqual(await trained(together), result);
  assert.deepEqual(await together.evaluate(starts()), await alone.evaluate(starts()));
  endAssistants();
  result.losses.forEach((loss, i) => assert.ok(Math.abs(loss - expected.losses[i]) < 2e-6, `loss of iteration ${i}`));
  let differences = 0, change = 0;
  result.params.forEach((value, i) => {
    differences += (value - expected.params[i]) ** 2;
    change += (value - options.initial.params[i]) ** 2;
  });
  assert.ok(Math.sqrt(differences / change) < 1e-3, `the weights' change is off by ${Math.sqrt(differences / change)}`);
});

const starts = () => Uint32Array.from({ length: 130 }, (_, i) => 7 * i);

Deno.test("an engine refuses more sequences than it was created for", async () => {
  const backend = await createCpuBackend(optionsOf({ ...shape, B: 2 }), []);
  await assert.rejects(
    backend.gradients(Uint32Array.of(1, 2, 3)),
    /A batch of 3 sequences; this engine was made for 2/,
  );
  backend.dispose();
});
