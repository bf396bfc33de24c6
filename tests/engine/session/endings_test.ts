// Catches: a failure after which a promise never settles; Workers that outlive their session; two counts of iterations for
// one ending.
import assert from "node:assert/strict";
import { TrainingSession } from "../../../engine/session/session.ts";
import { verdictOf } from "../../../engine/session/verdict.ts";
import { makeSession, makeWorker, options, outcome, rest, undisturbed, until } from "./sessions.ts";

Deno.test("a released run keeps its record and ends its Workers", async () => {
  let alive = 0;
  const counted = () => {
    const worker = makeWorker(), terminate = worker.terminate.bind(worker);
    alive++;
    worker.terminate = () => {
      alive--;
      terminate();
    };
    return worker;
  };
  for (const moment of [(one: TrainingSession) => one.iteration > 5, (one: TrainingSession) => one.status === "done"]) {
    const session = new TrainingSession("main", options(), { makeWorker: counted, cores: 2 });
    session.start();
    await until(session, () => moment(session));
    assert.equal(alive, 2);
    const status = session.status === "done" ? "done" : "paused";
    session.release();
    await rest(50);
    assert.deepEqual([session.status, alive, session.failure], [status, 0, null]);
    assert.ok(session.history.train.length > 5 && session.elapsed_ms > 0);
    await assert.rejects(session.fingerprint(), /was closed/, "a new engine would give that of its first weights");
  }
});

Deno.test("an engine that fails during a pause is reported: resuming would start from the beginning", async () => {
  const workers: Worker[] = [];
  const session = new TrainingSession("main", options(), {
    makeWorker: () => {
      workers.push(makeWorker());
      return workers[workers.length - 1];
    },
    cores: 1,
  });
  session.start();
  await until(session, () => session.iteration > 5);
  session.pause();
  workers[0].dispatchEvent(new ErrorEvent("error", { message: "boom" })); // while an iteration is still running
  await until(session, () => session.status === "failed");
  assert.match(session.failure!.message, /boom/);
  session.dispose();
});

Deno.test("a failure rejects every open promise, and a reset makes a new start possible", async () => {
  let broken = true;
  const damaged = options();
  const good = damaged.corpus.gzip_base64 as string;
  Object.defineProperty(damaged.corpus, "gzip_base64", { get: () => broken ? good.slice(0, 400) : good });
  const session = makeSession(1, damaged);
  session.start();
  await assert.rejects(session.fingerprint(), /could not be unpacked/);
  assert.deepEqual([session.status, session.detail], ["failed", "stopped"]);
  assert.match(session.failure!.way_out, /^Reload the page/);
  await assert.rejects(session.fingerprint(), /could not be unpacked/);
  session.start();
  assert.equal(session.status, "failed", "only a reset ends it");
  broken = false;
  session.reset();
  session.start();
  assert.deepEqual(await outcome(session), await undisturbed());
  session.dispose();
});

Deno.test("a closed session stops without a failure and rejects its open questions", async () => {
  const session = makeSession();
  session.start();
  await until(session, () => session.iteration > 3);
  const question = session.fingerprint();
  session.dispose();
  await assert.rejects(question, /closed/);
  await rest(50);
  assert.deepEqual([session.status, session.failure, session.iteration], ["idle", null, 0]);
});

Deno.test("a run that becomes NaN has one count: badge, verdict and iteration name the same number", async () => {
  const given = options();
  const training = { ...given.training, learning_rate: 10, warmup_iterations: 0, iterations: 60 };
  const session = makeSession(1, { ...given, training });
  session.prefer("careless");
  session.start();
  await until(session, () => session.ended);
  assert.equal(session.status, "diverged");
  const at = session.history.train.findIndex((loss) => !Number.isFinite(loss)), { corpus } = session.options;
  assert.ok(at > 0, `${session.history.train}`);
  assert.equal(session.iteration, at);
  assert.equal(session.detail, `diverged: the loss at iteration ${at} is not a number`);
  assert.equal(verdictOf(session.history, corpus.vocab_size).iteration, at);
  session.dispose();
});
