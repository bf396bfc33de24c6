// Catches: observations that change a run or enter its file, that survive a reset, that a loaded run inherits from
// another, or that differ from the trainer's; a question between two iterations that disturbs them.
import assert from "node:assert/strict";
import "../../../engine/session/late_answers.ts";
import { PresetRuns } from "../../../engine/session/preset_runs.ts";
import type { TrainingSession } from "../../../engine/session/session.ts";
import { optionsFor } from "../../../engine/session/opened_run.ts";
import { Turns } from "../../../engine/session/turns.ts";
import { readCorpus } from "../../../engine/training/corpus.ts";
import type { ObserveOptions } from "../../../engine/training/observation.ts";
import { smallRun, smallTrainer } from "../small_runs.ts";
import { makeSession, makeWorker, options, outcome, TEXT, undisturbed, until } from "./sessions.ts";

const LINES = { starts: [3700, 3611], length: 12 };
const OBSERVE: ObserveOptions = { lines: LINES, norms: true, writings: false };
const MILESTONES = [0, 10, 20, 40, 60];

const observed = (cores = 1) => makeSession(cores, { ...options(), observe: OBSERVE });

async function finished(session: TrainingSession): Promise<TrainingSession> {
  session.start();
  await until(session, () => session.ended || session.status === "failed");
  assert.equal(session.status, "done", session.failure?.message);
  return session;
}

Deno.test("a run reports at each milestone what the trainer measures, and trains the same weights", async () => {
  const session = observed(2);
  session.start();
  assert.deepEqual(await outcome(session), await undisturbed());
  assert.deepEqual(session.observations.map(({ iteration }) => iteration), MILESTONES);
  const trainer = await smallTrainer(smallRun(), TEXT);
  for (const [i, sample] of session.samples.entries()) {
    await trainer.train(sample.iteration, () => {}, { requested: false });
    const { reading, observation } = await trainer.measure(sample.text.length, OBSERVE);
    assert.deepEqual(session.observations[i], observation);
    assert.deepEqual(session.reading(sample), reading);
    assert.equal(observation!.norms === null, sample.iteration === 0);
  }
  session.dispose();
});

Deno.test("a file has the same bytes whether or not its run is observed", async () => {
  const files = await Promise.all([observed(), makeSession()].map(async (session) => {
    const bytes = (await (await finished(session)).save()).bytes();
    session.dispose();
    return await bytes;
  }));
  assert.deepEqual(files[0], files[1]);
});

Deno.test("a reset forgets everything, and a loaded run begins to be observed where it goes on", async () => {
  const session = observed();
  session.start();
  await until(session, () => session.iteration >= 20 && session.observations.length === 3);
  const file = await session.save(), [sample] = session.samples;
  session.reset();
  assert.deepEqual([session.observations, session.reading(sample)], [[], null]);
  await finished(session);
  assert.deepEqual(session.observations.map(({ iteration }) => iteration), MILESTONES);
  await session.load(file);
  assert.deepEqual([session.observations, session.reading(session.samples[0])], [[], null]);
  await finished(session);
  assert.deepEqual(session.observations.map(({ iteration }) => iteration), [40, 60]);
  assert.deepEqual(session.samples.map((sample) => session.reading(sample) !== null), [
    false,
    false,
    false,
    true,
    true,
  ]);
  session.dispose();
});

Deno.test("a line is observed between two iterations, with heads off, and changes nothing", async () => {
  const session = observed(2), tokens = Uint8Array.from({ length: 13 }, (_, i) => i), heads = smallRun().model;
  const off = Uint8Array.from({ length: heads.n_layer * heads.n_head }, (_, head) => head === 1 ? 1 : 0);
  session.start();
  for (const at of [5, 20, 33]) {
    await until(session, () => session.iteration >= at);
    const [all, without] = await Promise.all([session.observe(tokens), session.observe(tokens, off)]);
    assert.equal(all!.surprise.length, 12);
    assert.notDeepEqual(without!.surprise, all!.surprise);
  }
  const result = await outcome(session);
  assert.deepEqual(result, await undisturbed());
  const { tokens: text } = readCorpus(TEXT, options().evaluation.train_fraction), { starts: [start], length } = LINES;
  const line = await session.observe(text.slice(start, start + length + 1));
  assert.deepEqual(line!.surprise, session.observations.at(-1)!.line!.surprise);
  assert.deepEqual(line!.attention, session.observations.at(-1)!.line!.attention);
  session.release();
  await assert.rejects(session.observe(tokens));
  session.dispose();
});

Deno.test("presets report what their own block asks for; a file beside the page's run reports nothing", async () => {
  const host = { makeWorker, cores: 1, sessions: {}, turns: new Turns() }, main = observed();
  const { evaluation, sampling, training } = options(), norms = { lines: null, norms: true, writings: false };
  const settings = { evaluation, sampling: { ...sampling, characters: 0, early_characters: 0 } };
  const run = { name: "clean", label: "clean", training, seed_of: null };
  for (const observe of [norms, null]) {
    const presets = new PresetRuns(main, { ...settings, observe }, host, 0);
    presets.run(run as never);
    await until(presets.session!, () => !presets.running);
    const found = presets.session!.observations;
    assert.deepEqual(found.map(({ iteration }) => iteration), observe ? MILESTONES : []);
    assert.ok(found.every(({ line, writings }) => line === null && writings === null));
    presets.session!.dispose();
  }
  const { about } = await main.read(await main.save());
  assert.equal(optionsFor(about, main.options, [main.options.corpus]).observe, null);
  main.dispose();
});
