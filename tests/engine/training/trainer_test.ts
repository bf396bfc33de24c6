// Catches: measuring or sampling that changes the training, an incomplete reset, sums that depend on the number of
// Workers, training that continues after divergence.
import assert from "node:assert/strict";
import { gumbel, streamKey } from "../../../engine/training/rng.ts";
import { samplingNoise } from "../../../engine/training/sampling_noise.ts";
import type { Trainer } from "../../../engine/training/trainer.ts";
import { makeAssistants } from "../../../engine/headless/assistants.ts";
import { posingTrainer } from "../posing_card.ts";
import { quickest } from "../quickest.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

/** Trains up to `until` and returns the losses. */
async function losses(trainer: Trainer, until: number): Promise<number[]> {
  const found: number[] = [];
  await trainer.train(until, ({ losses: more }) => found.push(...more), { requested: false });
  return found;
}

async function trained(seed = "hamlet"): Promise<{ weights: string; curve: number[] }> {
  const trainer = await smallTrainer({ ...smallRun(), seed });
  const curve = await losses(trainer, 60);
  return { weights: await trainer.fingerprint(), curve };
}

Deno.test("a seed determines the whole run, and another seed gives another run", async () => {
  const [one, two, other] = [await trained(), await trained(), await trained("ophelia")];
  assert.deepEqual(one, two);
  assert.notEqual(one.weights, other.weights);
  assert.equal(one.curve.length, 60);
  assert.ok(one.curve.at(-1)! < one.curve[0] - 0.5, "it learns");
});

Deno.test("measuring, sampling, saving and pausing do not change the training", async () => {
  const trainer = await smallTrainer(smallRun()), curve: number[] = [];
  for (let until = 0; until <= 60; until += 7) {
    curve.push(...await losses(trainer, Math.min(until, 60)));
    await trainer.evaluateAndSample(30);
    await trainer.evaluateWhole();
    await trainer.save();
  }
  curve.push(...await losses(trainer, 60));
  assert.deepEqual({ weights: await trainer.fingerprint(), curve }, await trained());
});

Deno.test("waking a card does not change the training, ends at a stop, and the CPU engine is not woken", async () => {
  const counts = { passes: 0 }, trainer = await posingTrainer(smallRun(), smallText(4000), counts);
  const curve = await losses(trainer, 20), stop = { requested: false };
  await trainer.wake(20, stop);
  setTimeout(() => stop.requested = true, 20);
  await trainer.wake(100_000, stop);
  const { passes } = counts;
  assert.ok(passes > 1, `${passes} passes`);
  await trainer.wake(100_000, stop);
  assert.equal(counts.passes, passes);
  curve.push(...await losses(trainer, 60));
  assert.deepEqual({ weights: await trainer.fingerprint(), curve }, await trained());
  await (await smallTrainer(smallRun())).wake(100_000, { requested: false });
});

Deno.test("a run ends at its planned iteration, even if asked to go further", async () => {
  const trainer = await smallTrainer(smallRun());
  assert.equal((await losses(trainer, 1000)).length, 60);
  assert.equal(trainer.iteration, 60);
});

Deno.test("a stop takes effect between two iterations and loses nothing", async () => {
  const trainer = await smallTrainer(smallRun()), curve: number[] = [];
  while (trainer.iteration < 60) {
    const stop = { requested: false };
    await trainer.train(60, ({ losses: more }) => {
      curve.push(...more);
      stop.requested = curve.length % 11 === 0;
    }, stop);
    assert.equal(trainer.iteration, curve.length);
  }
  assert.deepEqual({ weights: await trainer.fingerprint(), curve }, await trained());
});

Deno.test("reset goes back to the start, with the same seed or another", async () => {
  const trainer = await smallTrainer({ ...smallRun(), seed: "ophelia" });
  const first = await trainer.evaluateAndSample(30);
  await losses(trainer, 33);
  await trainer.reset("hamlet");
  assert.equal(trainer.iteration, 0);
  const curve = await losses(trainer, 60);
  assert.deepEqual({ weights: await trainer.fingerprint(), curve }, await trained());
  assert.notEqual((await trainer.evaluateAndSample(30)).phase, first.phase);
  await trainer.reset("ophelia");
  assert.deepEqual(await trainer.evaluateAndSample(30), first);
});

