// Catches: a run that goes on from its file otherwise than without it, and a file that goes on where it does not belong.
// PRESS_START_RESUMES says at how many iterations a run is saved; the full suite tries 60.
import assert from "node:assert/strict";
import type { CpuModule } from "../../../engine/training/backend.ts";
import { roundsOnce } from "../../../engine/cpu/modules.ts";
import type { RunConfig } from "../../../engine/training/config.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { smallRun } from "../small_runs.ts";
import { CORPUS, Kept, TEXT } from "./files.ts";

const RESUMES = Number(Deno.env.get("PRESS_START_RESUMES") ?? 6), ITERATIONS = smallRun().training.iterations;
const MODULES: CpuModule[] = roundsOnce() ? ["fma", "base"] : ["base"];

const of = (module?: CpuModule, run: RunConfig = smallRun(), text = TEXT) => Kept.of(run, text, module);

async function straight(module?: CpuModule) {
  const kept = await of(module);
  await kept.train_to(ITERATIONS);
  return await kept.outcome();
}

for (const module of MODULES) {
  Deno.test(`saved at ${RESUMES} iterations and loaded elsewhere, a run ends like one that never stopped: ${module}`, async () => {
    const expected = await straight(module), seen = new Set<number>();
    for (let n = 0; n < RESUMES; n++) {
      const at = n < 2 ? n * ITERATIONS : hash32(0x5afe, n, MODULES.indexOf(module)) % (ITERATIONS + 1);
      const first = await of(module), other = await of(module, { ...smallRun(), seed: "ophelia" });
      await first.train_to(at);
      await other.train_to(n % 3 * 10); // what the other has done before does not matter
      const run = await other.files.load(await first.save(), CORPUS);
      assert.ok(run.same_engine && /the same bytes/.test(run.note), run.note);
      await other.load(await first.save());
      assert.equal(other.trainer.iteration, at);
      assert.deepEqual(await other.save(), await first.save(), "saved again, it is the same file");
      await other.train_to(ITERATIONS);
      assert.deepEqual(await other.outcome(), expected, `saved at iteration ${at}`);
      seen.add(at);
    }
    assert.ok(seen.size > Math.min(RESUMES, 30) / 2);
  });
}

Deno.test("a chain of files, one after each stretch, ends like one run", async () => {
  let kept = await of();
  for (let at = 0; at <= ITERATIONS; at += 13) {
    await kept.train_to(at);
    const next = await of();
    await next.load(await kept.save());
    kept = next;
  }
  await kept.train_to(ITERATIONS);
  assert.deepEqual(await kept.outcome(), await straight());
});

Deno.test("a file tells which engines trained its run, and a page where its run goes on", async () => {
  if (MODULES.length < 2) return; // this processor has one module only
  const fma = await of("fma"), base = await of("base"), again = await of("fma");
  await fma.train_to(15);
  const run = await base.files.load(await fma.save(), CORPUS);
  assert.equal(run.same_engine, false);
  assert.match(
    run.note,
    /made by the CPU engine’s module fma: goes on with another engine, so the last digits will differ$/,
  );
  await base.load(await fma.save());
  await base.train_to(30);
  await again.load(await base.save());
  await again.train_to(40);
  const aboutOf = async (kept: Kept) => (await kept.files.read(await kept.save(), CORPUS)).about;
  const parts = await Promise.all([fma, base].map(async (kept) => {
    const { engine, revision, adapter, iteration } = await aboutOf(kept);
    return { engine, revision, adapter, until: iteration };
  }));
  const { engine, earlier } = await aboutOf(again);
  assert.deepEqual([engine, earlier], ["cpu-fma", parts]);
  await again.trainer.reset("hamlet");
  again.files.forget();
  assert.deepEqual((await aboutOf(again)).earlier, []);
});

Deno.test("without validation text, phases go on from the train losses", async () => {
  const text = TEXT.slice(0, 100),
    expected = await of(undefined, smallRun(), text),
    first = await of(undefined, smallRun(), text);
  await expected.train_to(ITERATIONS);
  await first.train_to(33);
  const other = await of(undefined, smallRun(), text);
  await other.load(await first.save());
  await other.train_to(ITERATIONS);
  assert.deepEqual(await other.outcome(), await expected.outcome());
  assert.ok(expected.samples.some(({ phase }) => phase !== expected.samples[0].phase));
});

Deno.test("a file of another model, text or training is not continued, and the sentence says why", async () => {
  const kept = await of(), before = await kept.outcome();
  const run = (change: (run: RunConfig) => void) => {
    const one = smallRun();
    change(one);
    return one;
  };
  const others: [Kept, RegExp][] = [
    [
      await of(undefined, run((one) => one.model.n_layer = 1)),
      /^The file’s model has n_layer = 1; this run’s has 2\.$/,
    ],
    [
      await of(undefined, smallRun({ iterations: 50 })),
      /^The file’s run trains with iterations = 50; this one with 60\.$/,
    ],
    [await of(undefined, smallRun({ training_characters: 500 })), /training_characters = 500; this one with null\.$/],
    [
      await of(undefined, smallRun(), TEXT.replaceAll("q", "é")),
      /^The file’s model and this run’s text have different characters; only the model has "é"; only the text has "q"\.$/,
    ],
  ];
  for (const [other, sentence] of others) {
    const file = await other.save();
    await assert.rejects(kept.files.load(file, CORPUS), { message: sentence });
    assert.match((await kept.files.read(file, CORPUS)).unlike!, sentence);
  }
  const elsewhere = { name: "sonnets", sha256: "0".repeat(64) };
  await assert.rejects(
    kept.files.load(await kept.save(), elsewhere),
    { message: /trained on the text “small”; this one trains on “sonnets”\.$/ },
  );
  await assert.rejects(
    kept.files.load(await kept.save(), { ...elsewhere, name: "small" }),
    { message: /another edition of the text “small”\.$/ },
  );
  assert.deepEqual(await kept.outcome(), before);
});
