// Catches: a silent graphics card that makes a reader wait for ever; a hung Worker that is not ended; a slow card that
// is given up; a choice of the CPU engine that is never revised, or that a preset does not share.
import assert from "node:assert/strict";
import "../../../engine/session/late_answers.ts";
import { gzipSync } from "node:zlib";
import { Patience } from "../../../engine/training/patience.ts";
import { type Preset, type PresetHost, PresetRuns } from "../../../engine/session/preset_runs.ts";
import { type SessionOptions, TrainingSession } from "../../../engine/session/session.ts";
import { Turns } from "../../../engine/session/turns.ts";
import { EngineLink } from "../../../engine/workers/engine_link.ts";
import { hurry } from "./hurry.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

const TEXT = smallText(4000);
/** The page's clock is sped up less, because on a busy machine a Worker may take a second to start. */
const IN_THE_PAGE = 4;

function options(): SessionOptions {
  const vocab_size = new Set(TEXT).size, gzip_base64 = gzipSync(TEXT).toString("base64");
  const named = { name: "small", title: "A small text", sha256: "", rungs: null, floor: null };
  const run = smallRun();
  run.sampling = { ...run.sampling, rest_ms: 0 };
  return { ...run, corpus: { ...named, vocab_size, gzip_base64 } };
}

/** A page whose Workers have graphics cards with these defects, in order; further Workers have the last one. */
function page(defects: string[], cores = 1) {
  const alive = new Set<Worker>();
  let made = 0;
  const host: PresetHost = {
    cores,
    sessions: {},
    turns: new Turns(),
    makeWorker() {
      const name = defects[Math.min(made++, defects.length - 1)];
      const worker = new Worker(import.meta.resolve("./faulty_card_worker.ts"), { type: "module", name });
      const terminate = worker.terminate.bind(worker);
      alive.add(worker);
      worker.terminate = () => {
        alive.delete(worker);
        terminate();
      };
      return worker;
    },
  };
  const session = host.sessions.main = new TrainingSession("main", options(), host);
  return { session, host, alive, made: () => made };
}

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => unknown): Promise<void> {
  const { now } = Date, end = now() + 30_000;
  while (!condition()) {
    assert.ok(now() < end, `never: ${condition}`);
    await rest(5);
  }
}

/** Runs `work` with a faster clock in the page too. */
async function hurried(work: () => Promise<unknown>): Promise<void> {
  const end = hurry(IN_THE_PAGE);
  try {
    await work();
  } finally {
    end();
  }
}

let whole: Promise<string> | null = null;
/** Fingerprint of the whole run on the CPU engine. */
function undisturbed(): Promise<string> {
  return whole ??= (async () => {
    const trainer = await smallTrainer(smallRun(), TEXT);
    await trainer.train(trainer.run.training.iterations, () => {}, { requested: false });
    return await trainer.fingerprint();
  })();
}

async function silentFromTheBeginning(defect: string, words: RegExp): Promise<void> {
  const { session, alive } = page([defect]);
  session.start();
  await until(() => session.status === "done" || session.status === "failed");
  assert.match(session.engine?.instead?.message ?? session.failure!.message, words, defect);
  assert.equal(session.engine?.kind, "cpu", defect);
  assert.equal(await session.fingerprint(), await undisturbed(), defect);
  assert.equal(alive.size, 1, `${defect}: a Worker that was given up lives on`);
  session.dispose();
}

