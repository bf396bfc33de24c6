// Catches: a run that depends on when somebody paused, hid, asked or reset; a badge that says what is not so; a
// failure that leaves somebody waiting. The engine is the real one, in real Workers.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { type Sample, type SessionOptions, type Status, TrainingSession } from "../../../engine/session/session.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

const TEXT = smallText(4000);

function options(text = TEXT): SessionOptions {
  const vocab_size = new Set(text).size;
  const gzip_base64 = gzipSync(text).toString("base64");
  const corpus = {
    name: "small",
    title: "A small text",
    sha256: "",
    vocab_size,
    rungs: null,
    floor: null,
    gzip_base64,
  };
  return { ...smallRun(), corpus };
}

const makeWorker = () => new Worker(import.meta.resolve("../../../engine/workers/worker.ts"), { type: "module" });

function makeSession(cores = 1, given = options()): TrainingSession {
  return new TrainingSession("main", given, { makeWorker, cores });
}

/** Resolves when `condition` holds after some event. */
function until(session: TrainingSession, condition: () => unknown): Promise<void> {
  if (condition()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = [session.on("status", look), session.on("metrics", look), session.on("sample", look)];
    function look() {
      if (!condition()) return;
      stop.forEach((end) => end());
      resolve();
    }
  });
}

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Outcome {
  weights: string;
  samples: Sample[];
  train: (number | null)[];
  val: (number | null)[];
  whole: number | null;
}

async function outcome(session: TrainingSession): Promise<Outcome> {
  await until(session, () => session.status === "done" || session.status === "failed");
  const { samples, history: { train, val }, whole_val_nll: whole } = session;
  return { weights: await session.fingerprint(), samples: structuredClone(samples), train, val, whole };
}

let straight: Promise<Outcome> | null = null;
/** The run that nobody disturbed. */
function undisturbed(): Promise<Outcome> {
  return straight ??= (async () => {
    const session = makeSession();
    session.start();
    const result = await outcome(session);
    session.dispose();
    return result;
  })();
}

Deno.test("a run does what the trainer does, and tells of it on the way", async () => {
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
  await trainer.train(60, (more) => losses.push(...more), { requested: false });
  assert.deepEqual(train, [...losses, null]);
  assert.equal(weights, await trainer.fingerprint());
  assert.equal(val.at(-1), await trainer.evaluate());
  assert.equal(whole, await trainer.evaluateWhole());
  assert.equal(session.engine?.description, "CPU engine, 1 Worker");
  assert.equal(session.best_val_nll, Math.min(...val.filter((x) => x !== null)));
  assert.ok(session.elapsed_ms > 0 && session.time_left_ms === 0);
  session.dispose();
});

Deno.test("whatever is done to a run at whatever moment, it ends as the one that nobody disturbed", async () => {
  const actions: ((session: TrainingSession) => unknown)[] = [
    (session) => (session.pause(), session.start()),
    (session) => (session.hide(), session.show()),
    (session) => (session.pause(), session.hide(), session.show(), session.start()),
    (session) => (session.hide(), session.pause(), session.start(), session.show()),
    (session) => session.fingerprint(),
    (session) => (session.fingerprint(), session.pause(), session.fingerprint(), session.start()),
    (session) => (session.pause(), rest(20).then(() => session.start())),
    (session) => (session.hide(), rest(20).then(() => session.show())),
    (session) => (session.wait("another run"), session.goOn()),
    (session) => (session.wait("another run"), rest(20).then(() => session.goOn())),
    (session) => (session.wait("another run"), session.hide(), session.goOn(), session.show()),
    (
      session,
    ) => (session.hide(),
      session.wait("another run"),
      session.show(),
      session.pause(),
      session.goOn(),
      session.start()),
    (session) => (session.reset(), session.start()),
    (session) => (session.reset("ophelia"), session.start(), session.reset("hamlet"), session.start()),
    (
      session,
    ) => (session.reset("ophelia"), session.start(), rest(30).then(() => (session.reset("hamlet"), session.start()))),
  ];
  let state = 1;
  const draw = (n: number) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16) % n;
  for (let round = 0; round < 12; round++) {
    const session = makeSession(round % 2 + 1);
    session.start();
    for (let i = 0; i < 6; i++) {
      await rest(draw(60));
      await actions[draw(actions.length)](session);
    }
    if (session.status === "done") (session.reset("hamlet"), session.start());
    assert.deepEqual(await outcome(session), await undisturbed(), `round ${round}`);
    session.dispose();
  }
});

