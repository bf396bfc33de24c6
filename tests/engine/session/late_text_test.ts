// Catches: a press on Start that is lost because the run's text is still loading, a page that does not say that it
// loads, a text that is loaded before it is needed, and one failed load after which a run can never begin.
import assert from "node:assert/strict";
import { smallRun, smallTrainer } from "../small_runs.ts";
import { makeSession, options, TEXT, until } from "./sessions.ts";

function lateSession(load: () => Promise<string>) {
  const given = options();
  return makeSession(1, { ...given, corpus: { ...given.corpus, gzip_base64: load } });
}

const packed = options().corpus.gzip_base64 as string;

Deno.test("a run waits for its text, says so, and then is the run that it would have been", async () => {
  const text = Promise.withResolvers<string>();
  let loads = 0;
  const session = lateSession(() => (loads++, text.promise));
  assert.equal(loads, 0);
  session.start();
  await until(session, () => session.detail === "loading the text");
  assert.equal(session.status, "loading");
  text.resolve(packed);
  await until(session, () => session.status === "done");
  const run = smallRun(), trainer = await smallTrainer(run, TEXT);
  await trainer.train(run.training.iterations, () => {}, { requested: false });
  assert.equal(await session.fingerprint(), await trainer.fingerprint());
  session.dispose();
});

Deno.test("a text that does not come is reported, and asked for again after a reset", async () => {
  let fails = true;
  const session = lateSession(() => fails ? Promise.reject(new Error("no network")) : Promise.resolve(packed));
  session.prepare(); // no run waits for it yet
  session.start();
  await until(session, () => session.status === "failed");
  assert.equal(session.failure!.message, "The text of this run could not be loaded.");
  assert.match(session.failure!.way_out, /check the connection.*Press reset/);
  fails = false;
  session.reset();
  session.start();
  await until(session, () => session.iteration > 2);
  session.dispose();
});

Deno.test("a session closed while its text loads stays closed", async () => {
  const text = Promise.withResolvers<string>();
  const session = lateSession(() => text.promise);
  session.start();
  await until(session, () => session.detail === "loading the text");
  session.dispose();
  text.resolve(packed);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual([session.status, session.iteration], ["idle", 0]);
});
