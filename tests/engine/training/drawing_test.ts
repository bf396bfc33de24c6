// Catches: top-k that draws a character outside the k most probable, or another one than drawing among them would;
// dice that fall differently in another part of the text; a temperature of 0 that draws; a stop that does not stop;
// a writer that continues a prompt differently from the engine that trained the weights.
import assert from "node:assert/strict";
import { createWriter } from "../../../engine/cpu/writer.ts";
import { drawText } from "../../../engine/training/drawing.ts";
import { gumbel, hash32, streamKey } from "../../../engine/training/rng.ts";
import { smallRun, smallTrainer } from "../small_runs.ts";

const MODEL = { vocab_size: 11, block_size: 5 }, PROMPT = Uint8Array.of(3, 1, 4), key = streamKey("dice", "samples");
const V = MODEL.vocab_size;

/** A model whose logits are a hash of what it sees: at most block_size characters. */
function logits(seen: Uint8Array): number[] {
  const context = seen.slice(-MODEL.block_size).reduce((hash, token) => hash32(1, hash, token), 0);
  return Array.from({ length: V }, (_, character) => 4 * hash32(2, context, character) / 2 ** 32);
}

const argmax = (numbers: number[]) => numbers.indexOf(Math.max(...numbers));
let asked = 0;

/** As an engine's: the largest of logits + noise, one character after the other. */
function generate(prompt: Uint8Array, noise: Float32Array): Promise<Uint8Array> {
  asked++;
  let text = prompt;
  for (let i = 0; i < noise.length / V; i++) {
    const next = argmax(logits(text).map((logit, v) => Math.fround(logit + noise[i * V + v])));
    text = Uint8Array.from([...text, next]);
  }
  return Promise.resolve(text.slice(prompt.length));
}

/** The definition: the largest of logits + temperature * Gumbel noise among the k largest logits. */
function expected(characters: number, temperature: number, k: number): number[] {
  const text = [...PROMPT];
  for (let i = 0; i < characters; i++) {
    const now = logits(Uint8Array.from(text)), least = now.toSorted((a, b) => b - a)[k - 1];
    text.push(argmax(now.map((logit, v) => logit < least ? -Infinity : logit + temperature * gumbel(key, i, v))));
  }
  return text.slice(PROMPT.length);
}

async function drawn(temperature: number, top_k: number, part?: number, characters = 300): Promise<number[]> {
  const text: number[] = [];
  await drawText(generate, MODEL, { prompt: PROMPT, characters, dice: { key, temperature, top_k } }, (tokens) => {
    text.push(...tokens);
  }, { part });
  return text;
}

Deno.test("top-k draws among the k most probable characters, at every k and temperature", async () => {
  for (const temperature of [0, 0.5, 3]) {
    for (const k of [1, 2, 5, V - 1, V, V + 5]) {
      assert.deepEqual(await drawn(temperature, k), expected(300, temperature, Math.min(k, V)), `${temperature} ${k}`);
    }
  }
  assert.deepEqual(await drawn(0, V), expected(300, 0, 1), "temperature 0 takes the most probable");
});

Deno.test("the parts in which a text is drawn do not change it", async () => {
  for (const part of [1, 4, 7, 1000]) assert.deepEqual(await drawn(0.8, V, part), expected(300, 0.8, V));
});

Deno.test("top-k rarely asks for more than a few forward passes a character", async () => {
  asked = 0;
  await drawn(0.5, 5);
  assert.ok(asked <= 300 * 4, `${asked} passes for 300 characters`);
});

Deno.test("a stop ends the text after the part under way", async () => {
  const stop = { requested: false };
  let written = 0;
  const dice = { key, temperature: 1, top_k: V };
  await drawText(generate, MODEL, { prompt: PROMPT, characters: 100, dice }, (tokens) => {
    written += tokens.length;
    stop.requested = written >= 8;
  }, { stop, part: 4 });
  assert.equal(written, 8);
});

Deno.test("a writer with a run's weights, prompt and dice writes the run's own sample", async () => {
  const trainer = await smallTrainer(smallRun());
  await trainer.train(45, () => {}, { requested: false });
  const { prompt, text } = await trainer.evaluateAndSample(30), { model, characters, params } = await trainer.weights();
  const { generate } = await createWriter(model, params, trainer.backend.module!), written: string[] = [];
  const tokens = Uint8Array.from(prompt, (character) => characters.indexOf(character));
  const dice = { key: streamKey("hamlet", "samples"), temperature: 0.8, top_k: 1000 };
  await drawText(generate, model, { prompt: tokens, characters: 30, dice }, (tokens) => {
    for (const token of tokens) written.push(characters[token]);
  }, { part: 4 });
  assert.equal(written.join(""), text);
  assert.equal(trainer.run.sampling.temperature, 0.8);
});