Deno.test("a pause holds counter, clock and samples, and the badge says where", async () => {
  const session = makeSession();
  session.start();
  await until(session, () => session.iteration > 12);
  session.pause();
  assert.equal(session.status, "paused");
  await rest(100);
  const stands = [session.iteration, session.elapsed_ms, session.samples.length];
  assert.equal(session.detail, `paused at iteration ${session.iteration}`);
  await rest(100);
  assert.deepEqual([session.iteration, session.elapsed_ms, session.samples.length], stands);
  session.dispose();
});

Deno.test("hidden, it waits; a pause by hand survives; a start waits until somebody can see it", async () => {
  const session = makeSession();
  session.hide();
  session.start();
  assert.deepEqual([session.status, session.detail], ["hidden", "paused (tab in background)"]);
  session.pause();
  session.show();
  assert.equal(session.status, "idle");
  session.start();
  await until(session, () => session.iteration > 2);
  session.pause();
  session.hide();
  assert.equal(session.status, "paused");
  session.show();
  assert.equal(session.status, "paused");
  assert.deepEqual(session.log, []);
  session.dispose();
});

Deno.test("coming back is told with the iteration at which it was, also after more iterations", async () => {
  const session = makeSession(), badges = new Set<string>();
  session.start();
  await until(session, () => session.iteration > 12);
  session.hide();
  await rest(100);
  const at = session.iteration;
  session.on("status", () => badges.add(session.detail));
  session.show();
  await until(session, () => session.iteration > 41);
  const said = `was paused at iteration ${at} while the tab was in the background; went on from there`;
  assert.deepEqual([...badges].filter((words) => words.startsWith("was paused")), [said]);
  assert.deepEqual(session.log, [{
    iteration: at,
    text: `tab in background: paused at iteration ${at} and went on from there`,
  }]);
  session.dispose();
});

Deno.test("a run waits for something else, says for what, and goes on from the same iteration", async () => {
  const session = makeSession(), badges = new Set<string>();
  session.start();
  await until(session, () => session.iteration > 12);
  session.wait("the run “noisy”");
  await rest(100);
  const at = session.iteration, { elapsed_ms } = session;
  assert.deepEqual([session.status, session.detail], ["waiting", `waiting at iteration ${at} for the run “noisy”`]);
  await rest(100);
  assert.deepEqual([session.iteration, session.elapsed_ms], [at, elapsed_ms]);
  session.on("status", () => badges.add(session.detail));
  session.goOn();
  assert.equal(session.status, "running");
  await until(session, () => session.iteration > at);
  assert.ok(badges.has(`waited at iteration ${at} for the run “noisy”; went on from there`), [...badges].join("\n"));
  const text = `waited at iteration ${at} for the run “noisy” and went on from there`;
  assert.deepEqual(session.log, [{ iteration: at, text }]);
  assert.deepEqual(await outcome(session), await undisturbed());
  session.dispose();
});

Deno.test("who waits for nothing is not told to go on; who is paused meanwhile stays so; who starts waits", async () => {
  const session = makeSession();
  session.goOn();
  session.wait("the run “noisy”");
  assert.equal(session.status, "idle");
  session.start();
  assert.deepEqual([session.status, session.iteration], ["waiting", 0]);
  session.hide();
  assert.equal(session.status, "hidden", "nobody sees it: that comes first");
  session.show();
  assert.equal(session.status, "waiting");
  session.pause();
  session.goOn();
  await rest(100);
  assert.deepEqual([session.status, session.iteration, session.log], ["idle", 0, []]);
  session.dispose();
});

