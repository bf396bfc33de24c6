// Catches: a file that hides which engines trained its run: one that took over from a lost graphics card, or another one
// after a load.
import assert from "node:assert/strict";
import { browserName } from "../../../engine/checkpoint/browser_name.ts";
import type { Backend, BackendOptions, SurvivalNotice } from "../../../engine/training/backend.ts";
import { readCorpus } from "../../../engine/training/corpus.ts";
import { Trainer } from "../../../engine/training/trainer.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { createSurvivingBackend } from "../../../engine/webgpu/surviving_backend.ts";
import { WebGpuError } from "../../../engine/webgpu/webgpu_error.ts";
import { smallRun } from "../small_runs.ts";
import { CORPUS, Kept, TEXT, withAbout } from "./files.ts";

/** The CPU engine in place of a graphics card, which fails at iteration `broken`. */
async function card(options: BackendOptions, broken: number): Promise<Backend> {
  const cpu = await createCpuBackend(options, []);
  return {
    kind: "webgpu",
    module: null,
    description: "stand-in",
    adapter: "ACME 1",
    revision: "kernels of the ACME 1",
    get iteration() {
      return cpu.iteration;
    },
    async train(until, on_report, stop) {
      while (cpu.iteration < until && !stop.requested) {
        if (cpu.iteration >= broken) throw new WebGpuError("error", "as the test has it");
        await cpu.train(cpu.iteration + 1, on_report, stop);
      }
    },
    gradients: (starts) => cpu.gradients(starts),
    evaluate: (starts) => cpu.evaluate(starts),
    generate: (prompt, noise) => cpu.generate(prompt, noise),
    expectations: () => cpu.expectations(),
    observe: (tokens, heads_off) => cpu.observe(tokens, heads_off),
    norms: () => cpu.norms(),
    save: () => cpu.save(),
    load: (state, key) => cpu.load(state, key),
    dispose: () => cpu.dispose(),
  };
}

async function keptOnCard(broken = Infinity): Promise<Kept> {
  const run = smallRun(),
    tell = (notice: SurvivalNotice) => {
      if ("description" in notice) kept.files.tookOver(notice.iteration);
    };
  const makeBackend = (options: BackendOptions) =>
    createSurvivingBackend(options, {
      makeGpu: (options) => card(options, broken),
      makeCpu: (options) => createCpuBackend(options, []),
      on_notice: tell,
    });
  const kept = new Kept(await Trainer.create(run, readCorpus(TEXT, run.evaluation.train_fraction), null, makeBackend));
  return kept;
}

const aboutOf = async (kept: Kept) => (await kept.files.read(await kept.save(), CORPUS)).about;

Deno.test("a file names the card and its kernels, and the same card goes on with it", async () => {
  const first = await keptOnCard(), second = await keptOnCard();
  await first.train_to(15);
  const { engine, revision, adapter, earlier } = await aboutOf(first);
  assert.deepEqual({ engine, revision, adapter, earlier }, {
    engine: "webgpu",
    revision: "kernels of the ACME 1",
    adapter: "ACME 1",
    earlier: [],
  });
  const { same_engine, note } = await second.files.load(await first.save(), CORPUS);
  assert.ok(
    same_engine && note.endsWith("graphics card, browser and kernels are the same, and so are the bytes"),
    note,
  );
});

Deno.test("a file names the card's browser: another one makes other digits, and an older file names none", async () => {
  const kept = await keptOnCard(), here = browserName(navigator.userAgent)!;
  await kept.train_to(5);
  const file = await kept.save();
  assert.match(here, /^Deno \d+\.\d+$/);
  assert.equal((await aboutOf(kept)).browser, here);
  const loaded = async (browser: string | null | undefined) =>
    await (await keptOnCard()).files.load(
      await withAbout(file, (about) => browser === undefined ? delete about.browser : about.browser = browser),
      CORPUS,
    );
  for (const none of [null, undefined]) {
    const { same_engine, note } = await loaded(none);
    assert.ok(same_engine && note.endsWith("kernels; if the browser is the same, so are the bytes"), note);
  }
  const { same_engine, note, about } = await loaded("Chromium 142");
  assert.ok(
    !same_engine && note.includes("made by the WebGPU engine on ACME 1 in Chromium 142: goes on with another engine"),
    note,
  );
  assert.equal(about.browser, "Chromium 142");
});

Deno.test("the file of a CPU engine names no browser: the module alone decides its bytes", async () => {
  const kept = await Kept.of();
  assert.ok(!("browser" in await aboutOf(kept)));
});

Deno.test("after the loss of a card, the file names it and the CPU engine that took over, even after another load", async () => {
  const kept = await keptOnCard(15), alone = await keptOnCard();
  await kept.train_to(30);
  const about = await aboutOf(kept), { revision, adapter, browser } = await aboutOf(alone);
  assert.match(about.engine, /^cpu-/);
  assert.deepEqual(about.earlier, [{ engine: "webgpu", revision, adapter, browser, until: 15 }]);
  const other = await Kept.of();
  await other.load(await kept.save());
  await other.train_to(40);
  assert.deepEqual((await aboutOf(other)).earlier, about.earlier);
  await alone.load(await other.save());
  const { engine, revision: module } = about;
  assert.deepEqual((await aboutOf(alone)).earlier, [...about.earlier, {
    engine,
    revision: module,
    adapter: null,
    until: 40,
  }]);
});
