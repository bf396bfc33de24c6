// Catches: a file that lacks a part of the state or changes it, a checksum of something else, a header without limit.
import assert from "node:assert/strict";
import { readCheckpoint, writeCheckpoint } from "../../../engine/checkpoint/checkpoint.ts";
import { digest, joined } from "../../../engine/checkpoint/digest.ts";
import { RunFiles } from "../../../engine/checkpoint/run_files.ts";
import { MOST_HEADER } from "../../../engine/checkpoint/limits.ts";
import { fingerprint } from "../../../engine/training/fingerprint.ts";
import { tensors } from "../../../engine/training/params.ts";
import { sha256Hex } from "../../../engine/training/sha256.ts";
import type { Sample } from "../../../engine/training/trainer.ts";
import { smallRun } from "../small_runs.ts";
import { CORPUS, Kept, partsOf, TEXT } from "./files.ts";

const kept = await Kept.of(), bytesOf = (text: string) => new TextEncoder().encode(text);
await kept.train_to(25);

Deno.test("what is saved is what is read: state, losses, samples, and what they belong to", async () => {
  const { about, params, rest } = await readCheckpoint(await kept.save());
  const { iteration, ...state } = await kept.trainer.save();
  assert.equal(iteration, 25);
  assert.deepEqual({ params, m: rest!.m, v: rest!.v }, state);
  assert.deepEqual([...rest!.losses.train], kept.train);
  assert.deepEqual(
    rest!.losses.val.map((val) => val || -1),
    Float32Array.from({ length: 26 }, (_, i) => kept.val[i] ?? -1),
  );
  const { model, training } = kept.trainer.run, module = kept.trainer.backend.module!;
  const characters = [...new Set(TEXT)].sort().join("");
  const wasm = await Deno.readFile(
    new URL(`../../../engine/cpu/gpt${module === "fma" ? "_fma" : ""}.wasm`, import.meta.url),
  );
  assert.deepEqual(about, {
    format: 1,
    model,
    training,
    corpus: { ...CORPUS, characters },
    seed: "hamlet",
    iteration: 25,
    engine: `cpu-${module}`,
    revision: sha256Hex(wasm),
    adapter: null,
    earlier: [],
    samples: kept.samples,
    phase: kept.samples.at(-1)!.phase,
    whole_val: null,
  });
});

Deno.test("the same run makes the same file, and its tensors stand in order, 4 bytes a number", async () => {
  const file = await kept.save(), { header, data } = partsOf(file);
  assert.deepEqual(await kept.save(), file);
  assert.match(header, /\} *$/);
  assert.equal(header.length % 8, 0);
  const { __metadata__, ...entries } = JSON.parse(header), list = tensors(kept.trainer.run.model);
  const names = ["", "adamw.m.", "adamw.v."].flatMap((part) => list.map(({ name }) => part + name));
  assert.deepEqual(Object.keys(entries), [...names, "history.train", "history.val"]);
  assert.deepEqual(Object.keys(__metadata__), ["press_start"]);
  const { checksum, ...about } = JSON.parse(__metadata__.press_start);
  const text = __metadata__.press_start.replace(`"checksum":"${checksum}",`, "");
  assert.deepEqual(JSON.parse(text), about);
  assert.equal(sha256Hex(joined([text, data])), checksum);
});

Deno.test("weights alone make a file of their own", async () => {
  const file = await kept.save(true), { about, params, rest } = await readCheckpoint(file);
  assert.equal(rest, null);
  assert.equal(fingerprint(params), await kept.trainer.fingerprint());
  assert.equal(partsOf(file).data.length, 4 * params.length);
  assert.equal(about.iteration, 25);
  const other = await Kept.of();
  const run = await other.files.load(file, CORPUS);
  assert.deepEqual([other.trainer.iteration, run.weights_only, run.measured_at], [25, true, 20]);
  assert.deepEqual(run.val.map((val, i) => val === (kept.val[i] ?? null)), run.val.map(() => true));
  const { m, v } = await other.trainer.save();
  assert.ok(m.every((one) => one === 0) && v.every((one) => one === 0));
  assert.match(run.note, /^loaded only the weights of iteration 25 /);
});

Deno.test("the header keeps the newest samples, at most a hundred, and never grows beyond its limit", async () => {
  const checkpoint = await readCheckpoint(await kept.save());
  const sample = (iteration: number, length: number): Sample => //
  ({ iteration, val: 2.5, phase: "random", prompt: "\u{1f30a}\n".repeat(16), text: '"\\\u0007'.repeat(length) });
  for (const [length, expected] of [[1, 100], [60, null], [5000, null]] as const) {
    const samples = Array.from({ length: 26 * 5 }, (_, i) => sample(Math.floor(i / 5), length));
    const file = await writeCheckpoint({ ...checkpoint, about: { ...checkpoint.about, samples } });
    const read = await readCheckpoint(file), count = read.about.samples.length;
    assert.deepEqual(read.about.samples, count === 0 ? [] : samples.slice(-count));
    if (expected !== null) assert.equal(count, expected);
    else {
      const [{ length: one }, header] = [
        bytesOf(JSON.stringify(JSON.stringify(samples[0]))),
        partsOf(file).header_bytes,
      ];
      assert.ok(header <= MOST_HEADER && (count === 0 || header > MOST_HEADER - one - 100), `${count}: ${header}`);
    }
  }
  const endless = { ...checkpoint.about, seed: "x".repeat(MOST_HEADER) };
  await assert.rejects(writeCheckpoint({ ...checkpoint, about: endless }), { kind: "no-room" });
});

Deno.test("one hash is the fingerprint; the other covers all that decides how a run goes on, and nothing else", async () => {
  const { about, params, rest } = await readCheckpoint(await kept.save());
  const { weights, state } = await kept.files.hashes(CORPUS);
  assert.equal(weights, await kept.trainer.fingerprint());
  const { seed, iteration, model, training, corpus: { sha256, characters } } = about;
  const sorted = (value: object) => JSON.stringify(Object.fromEntries(Object.entries(value).sort()));
  const decisive = `{"corpus":${sorted({ sha256, characters })},"iteration":${iteration},"model":${sorted(model)},` +
    `"seed":"${seed}","training":${sorted(training)}}`;
  assert.equal(state, sha256Hex(joined([decisive, params, rest!.m, rest!.v])));
  const facts = await kept.files.read(await kept.save(), CORPUS);
  assert.deepEqual(facts.hashes, { weights, state });
  assert.deepEqual((await kept.files.read(await kept.save(true), CORPUS)).hashes, { weights, state: null });
});

Deno.test("without the browser's own SHA-256 the result is the same", async () => {
  const parts = ["né", Float32Array.of(1, NaN), new Uint8Array(100_000)];
  assert.equal(await digest(parts), await digest(parts, null));
});

Deno.test("a diverged run and one with careless arithmetic are not saved", async () => {
  const wild = await Kept.of(smallRun({ learning_rate: 1e38, warmup_iterations: 0 }));
  await wild.trainer.train(60, ({ losses }) => wild.train.push(...losses), { requested: false });
  assert.ok(wild.trainer.diverged_at !== null);
  await assert.rejects(wild.save(), { kind: "diverged" });
  const careless = new RunFiles(kept.trainer, true);
  await assert.rejects(careless.save(kept.notes(), false), { kind: "careless" });
  await assert.rejects(careless.load(await kept.save(), CORPUS), { kind: "careless" });
});
