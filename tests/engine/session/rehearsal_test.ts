// Catches: an estimate that changes the run, that keeps training when the reader starts or leaves, or that remains when
// another engine is chosen. The engine is the real one, in real Workers.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { MeasuredEngines } from "../../../engine/session/measured_engines.ts";
import { Rehearsal } from "../../../engine/session/rehearsal.ts";
import { type SessionOptions, TrainingSession } from "../../../engine/session/session.ts";
import type { EngineLink } from "../../../engine/workers/engine_link.ts";
import { quickest } from "../quickest.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

const TEXT = smallText(4000);
const ITERATIONS = 4000; // far more than a rehearsal trains

function makeSession(cores = 1, measured?: MeasuredEngines): TrainingSession {
  const vocab_size = new Set(TEXT).size, gzip_base64 = gzipSync(TEXT).toString("base64");
  const named = { name: "small", title: "A small text", sha256: "", rungs: null, floor: null };
  const run = smallRun();
  run.training.iterations = ITERATIONS;
  run.sampling.every = 100;
  const options: SessionOptions = { ...run, corpus: { ...named, vocab_size, gzip_base64 } };
  const makeWorker = () => new Worker(import.meta.resolve("../../../engine/workers/worker.ts"), { type: "module" });
  return new TrainingSession("main", options, { makeWorker, cores, measured });
}

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => unknown): Promise<void> {
  for (const end = performance.now() + 20_000; !condition();) {
    assert.ok(performance.now() < end, `never: ${condition}`);
    await rest(5);
  }
}

const firstWeights = async () => {
  const run = smallRun();
  run.training.iterations = ITERATIONS;
  return await (await smallTrainer(run, TEXT)).fingerprint();
};

Deno.test("a rehearsal takes a second to estimate a run's time, and leaves the run at its beginning", async () => {
  const session = makeSession(2);
  assert.equal(session.time_left_ms, null);
  session.prepare();
  await until(() => session.engine);
  const begin = performance.now();
  session.rehearse();
  await until(() => session.time_left_ms !== null && performance.now() - begin > 1500);
  const estimate = session.time_left_ms!;
  assert.ok(estimate > 0 && Number.isFinite(estimate));
  await rest(200);
  assert.equal(session.time_left_ms, estimate, "it has ended");
  const { status, detail, iteration, elapsed_ms, iterations_per_second, train_nll, samples, log } = session;
  assert.deepEqual([status, detail, iteration, elapsed_ms], ["idle", "ready: press start", 0, 0]);
  assert.deepEqual([iterations_per_second, train_nll, samples, log, session.history.train], [null, null, [], [], []]);
  assert.equal(await session.fingerprint(), await firstWeights());
  session.dispose();
});

Deno.test("a start ends the rehearsal, and the run is the same as without it", async () => {
  const plain = makeSession();
  let session = makeSession();
  const took = await quickest(700, async () => {
    session.dispose();
    session = makeSession();
    session.rehearse();
    await until(() => session.time_left_ms !== null);
    const begin = performance.now();
    session.start();
    await until(() => session.iteration > 0);
    return performance.now() - begin;
  });
  assert.ok(took < 700, "the start does not wait for the rest of the rehearsal");
  plain.start();
  for (const one of [session, plain]) await until(() => one.iteration > 150);
  assert.deepEqual(session.history.train.slice(0, 150), plain.history.train.slice(0, 150));
  assert.deepEqual(session.samples[0], plain.samples[0]);
  session.dispose();
  plain.dispose();
});

Deno.test("a comparison of four and eight Workers leaves the run at its beginning, and changes nothing in it", async () => {
  let kept: Record<string, { workers: number }> | null = null;
  const store = { recall: () => null, remember: (value: unknown) => void (kept = value as typeof kept) };
  const session = makeSession(8, new MeasuredEngines(() => "here", store)), plain = makeSession();
  session.rehearse();
  await until(() => kept);
  assert.equal(await session.fingerprint(), await firstWeights());
  const { workers } = kept!["here"];
  assert.equal(session.engine!.description, `CPU engine, ${workers} Workers`);
  for (const one of [session, plain]) {
    one.start();
    await until(() => one.iteration > 150);
  }
  assert.deepEqual(session.history.train.slice(0, 150), plain.history.train.slice(0, 150));
  session.dispose();
  plain.dispose();
});

Deno.test("a rehearsal ends when the page is hidden, and does not start in a hidden page or during a run", async () => {
  const session = makeSession();
  session.prepare();
  session.hide();
  session.rehearse();
  await until(() => session.engine);
  await rest(100);
  assert.equal(session.time_left_ms, null);
  session.show();
  session.rehearse();
  await until(() => session.time_left_ms !== null);
  session.hide();
  await rest(100);
  const estimate = session.time_left_ms;
  await rest(200);
  assert.equal(session.time_left_ms, estimate, "measuring has ended");
  session.show();
  session.start();
  await until(() => session.iteration > 20);
  session.rehearse();
  const at = session.iteration;
  await until(() => session.iteration > at);
  assert.equal(session.history.train.length - 1 >= at, true);
  session.dispose();
});

Deno.test("a reset before the start keeps the estimate; another engine discards it", async () => {
  const session = makeSession();
  session.rehearse();
  await until(() => session.time_left_ms !== null);
  session.reset("ophelia");
  await rest(100);
  assert.notEqual(session.time_left_ms, null, "the same engine is as fast with another seed");
  session.prefer("cpu");
  assert.equal(session.time_left_ms, null);
  session.dispose();
});

Deno.test("a rehearsal that was paused before its first iteration is tried again, a few times", async () => {
  const rehearsal = new Rehearsal();
  const link = (train: () => void) => ({ ask: () => Promise.resolve(train()), pause() {} }) as unknown as EngineLink;
  await rehearsal.hold(link(() => {}), 100);
  assert.deepEqual([rehearsal.known, rehearsal.wanted], [false, true]);
  await rehearsal.hold(link(() => rehearsal.end()), 100); // the reader starts
  assert.deepEqual([rehearsal.known, rehearsal.wanted], [false, false]);
  await rehearsal.hold(link(() => {}), 100);
  assert.equal(rehearsal.wanted, false, "the third attempt is the last");
  await rehearsal.hold(link(() => rehearsal.take({ first: 0, losses: Float32Array.of(4) }, 20)), 100);
  assert.deepEqual([rehearsal.known, rehearsal.wanted], [true, false]);
});