async function hungInTheMiddle(): Promise<void> {
  const { session, alive } = page(["submit hangs", "adapter null"]);
  session.start();
  await until(() => session.status === "failed");
  assert.match(session.failure!.message, /^The graphics card's engine has stopped answering \(a Worker hangs/);
  assert.equal(alive.size, 0);
  session.reset();
  session.start();
  await until(() => session.status === "done");
  session.dispose();
}

Deno.test("whenever the card falls silent, the CPU engine trains, and the page says why", () =>
  Promise.all([
    silentFromTheBeginning("adapter never", /^The graphics card does not answer \(asked for an adapter, waited 8 s/),
    silentFromTheBeginning("adapter refused late", /asked for an adapter/),
    silentFromTheBeginning("info never", /asked for an adapter/),
    silentFromTheBeginning("device never", /asked for a device/),
    silentFromTheBeginning("scope never", /compiling its kernels, waited 30 seconds/),
    silentFromTheBeginning("pipeline never", /compiling its kernels/),
    silentFromTheBeginning("adapter throws", /offers no graphics adapter \(gpu is broken\)\.$/),
    silentFromTheBeginning("device refused", /\(A valid external Instance reference no longer exists\)\.$/),
    silentFromTheBeginning("pipeline out of range", /could not start \(Maximum call stack size exceeded\)\.$/),
  ]).then(() => {}));

Deno.test("a Worker that hangs in a call to the browser is ended and replaced", () =>
  hurried(() =>
    Promise.all([
      silentFromTheBeginning("adapter hangs", /does not answer \(a Worker hangs, waited 10 seconds\)\.$/),
      silentFromTheBeginning("device hangs", /a Worker hangs/),
      silentFromTheBeginning("pipeline hangs", /a Worker hangs/),
      hungInTheMiddle(),
    ])
  ));

Deno.test("a reader who does not want to wait for the card gets the CPU engine, and the run starts", async () => {
  const { session, alive } = page(["adapter hangs", "adapter null"]), badges: string[] = [];
  session.on("status", () => badges.push(session.detail));
  session.start();
  assert.equal(session.waits_for_gpu, false, "most cards answer before a reader could read it");
  await until(() => session.waits_for_gpu);
  assert.equal(session.detail, "waiting for the graphics card to answer");
  session.prefer("cpu");
  assert.equal(session.status, "loading", "the reader has pressed start once");
  assert.equal(session.waits_for_gpu, false);
  await until(() => session.status === "done");
  assert.deepEqual([session.engine?.kind, session.engine?.instead, alive.size], ["cpu", null, 1]);
  session.dispose();
});

async function pipelineAfterPipeline(): Promise<void> {
  const { session, made, host } = page(["pipeline after pipeline"]);
  session.start();
  await until(() => session.detail.startsWith("preparing the graphics card's kernels"));
  session.reset("ophelia");
  session.start();
  await until(() => session.engine);
  assert.deepEqual([session.engine!.kind, made(), host.no_gpu], ["webgpu", 1, null]);
  session.dispose();
}

async function silentInTheMiddle(): Promise<void> {
  const { session, alive } = page(["map never", "fine"], 2);
  session.start();
  await until(() => session.status === "done");
  assert.equal(session.engine!.description, "CPU engine, 2 Workers");
  assert.match(session.engine!.instead!.message, /does not answer \(in the middle of a task, waited 30 seconds\)/);
  assert.match(session.log[0].text, /^the graphics card stopped answering at iteration 0/);
  assert.match(session.log[1].text, /continues at iteration 0 on the CPU engine, 2 Workers, whose last digits differ/);
  assert.equal(await session.fingerprint(), await undisturbed());
  assert.equal(alive.size, 2);
  session.dispose();
}

Deno.test("the page waits for a slow card, even across a reset; all CPU Workers replace a silent one", () =>
  Promise.all([pipelineAfterPipeline(), silentInTheMiddle()]).then(() => {}));

Deno.test("a browser that has lost its connection to the card continues as after a lost device", async () => {
  const { session } = page(["map refused"], 2);
  session.start();
  await until(() => session.status === "done" || session.status === "failed");
  assert.equal(session.failure, null);
  assert.equal(session.engine!.description, "CPU engine, 2 Workers");
  assert.match(
    session.engine!.instead!.message,
    /^The browser lost the graphics device \(A valid external Instance reference no longer exists\)\.$/,
  );
  assert.equal(await session.fingerprint(), await undisturbed());
  session.dispose();
});

/** An engine on a card, and the kinds of notices that it sends. */
async function linkTo(defect: string) {
  const makeWorker = () => new Worker(import.meta.resolve("./faulty_card_worker.ts"), { type: "module", name: defect });
  const notices: string[] = [], { model, corpus, ...rest } = options();
  const run = { ...rest, model: { ...model, vocab_size: corpus.vocab_size } };
  const link = new EngineLink({ makeWorker, cores: 1 }, { notice: ({ kind }) => notices.push(kind) });
  const engine = await link.create(run, corpus.gzip_base64 as string, null, {
    prefer: "webgpu",
    allow_software: false,
  });
  assert.equal(engine.kind, "webgpu");
  return { link, notices };
}

Deno.test("a card is woken for as long as was asked, or until a pause; then it trains", async () => {
  const { link } = await linkTo("fine");
  await link.ask({ type: "wake", ms: 300 }, "awake");
  let awake = false;
  const waking = link.ask({ type: "wake", ms: 10_000_000 }, "awake").then(() => awake = true);
  await rest(50);
  assert.equal(awake, false);
  link.pause();
  await waking;
  link.pause(); // too late
  assert.equal((await link.ask({ type: "train", until: 9 }, "trained")).iteration, 9);
  link.dispose();
});

Deno.test("if the card falls silent while it is woken, the CPU engine takes over and is not woken", async () => {
  const { link, notices } = await linkTo("map never");
  await link.ask({ type: "wake", ms: 10_000_000 }, "awake");
  assert.deepEqual(notices, ["device-silent", "cpu-instead"]);
  assert.equal((await link.ask({ type: "train", until: 60 }, "trained")).iteration, 60);
  assert.equal((await link.ask({ type: "fingerprint" }, "fingerprint")).fingerprint, await undisturbed());
  link.dispose();
});

Deno.test("a reset chooses the engine again, and a preset makes the same choice as the page's run", async () => {
  const preset = (name: string) => ({ name, label: name, training: smallRun().training }) as Preset;
  const { session, host } = page(["adapter null once", "adapter null", "fine"]), { evaluation, sampling } = options();
  const presets = new PresetRuns(session, { evaluation, sampling: { ...sampling, rest_ms: 0 } }, host, 0);
  session.start();
  await until(() => session.iteration > 0);
  assert.match(session.engine!.instead!.message, /offers no graphics adapter/);
  presets.run(preset("clean"));
  await until(() => presets.session!.engine);
  assert.equal(presets.session!.engine!.instead!.message, session.engine!.instead!.message);
  presets.stop();
  session.reset();
  await until(() => session.engine?.kind === "webgpu"); // even before the reader presses start
  presets.run(preset("noisy"));
  await until(() => presets.session!.engine);
  assert.equal(presets.session!.engine!.kind, "webgpu");
  presets.stop();
  session.dispose();
});

Deno.test("a preset can give up a card that does not answer; later presets do not try it until a reset", async () => {
  const preset = (name: string) => ({ name, label: name, training: smallRun().training }) as Preset;
  const { session, host, made } = page(["adapter hangs"]), { evaluation, sampling } = options();
  const presets = new PresetRuns(session, { evaluation, sampling }, host, 0);
  presets.run(preset("clean"));
  await until(() => presets.waits_for_gpu);
  presets.useCpu();
  await until(() => presets.session!.iteration > 0);
  assert.equal(presets.waits_for_gpu, false);
  const before = made();
  presets.run(preset("noisy"));
  await until(() => presets.session!.iteration > 0);
  assert.equal(made(), before + 1, "it was not asked again");
  presets.stop();
  session.reset();
  assert.equal(host.no_gpu, null);
  session.dispose();
});

Deno.test("if the card is asked again and does not answer, the CPU engine still trains", async () => {
  const { session, made } = page(["adapter null, then never"]);
  session.start();
  await until(() => session.iteration > 5);
  session.reset();
  session.start();
  await until(() => session.status === "done");
  assert.deepEqual([made(), session.engine!.kind], [1, "cpu"], "the engine that was there has trained");
  assert.equal(await session.fingerprint(), await undisturbed());
  session.prefer("fastest");
  assert.deepEqual([session.status, session.engine], ["idle", null], "the switch asks for the card, too");
  session.dispose();
});

Deno.test("a RangeError of the engine itself does not count as out of memory", async () => {
  const given = options();
  given.sampling = { ...given.sampling, characters: 5000 };
  const session = new TrainingSession("main", given, page(["adapter null"]).host);
  session.start();
  await until(() => session.status === "failed");
  assert.match(session.failure!.message, /^A Worker of the engine ended unexpectedly \(A sample of 5000 characters is/);
  session.dispose();
});

Deno.test("time during which the machine sleeps does not count", async () => {
  const { now } = performance;
  let asleep_ms = 0, over = false;
  performance.now = () => now.call(performance) + asleep_ms;
  const patience = new Patience(400);
  patience.whenOver(() => over = true);
  await rest(75);
  asleep_ms = 3_600_000;
  await rest(75);
  assert.equal(over, false, "an hour's sleep does not count as silence");
  patience.renew();
  await rest(300);
  assert.equal(over, false);
  await until(() => over);
  performance.now = now;
});
