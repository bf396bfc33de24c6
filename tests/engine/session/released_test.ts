// Catches: a run with new weights that continues another run's record; a fingerprint of weights that do not belong to
// the record. The engine is the real one, in real Workers.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { type SessionOptions, TrainingSession } from "../../../engine/session/session.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

const TEXT = smallText(4000), ITERATIONS = 24;

function run() {
  const run = smallRun({ iterations: ITERATIONS });
  run.sampling = { ...run.sampling, every: 12, early: [], rest_ms: 20 };
  return run;
}

function makeSession(): TrainingSession {
  const named = { name: "small", title: "A small text", sha256: "", rungs: null, floor: null };
  const corpus = { ...named, vocab_size: new Set(TEXT).size, gzip_base64: gzipSync(TEXT).toString("base64") };
  const makeWorker = () => new Worker(import.meta.resolve("../../../engine/workers/worker.ts"), { type: "module" });
  return new TrainingSession("main", { ...run(), corpus } satisfies SessionOptions, { makeWorker, cores: 1 });
}

async function until(condition: () => unknown): Promise<void> {
  for (const end = performance.now() + 20_000; !condition();) {
    assert.ok(performance.now() < end, `never: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The result of a run without a release, computed by the Trainer alone. */
async function undisturbed(seed: string): Promise<{ train: (number | null)[]; weights: string }> {
  const trainer = await smallTrainer({ ...run(), seed }, TEXT), train: number[] = [];
  await trainer.train(ITERATIONS, ({ losses: more }) => train.push(...more), { requested: false });
  return { train: [...train, null], weights: await trainer.fingerprint() };
}

async function expectWholeRun(session: TrainingSession, seed = "hamlet"): Promise<void> {
  await until(() => session.status === "done");
  const { history, samples, iteration } = session, expected = await undisturbed(seed);
  assert.equal(iteration, ITERATIONS);
  assert.deepEqual(history.train, expected.train);
  assert.deepEqual(history.iteration, expected.train.map((_, i) => i));
  assert.deepEqual(samples.map(({ iteration }) => iteration), [0, 12, 24]);
  assert.equal(await session.fingerprint(), expected.weights);
}

/** A session released in the middle of its run. */
async function released(when = (session: TrainingSession) => session.iteration > 14): Promise<TrainingSession> {
  const session = makeSession();
  session.start();
  await until(() => when(session));
  session.release();
  return session;
}

Deno.test("a start after a release is a new, whole run, and the log says so", async () => {
  const moments = [
    (session: TrainingSession) => session.speaking !== null,
    (session: TrainingSession) => session.iteration > 14,
  ];
  for (const when of moments) {
    const session = await released(when), at = session.iteration, { train } = structuredClone(session.history);
    assert.equal(session.detail, `ended at iteration ${at}: the engine is closed; Start begins a new run`);
    assert.deepEqual(session.history.train, train, "the record stays");
    session.start();
    await expectWholeRun(session);
    assert.deepEqual(session.log, [{
      iteration: 0,
      text: `the previous run ended at iteration ${at} and its engine was closed: this one begins at iteration 0`,
    }]);
    session.dispose();
  }
});

Deno.test("actions between release and start do not change the next run", async () => {
  const between: ((session: TrainingSession) => unknown)[] = [
    (session) => session.prepare(),
    (session) => session.rehearse(),
    (session) => {
      session.hide();
      session.show();
    },
    (session) => {
      session.wait("another run");
      session.goOn();
    },
    (session) => {
      session.pause();
      session.release();
    },
    (session) => session.prefer("fastest"),
  ];
  const session = await released();
  for (const act of between) act(session);
  assert.equal(session.status, "paused");
  await assert.rejects(session.fingerprint(), /closed, so its weights are gone/);
  session.start();
  await expectWholeRun(session);
  session.dispose();
});

Deno.test("after a release, a reset, another engine and a new seed also start a new run", async () => {
  const session = await released();
  session.reset("ophelia");
  session.start();
  await until(() => session.iteration > 3);
  session.release();
  session.prefer("cpu");
  assert.deepEqual([session.status, session.history.train], ["idle", []]);
  session.start();
  await expectWholeRun(session, "ophelia");
  session.dispose();
});

Deno.test("a start after dispose() is a whole run, even if the session was loading, writing or training", async () => {
  const session = makeSession();
  for (const when of [() => session.status === "loading", () => session.speaking, () => session.iteration > 14]) {
    session.start();
    await until(when);
    session.dispose();
    assert.deepEqual([session.status, session.history.iteration], ["idle", []]);
  }
  session.start();
  await expectWholeRun(session);
  assert.deepEqual(session.log, []);
  session.dispose();
});

Deno.test("a finished run stays as it is", async () => {
  const session = makeSession();
  session.start();
  await expectWholeRun(session);
  const detail = session.detail;
  session.release();
  session.prepare();
  session.start();
  assert.deepEqual([session.status, session.detail, session.iteration], ["done", detail, ITERATIONS]);
  await assert.rejects(session.fingerprint(), /closed, so its weights are gone/);
  session.dispose();
});
