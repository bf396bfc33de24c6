// Catches: a saved or loaded run that differs from an undisturbed one, a bad file that touches the run, a loaded run that
// goes on with another engine than its file's although the browser has it, weights that belong to no record.
import assert from "node:assert/strict";
import { roundsOnce } from "../../../engine/cpu/modules.ts";
import type { TrainingSession } from "../../../engine/session/session.ts";
import { RefusedError } from "../../../engine/workers/engine_link.ts";
import { Kept } from "../checkpoint/files.ts";
import { smallRun } from "../small_runs.ts";
import { makeSession, options, outcome, rest, undisturbed, until } from "./sessions.ts";

const ITERATIONS = smallRun().training.iterations;

/** Saved by a session that is training. @param at an iteration that it has reached at least */
async function savedAt(at: number, cores = 1): Promise<Blob> {
  const session = makeSession(cores);
  session.start();
  await until(session, () => session.iteration >= at);
  const file = await session.save();
  session.dispose();
  return file;
}

Deno.test("saving changes nothing in a run", async () => {
  const session = makeSession(2);
  session.start();
  for (const at of [0, 3, 10, 33]) {
    await until(session, () => session.iteration >= at);
    await session.save(at % 2 ? "weights" : "state");
  }
  assert.deepEqual(await outcome(session), await undisturbed());
  session.dispose();
});

Deno.test("a file is made while a sample is written, and holds that sample", async () => {
  const given = options(), REST_MS = 2000;
  given.sampling.rest_ms = REST_MS;
  const session = makeSession(1, given);
  session.start();
  await until(session, () => session.speaking !== null && session.iteration > 0);
  const begin = performance.now(), file = await session.save(), { iteration, speaking } = session;
  assert.ok(performance.now() - begin < REST_MS / 2, "it does not wait for the sample's end");
  assert.notEqual(speaking, null);
  const { about } = await session.read(file);
  assert.equal(about.iteration, iteration);
  assert.deepEqual(about.samples.map((sample) => sample.iteration), [0, iteration]);
  await session.load(file);
  assert.deepEqual(session.samples.at(-1), speaking!.sample);
  session.dispose();
});

async function goOn(session: TrainingSession) {
  session.start();
  return await outcome(session);
}

Deno.test("a run saved at any moment goes on in another session to the same end", async () => {
  for (const at of [0, 20, 47]) {
    const file = await savedAt(at, at % 2 + 1), session = makeSession();
    const { about, unlike } = await session.load(file);
    assert.ok(unlike === null && about.iteration >= at);
    assert.deepEqual([session.status, session.iteration, session.seed], ["paused", about.iteration, "hamlet"]);
    assert.equal(session.detail, `paused at iteration ${about.iteration}`);
    assert.match(session.log.at(-1)!.text, /^loaded from a file at iteration \d+: goes on with the same bytes/);
    assert.deepEqual(await goOn(session), await undisturbed());
    session.dispose();
  }
});

Deno.test("loading replaces a running run, and its hashes are those of the one that was saved", async () => {
  const saved = makeSession(), session = makeSession(2);
  saved.start();
  await until(saved, () => saved.iteration > 22);
  saved.pause();
  const [file, hashes] = [await saved.save(), await saved.hashes()];
  session.reset("ophelia");
  session.start();
  await until(session, () => session.iteration > 15);
  assert.deepEqual((await session.read(file)).hashes, hashes);
  assert.equal(session.status, "running");
  await session.load(file);
  assert.deepEqual(await session.hashes(), hashes);
  assert.deepEqual(session.history, saved.history);
  assert.deepEqual(session.samples, saved.samples);
  assert.deepEqual([session.phase, session.val_nll, session.train_nll], [saved.phase, saved.val_nll, saved.train_nll]);
  assert.deepEqual(await goOn(session), await undisturbed());
  for (const one of [saved, session]) one.dispose();
});

Deno.test("a finished run is loaded as finished, and its weights can be saved alone", async () => {
  const saved = makeSession(), session = makeSession();
  saved.start();
  const expected = await outcome(saved), file = await saved.save();
  await session.load(await file.arrayBuffer());
  assert.deepEqual([session.status, session.detail], ["done", saved.detail]);
  assert.deepEqual(await outcome(session), expected);
  const weights = await session.save("weights"), facts = await session.read(weights);
  assert.deepEqual([facts.weights_only, facts.hashes], [true, { weights: expected.weights, state: null }]);
  assert.ok(weights.size < file.size / 2);
  for (const one of [saved, session]) one.dispose();
});

