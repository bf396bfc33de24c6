// Catches: a page that ignores or forgets presses before the Workers' program has loaded, a Worker made without the
// program, a missing program that is not reported.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { EngineError } from "../../../engine/workers/engine_link.ts";
import { type SessionOptions, TrainingSession } from "../../../engine/session/session.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

const TEXT = smallText(4000);

function makeSession(program_arrived: Promise<void>): { session: TrainingSession; workers: Worker[] } {
  const vocab_size = new Set(TEXT).size, gzip_base64 = gzipSync(TEXT).toString("base64");
  const named = { name: "small", title: "A small text", sha256: "", rungs: null, floor: null };
  const options: SessionOptions = { ...smallRun(), corpus: { ...named, vocab_size, gzip_base64 } };
  const workers: Worker[] = [];
  const makeWorker = () => {
    workers.push(new Worker(import.meta.resolve("../../../engine/workers/worker.ts"), { type: "module" }));
    return workers.at(-1)!;
  };
  return { session: new TrainingSession("main", options, { makeWorker, program_arrived, cores: 1 }), workers };
}

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => unknown): Promise<void> {
  for (const end = performance.now() + 20_000; !condition();) {
    assert.ok(performance.now() < end, `never: ${condition}`);
    await rest(5);
  }
}

Deno.test("a press before the program has loaded takes effect as soon as it has", async () => {
  const program = Promise.withResolvers<void>();
  const { session, workers } = makeSession(program.promise);
  session.prepare();
  session.start();
  await rest(50);
  assert.deepEqual([session.status, workers.length], ["loading", 0]);
  session.pause();
  assert.equal(session.status, "idle");
  session.reset("ophelia");
  session.start();
  program.resolve();
  await until(() => session.status === "done");
  const run = smallRun();
  const trainer = await smallTrainer({ ...run, seed: "ophelia" }, TEXT);
  await trainer.train(run.training.iterations, () => {}, { requested: false });
  assert.equal(await session.fingerprint(), await trainer.fingerprint());
  assert.equal(workers.length, 1);
  session.dispose();
});

Deno.test("a session closed before the program has loaded never makes a Worker", async () => {
  const program = Promise.withResolvers<void>();
  const { session, workers } = makeSession(program.promise);
  session.start();
  session.dispose();
  program.resolve();
  await rest(50);
  assert.deepEqual([session.status, workers.length], ["idle", 0]);
});

Deno.test("a missing program is reported when the reader presses start, not before", async () => {
  const missing = Promise.reject(new EngineError("no-program", ""));
  const { session, workers } = makeSession(missing);
  session.prepare();
  await rest(50);
  assert.deepEqual([session.status, session.failure], ["idle", null]);
  session.start();
  await until(() => session.status === "failed");
  assert.equal(session.failure!.message, "The engine's program did not arrive with this page.");
  await assert.rejects(session.fingerprint(), /did not arrive/);
  assert.equal(workers.length, 0);
});
