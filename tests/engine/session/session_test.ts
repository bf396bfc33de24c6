// Catches: a run whose result depends on when it was paused, hidden, queried or reset. The engine is the real one, in
// real Workers.
import assert from "node:assert/strict";
import type { Sample, Status, TrainingSession } from "../../../engine/session/session.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";
import { makeSession, options, outcome, rest, TEXT, undisturbed, until } from "./sessions.ts";

Deno.test("a run gives the trainer's results, and reports them as it goes", async () => {
  const session = makeSession(), seen: Status[] = [], spoken: number[] = [];
  session.on("status", (status) => seen.at(-1) === status || seen.push(status));
  session.on("sample", ({ iteration }) => spoken.push(iteration));
  assert.deepEqual([session.status, session.detail, session.learning_rate], ["idle", "ready: press start", null]);
  session.start();
  const { weights, samples, train, val, whole } = await outcome(session);
  assert.deepEqual(seen, ["loading", "running", "done"]);
  assert.deepEqual(spoken, [0, 10, 20, 40, 60]);
  assert.deepEqual(samples.map(({ iteration, text }) => [iteration, text.length]), [
    [0, 30],
    [10, 15],
    [20, 15],
    [40, 30],
    [60, 30],
  ]);
  const trainer = await smallTrainer(smallRun(), TEXT), losses: number[] = [];
  await trainer.train(60, ({ losses: more }) => losses.push(...more), { requested: false });
  assert.deepEqual(train, [...losses, null]);
  assert.equal(weights, await trainer.fingerprint());
  assert.equal(val.at(-1), await trainer.evaluate());
  assert.equal(whole, await trainer.evaluateWhole());
  assert.equal(session.engine?.description, "CPU engine, 1 Worker");
  assert.equal(session.best_val_nll, Math.min(...val.filter((x) => x !== null)));
  assert.ok(session.elapsed_ms > 0 && session.time_left_ms === 0);
  session.dispose();
});

/** What may happen to a run; none of it may change the result. */
const ACTIONS: ((session: TrainingSession) => unknown)[] = [
  (session) => {
    session.pause();
    session.start();
  },
  (session) => {
    session.hide();
    session.show();
  },
  (session) => {
    session.pause();
    session.hide();
    session.show();
    session.start();
  },
  (session) => {
    session.hide();
    session.pause();
    session.start();
    session.show();
  },
  (session) => session.fingerprint(),
  (session) => {
    session.fingerprint();
    session.pause();
    session.fingerprint();
    session.start();
  },
  (session) => {
    session.pause();
    return rest(20).then(() => session.start());
  },
  (session) => {
    session.hide();
    return rest(20).then(() => session.show());
  },
  (session) => {
    session.wait("another run");
    session.goOn();
  },
  (session) => {
    session.wait("another run");
    return rest(20).then(() => session.goOn());
  },
  (session) => {
    session.wait("another run");
    session.hide();
    session.goOn();
    session.show();
  },
  (session) => {
    session.hide();
    session.wait("another run");
    session.show();
    session.pause();
    session.goOn();
    session.start();
  },
  (session) => {
    session.reset();
    session.start();
  },
  (session) => {
    session.reset("ophelia");
    session.start();
    session.reset("hamlet");
    session.start();
  },
  (session) => {
    session.reset("ophelia");
    session.start();
    return rest(30).then(() => {
      session.reset("hamlet");
      session.start();
    });
  },
];

Deno.test("whatever happens to a run, and whenever, it ends like an undisturbed one", async () => {
  let state = 1;
  const draw = (n: number) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16) % n;
  for (let round = 0; round < 12; round++) {
    const session = makeSession(round % 2 + 1);
    session.start();
    for (let i = 0; i < 6; i++) {
      await rest(draw(60));
      await ACTIONS[draw(ACTIONS.length)](session);
    }
    if (session.status === "done") {
      session.reset("hamlet");
      session.start();
    }
    assert.deepEqual(await outcome(session), await undisturbed(), `round ${round}`);
    session.dispose();
  }
});

Deno.test("with 0 characters per sample it only measures; the whole text is measured only on request", async () => {
  const given = options();
  given.sampling = { ...given.sampling, every: 20, early: [], characters: 0, rest_ms: 0 };
  given.evaluation.whole_at_end = false;
  const session = makeSession(1, given), spoken: Sample[] = [];
  session.on("sample", (sample) => spoken.push(sample));
  session.start();
  const { train, val, whole } = await outcome(session), straight = await undisturbed();
  assert.deepEqual([spoken, session.samples, whole], [[], [], null]);
  assert.deepEqual(train, straight.train);
  assert.deepEqual([20, 40, 60].map((i) => val[i] === null), [false, false, false]);
  assert.deepEqual([session.detail, val[40]], ["done: 60 iterations", straight.val[40]]);
  session.dispose();
});

Deno.test("reset leaves nothing behind, from every state", async () => {
  const blank = (session: TrainingSession) => {
    const { status, detail, iteration, elapsed_ms, train_nll, val_nll, phase, samples, log, speaking, failure } =
      session;
    return { status, detail, iteration, elapsed_ms, train_nll, val_nll, phase, samples, log, speaking, failure };
  };
  const given = options();
  given.training.iterations = 1000;
  given.sampling.every = 500; // so that many an iteration is reported between two samples
  const fresh = makeSession(1, given), session = makeSession(1, given);
  const states: (() => unknown)[] = [
    () => session.status === "loading",
    () => session.status === "running",
    () => session.speaking,
    () => session.iteration > 5,
    () => session.iteration > 40 && session.iteration % 500 > 0,
    () => session.status === "done",
  ];
  for (const state of states) {
    session.start();
    await until(session, state);
    session.reset();
    assert.deepEqual(blank(session), blank(fresh));
    await rest(100);
    assert.deepEqual(blank(session), blank(fresh));
  }
  session.dispose();
  fresh.dispose();
});

Deno.test("a fingerprint before the start is that of the initial weights, and does not start the run", async () => {
  const session = makeSession(), trainer = await smallTrainer(smallRun(), TEXT);
  const [one, two] = await Promise.all([session.fingerprint(), session.fingerprint()]);
  assert.deepEqual([one, two], [await trainer.fingerprint(), one]);
  assert.deepEqual([session.status, session.iteration], ["idle", 0]);
  session.reset("ophelia");
  assert.notEqual(await session.fingerprint(), one);
  session.dispose();
});

Deno.test("without validation text the log says so, and there is no val", async () => {
  const session = makeSession(1, options(smallText(100)));
  session.start();
  const { val, whole } = await outcome(session);
  assert.ok(val.every((x) => x === null) && whole === null);
  assert.match(session.log[0].text, /shorter than 17 characters, so there is no val NLL/);
  assert.equal(session.detail, "done: 60 iterations");
  session.dispose();
});

Deno.test("the time left includes the rests", async () => {
  const given = options();
  given.sampling.rest_ms = 3_000_000;
  given.sampling.early = [];
  given.sampling.every = 1000;
  given.training.iterations = 2000;
  const session = makeSession(1, given);
  session.start();
  await until(session, () => session.speaking);
  session.pause();
  session.start();
  await until(session, () => session.time_left_ms !== null);
  // Two samples of fifty minutes each remain; compared with them, training takes no time on any machine.
  assert.ok(session.time_left_ms! > 6_000_000 && session.time_left_ms! < 8_000_000, `${session.time_left_ms}`);
  session.dispose();
});

Deno.test("subscribing to an unknown event throws", () => {
  assert.throws(() => makeSession().on("metric" as "metrics", () => {}), /there are status, metrics, sample/);
});