Deno.test("a bad file, and one of another run, leave a running session as it is", async () => {
  const session = makeSession(),
    elsewhere = makeSession(1, { ...options(), training: smallRun({ iterations: 50 }).training });
  const other = await elsewhere.save(), good = new Uint8Array(await (await session.save()).arrayBuffer());
  const bad = good.slice();
  bad[bad.length - 1] ^= 1;
  session.start();
  await until(session, () => session.iteration > 5);
  await assert.rejects(session.load(bad), (error) => error instanceof RefusedError && /checksum/.test(error.message));
  await assert.rejects(session.read(good.slice(0, 5000)), /cut short/);
  await assert.rejects(session.load(other), {
    message: "The file’s run trains with iterations = 50; this one with 60.",
  });
  await assert.rejects(session.load(new Blob([new Uint8Array(3)])), /not a checkpoint/);
  assert.equal((await session.read(other)).unlike, "The file’s run trains with iterations = 50; this one with 60.");
  assert.deepEqual(await outcome(session), await undisturbed());
  for (const one of [session, elsewhere]) one.dispose();
});

Deno.test("a file's run goes on with the module that made it; the next run has the usual one", async () => {
  if (!roundsOnce()) return; // this processor has no other module
  const base = await Kept.of(smallRun(), undefined, "base"), session = makeSession(2), modules: unknown[] = [];
  await base.train_to(23);
  const file = await base.save();
  await base.train_to(ITERATIONS);
  session.start();
  await until(session, () => session.iteration > 3);
  modules.push(session.engine!.module);
  await session.load(file);
  modules.push(session.engine!.module);
  session.start();
  const { weights, whole, train } = await outcome(session), expected = await base.outcome();
  assert.deepEqual({ weights, whole, train: train.slice(0, -1) }, {
    weights: expected.weights,
    whole: expected.whole_val,
    train: expected.train,
  });
  session.reset();
  assert.deepEqual(await goOn(session), await undisturbed());
  assert.deepEqual([...modules, session.engine!.module], ["fma", "base", "fma"]);
  session.dispose();
});

Deno.test("where a run's weights are gone, a file can still be read and loaded", async () => {
  const file = await savedAt(30), session = makeSession();
  session.start();
  await until(session, () => session.iteration > 8);
  session.release();
  const { iteration } = session;
  assert.equal((await session.read(file)).unlike, null);
  assert.match(session.detail, /^ended at iteration \d+: the engine is closed/);
  await assert.rejects(session.save(), /its weights are gone/);
  await Promise.all([session.read(file), assert.rejects(session.load(new Uint8Array(9)), /not a checkpoint/)]);
  assert.deepEqual([session.iteration, session.status], [iteration, "paused"]);
  await session.load(file);
  assert.deepEqual(await goOn(session), await undisturbed());
  session.release();
  session.reset();
  assert.deepEqual(await goOn(session), await undisturbed(), "from the beginning");
  session.dispose();
});

Deno.test("a start while a released run reads a file begins anew", async () => {
  const file = await savedAt(10), session = makeSession();
  session.start();
  await until(session, () => session.iteration > 8);
  session.release();
  const reading = session.read(file);
  session.start();
  await reading;
  assert.deepEqual(await outcome(session), await undisturbed());
  session.dispose();
});

Deno.test("whatever happens while a file is loaded, the run is the file's or the reader's, never a mixture", async () => {
  const file = await savedAt(40);
  for (const wait_ms of [0, 5, 30]) {
    const session = makeSession();
    session.reset("ophelia");
    session.start();
    await until(session, () => session.iteration > 4);
    const loading = session.load(file).then(() => true, (error) => {
      assert.match(error.message, /^The run was reset before the file was loaded\.$/);
      return false;
    });
    await rest(wait_ms);
    session.hide();
    session.reset("hamlet");
    session.show();
    await loading;
    assert.equal(session.seed, "hamlet");
    assert.deepEqual(await goOn(session), await undisturbed());
    session.dispose();
  }
});

Deno.test("a file at iteration 0 is more than a seed: its weights are kept", async () => {
  const session = makeSession(), kept = await Kept.of();
  await kept.trainer.backend.load({
    ...await kept.trainer.save(),
    params: (await kept.trainer.save()).params.map((one) => one / 2),
  });
  await session.load(await kept.save());
  assert.deepEqual([session.status, session.iteration], ["paused", 0]);
  session.rehearse();
  session.start();
  session.pause();
  await rest(50);
  const at = session.iteration;
  await kept.trainer.train(at, () => {}, { requested: false });
  assert.equal(await session.fingerprint(), await kept.trainer.fingerprint());
  session.dispose();
});

Deno.test("a finished run that another module made is loaded while a sample is written", async () => {
  if (!roundsOnce()) return; // this processor has no other module
  const base = await Kept.of(smallRun(), undefined, "base"), given = options();
  await base.train_to(ITERATIONS);
  const file = await base.save();
  given.sampling.rest_ms = 2000;
  const session = makeSession(1, given);
  session.start();
  await until(session, () => session.speaking !== null && session.iteration > 0);
  await session.load(file);
  await rest(1500); // longer than the sample
  assert.deepEqual([session.status, session.failure, session.iteration], ["done", null, ITERATIONS]);
  session.dispose();
});
