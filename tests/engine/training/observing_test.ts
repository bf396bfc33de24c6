// Catches: norms read after something else has used the engine's memory, a line that is another than the wanted one, heads'
// scores of one line alone, readings of another text than the sample, instruments that change the sample or the run.
import assert from "node:assert/strict";
import type { Backend } from "../../../engine/training/backend.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { readCorpus } from "../../../engine/training/corpus.ts";
import { groupsOf, type ObserveOptions, prefixMatchScore } from "../../../engine/training/observation.ts";
import { tensors } from "../../../engine/training/params.ts";
import { Trainer } from "../../../engine/training/trainer.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

const ALL: ObserveOptions = { lines: { starts: [3700, 3611, 3800], length: 12 }, norms: true, writings: false };
const text = smallText(4000);

/** A Trainer whose engine tells what it is asked, and makes up what it observes. */
async function overheard(): Promise<{ trainer: Trainer; asked: string[] }> {
  const asked: string[] = [], run = smallRun(), corpus = readCorpus(text, run.evaluation.train_fraction);
  const trainer = await Trainer.create(run, corpus, null, async (options) => {
    const engine = await createCpuBackend(options, []),
      { model } = options.run,
      { n_layer: L, n_head, vocab_size: V } = model;
    const made_up: Partial<Backend> = {
      expectations: () => {
        const rows = Number(asked.at(-2)!.split(" ")[1]),
          logits = new Float32Array(rows * V).map((_, i) => (i * 7) % 5);
        return Promise.resolve({ logits, early: new Float32Array(rows * L * V).map((_, i) => -(i % V)) });
      },
      observe: (tokens, heads_off) => {
        const t = tokens.length, attention = new Float32Array(L * n_head * t * t);
        for (let i = 0; i < attention.length; i++) {
          attention[i] = heads_off?.[Math.floor(i / (t * t))] ? 0 : 1 / tokens[0];
        }
        const streams = { logits: new Float32Array(t * V), early: new Float32Array(t * L * V), attention };
        return Promise.resolve({ ...streams, stream_rms: Float32Array.from({ length: L + 1 }, (_, i) => i) });
      },
      norms: () => {
        const one = () => new Float32Array(tensors(model).length).fill(1);
        return Promise.resolve({ gradient: one(), update: one(), weight: one() });
      },
    };
    return new Proxy(engine, {
      get(_, name) {
        const own = made_up[name as keyof Backend] ?? Reflect.get(engine, name, engine);
        if (typeof own !== "function") return own;
        return (...given: unknown[]) => {
          const what = name === "observe"
            ? [...given[0] as Uint8Array].join(" ")
            : name === "generate"
            ? (given[1] as Float32Array).length / V
            : "";
          asked.push(`${String(name)} ${what}`.trim());
          return Reflect.apply(own as () => unknown, engine, given);
        };
      },
    });
  });
  return { trainer, asked };
}

Deno.test("norms are read first, and what the model expected right after it has written", async () => {
  const { trainer, asked } = await overheard();
  await trainer.measure(30, ALL);
  const line = (start: number) => `observe ${[...trainer.corpus.tokens.subarray(start, start + 12)].join(" ")}`;
  assert.deepEqual(asked, ["norms", "evaluate", line(3700), line(3611), line(3800), "generate 30", "expectations"]);
});

Deno.test("an observation has the first line's attention and surprise, and the heads' means over all lines", async () => {
  const { trainer } = await overheard(), { corpus: { tokens }, run: { model } } = trainer;
  const { observation, sample } = await trainer.measure(30, ALL), { line, norms, writings, iteration } = observation!;
  assert.deepEqual([iteration, writings], [sample.iteration, null]);
  const heads = model.n_layer * model.n_head, first = 1 / tokens[3700];
  assert.equal(line!.attention.length, heads * 12 * 12);
  assert.ok(line!.attention.every((part) => part === Math.round(255 * first)));
  assert.ok(
    line!.surprise.length === 12 && line!.surprise.every((nats) => Math.abs(nats - Math.log(model.vocab_size)) < 1e-12),
  );
  const parts = ALL.lines!.starts.map((start) => Math.fround(1 / tokens[start]));
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  assert.ok(line!.previous.length === heads && line!.previous.every((score) => Math.abs(score - mean) < 1e-12));
  const prefix = ALL.lines!.starts.map((start, i) =>
    prefixMatchScore(tokens.subarray(start, start + 12), new Float32Array(144).fill(parts[i]))
  );
  assert.ok(Math.abs(line!.prefix[0] - prefix.reduce((sum, score) => sum + score, 0) / prefix.length) < 1e-12);
  assert.equal(norms!.gradient.length, groupsOf(model).length);
});

Deno.test("a reading belongs to the sample's characters, and the sample is the same with and without instruments", async () => {
  const { trainer } = await overheard(), plain = await (await smallTrainer(smallRun(), text)).evaluateAndSample(30);
  const { sample, reading } = await trainer.measure(30, ALL), { characters } = trainer.corpus;
  assert.deepEqual(sample, plain);
  const V = characters.length, logits = new Float32Array(30 * V).map((_, i) => (i * 7) % 5);
  [...sample.text].forEach((character, i) => {
    const row = logits.subarray(i * V, (i + 1) * V), sum = row.reduce((sum, x) => sum + Math.exp(x), 0);
    const nats = Math.log(sum) - row[characters.indexOf(character)];
    assert.ok(Math.abs(reading!.surprise[i] - nats) < 1e-6, `${character} at ${i}`);
  });
  assert.deepEqual([...reading!.early_likeliest.subarray(0, 5)], [0, 1, 2, 3, 4]);
  assert.equal((await trainer.measure(0, null)).reading, null);
});

Deno.test("first writings and copies are told apart in the windows that give the validation loss", async () => {
  const echo = "abca abca abca abca\nbc bc bc bc\ncab cab cab cab\n".repeat(60), run = smallRun();
  const trainer = await smallTrainer(run, echo);
  const { sample: { val }, observation } = await trainer.measure(0, { lines: null, norms: false, writings: true });
  const { first, copies } = observation!.writings!;
  assert.ok(Math.min(first, copies) < val! && val! < Math.max(first, copies), `${first} ${copies} ${val}`);
});