Deno.test("without characters to write it measures and says nothing; the whole text is measured where that is wanted", async () => {
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

Deno.test("a run that is released keeps its record and ends its Workers", async () => {
  let alive = 0;
  const counted = () => {
    const worker = makeWorker(), terminate = worker.terminate.bind(worker);
    alive++;
    worker.terminate = () => (alive--, terminate());
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

Deno.test("an engine that fails while a run pauses is told: to resume would be to begin anew", async () => {
  const workers: Worker[] = [];
  const session = new TrainingSession("main", options(), {
    makeWorker: () => (workers.push(makeWorker()), workers[workers.length - 1]),
    cores: 1,
  });
  session.start();
  await until(session, () => session.iteration > 5);
  session.pause();
  workers[0].dispatchEvent(new ErrorEvent("error", { message: "boom" })); // the iteration under way has not ended
  await until(session, () => session.status === "failed");
  assert.match(session.failure!.message, /boom/);
  session.dispose();
});

Deno.test("hiding while it writes shows the rest at once and trains no further", async () => {
  const given = options();
  given.sampling.rest_ms = 8000;
  const session = makeSession(1, given);
  session.start();
  await until(session, () => session.speaking && session.speaking.shown > 0);
  assert.deepEqual([session.samples.length, session.iteration], [0, 0]);
  session.hide();
  await until(session, () => session.samples.length === 1);
  await rest(50);
  assert.deepEqual([session.speaking, session.iteration, session.status], [null, 0, "hidden"]);
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

Deno.test("a fingerprint before the start is that of the first weights, and starts nothing", async () => {
  const session = makeSession(), trainer = await smallTrainer(smallRun(), TEXT);
  const [one, two] = await Promise.all([session.fingerprint(), session.fingerprint()]);
  assert.deepEqual([one, two], [await trainer.fingerprint(), one]);
  assert.deepEqual([session.status, session.iteration], ["idle", 0]);
  session.reset("ophelia");
  assert.notEqual(await session.fingerprint(), one);
  session.dispose();
});

Deno.test("who pauses on hearing that it runs has it paused at once", async () => {
  const session = makeSession();
  session.on("status", () => session.samples.length > 0 && session.detail.startsWith("training") && session.pause());
  session.start();
  await until(session, () => session.status === "paused");
  await rest(100);
  assert.equal(session.iteration, 0);
  session.dispose();
});

Deno.test("a text without validation says so, and has no val", async () => {
  const session = makeSession(1, options(smallText(100)));
  session.start();
  const { val, whole } = await outcome(session);
  assert.ok(val.every((x) => x === null) && whole === null);
  assert.match(session.log[0].text, /shorter than 17 characters, so there is no val NLL/);
  assert.equal(session.detail, "done: 60 iterations");
  session.dispose();
});

Deno.test("time left counts the rests", async () => {
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
  // Two full samples are still to come, of fifty minutes each: next to them the training takes no time on any machine.
  assert.ok(session.time_left_ms! > 6_000_000 && session.time_left_ms! < 8_000_000, `${session.time_left_ms}`);
  session.dispose();
});

Deno.test("a failure ends every wait, and reset begins anew", async () => {
  let broken = true;
  const damaged = options();
  const good = damaged.corpus.gzip_base64;
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

Deno.test("a session that is closed stops without a failure, and its questions are refused", async () => {
  const session = makeSession();
  session.start();
  await until(session, () => session.iteration > 3);
  const question = session.fingerprint();
  session.dispose();
  await assert.rejects(question, /closed/);
  await rest(50);
  assert.deepEqual([session.status, session.failure, session.iteration], ["idle", null, 0]);
});

Deno.test("an event that does not exist is told", () => {
  assert.throws(() => makeSession().on("metric" as "metrics", () => {}), /there are status, metrics, sample/);
});