Deno.test("one, two, four and eight Workers give the same weights, even for uneven batches", async () => {
  for (const batch_size of [1, 5, 32]) {
    const prints = new Set<string>(), curves = new Set<string>();
    for (const workers of [1, 2, 4, 8]) {
      const { ports, endAssistants } = makeAssistants(workers - 1);
      const trainer = await smallTrainer(smallRun({ batch_size, iterations: 12 }), smallText(4000), ports);
      const curve = await losses(trainer, 12);
      const { val } = await trainer.evaluateAndSample(10);
      curves.add(JSON.stringify([curve, val, await trainer.evaluateWhole()]));
      prints.add(await trainer.fingerprint());
      trainer.dispose();
      endAssistants();
    }
    assert.equal(prints.size, 1, `batch size ${batch_size}`);
    assert.equal(curves.size, 1, `batch size ${batch_size}`);
  }
});

Deno.test("the first infinite or NaN loss ends the training, and its iteration is reported", async () => {
  const trainer = await smallTrainer(smallRun({ learning_rate: 1e38, warmup_iterations: 0 }));
  const curve = await losses(trainer, 60);
  assert.equal(trainer.diverged_at, curve.length - 1);
  assert.ok(curve.slice(0, -1).every(Number.isFinite) && !Number.isFinite(curve.at(-1)));
  await trainer.reset("hamlet");
  assert.equal(trainer.diverged_at, null);
  assert.ok(Number.isFinite((await losses(trainer, 1))[0]));
});

Deno.test("a sample continues the start of the validation text, with its own noise", async () => {
  const text = smallText(4000), run = smallRun(), trainer = await smallTrainer(run, text);
  const first = await trainer.evaluateAndSample(30),
    again = await trainer.evaluateAndSample(30),
    short = await trainer.evaluateAndSample(15);
  assert.equal(first.prompt, text.slice(3600, 3632));
  assert.equal(first.text.length, 30);
  assert.deepEqual(first, again);
  assert.ok(first.text.startsWith(short.text), "the dice of a position do not depend on how many follow");
});

Deno.test("sampling noise depends only on seed, position and character", () => {
  const key = streamKey("hamlet", "samples"), noise = samplingNoise(key, 3, 5, 0.8);
  for (let position = 0; position < 3; position++) {
    for (let character = 0; character < 5; character++) {
      assert.equal(noise[position * 5 + character], Math.fround(0.8 * gumbel(key, position, character)));
    }
  }
});

Deno.test("if the validation text is a single window, its loss is that of the whole", async () => {
  const text = smallText(170); // 153 and 17
  const trainer = await smallTrainer(smallRun(), text);
  const val = await trainer.evaluate();
  assert.ok(val !== null && val > 2 && val < 4);
  assert.equal(await trainer.evaluateWhole(), val);
});

Deno.test("without validation text there is no val, the prompt is the text's start, train sets the phase", async () => {
  const text = smallText(100), run = smallRun({ iterations: 300 });
  const trainer = await smallTrainer(run, text);
  const before = await trainer.evaluateAndSample(15);
  assert.deepEqual([before.val, before.phase, before.prompt], [null, run.phases[0], text.slice(0, 32)]);
  await losses(trainer, 25);
  assert.ok(run.phases.slice(0, 2).includes((await trainer.evaluateAndSample(0)).phase), "noise has no style");
  await losses(trainer, 300);
  const after = await trainer.evaluateAndSample(15);
  assert.equal(after.val, null);
  assert.notEqual(after.phase, run.phases[0]);
  assert.equal(await trainer.evaluateWhole(), null);
});

Deno.test("sizes and texts that no engine supports are refused with a message", async () => {
  const wide = smallRun();
  wide.model.n_embd = 24;
  await assert.rejects(
    smallTrainer(wide),
    /n_embd is 24; the engine takes whole numbers from 16 to 256 in steps of 16/,
  );
  await assert.rejects(smallTrainer(smallRun(), smallText(18)), /16 characters; a context of 16 needs more/);
});

Deno.test("eighty characters of the lesson's model take less than a second", async () => {
  const run = smallRun();
  run.model = { ...run.model, n_layer: 4, n_head: 4, n_embd: 64, block_size: 64 };
  const trainer = await smallTrainer(run);
  const took = await quickest(1000, async () => {
    const begin = performance.now();
    await trainer.evaluateAndSample(80);
    return performance.now() - begin;
  });
  assert.ok(took < 1000, `${took} ms`);
});
