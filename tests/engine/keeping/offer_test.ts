// Catches: a run offered to a page that cannot continue it, a wrong reason, and a damaged file that hides a good one.
import assert from "node:assert/strict";
import type { Kept, KeptRuns } from "../../../engine/keeping/kept_run.ts";
import { loadKept, offerOf } from "../../../engine/keeping/offer.ts";
import type { TrainingSession } from "../../../engine/session/session.ts";
import { ago } from "../../../engine/wording_of_keeping.ts";
import { makeSession } from "../session/sessions.ts";

function keptOf({ options: { model, training, corpus } }: TrainingSession, change: Partial<Kept> = {}): KeptRuns {
  const { name, sha256, vocab_size } = corpus, facts = { iterations: 10, val: 2, done: false, when: 0, bytes: 4 };
  const own = { model: { ...model, vocab_size }, training, corpus: { name, sha256 } };
  const newest = structuredClone({ run: "a", seed: "hamlet", iteration: 8, slot: 0, ...own, ...facts, ...change });
  return { path: "/", session: "main", title: "A lesson", newest, fallback: null, before: null };
}

Deno.test("a run is offered to go on, to look at, or as a file with the reason", () => {
  const session = makeSession(), { options: { training, model, corpus } } = session;
  const kind = (change: Partial<Kept>) => offerOf(keptOf(session, change), session);
  assert.equal(kind({}).kind, "stopped");
  assert.equal(kind({ done: true }).kind, "ended");
  const reasons = [
    kind({ training: { ...training, batch_size: training.batch_size + 1 } }),
    kind({ model: { ...model, n_layer: model.n_layer + 1, vocab_size: corpus.vocab_size } }),
    kind({ corpus: { name: corpus.name, sha256: "0".repeat(64) } }),
    kind({ corpus: { name: "harbour", sha256: "0".repeat(64) } }),
  ].map((offer) => offer.kind === "unlike" ? offer.reason : offer.kind);
  assert.match(reasons[0], /trains with batch_size = \d+; this one with \d+\.$/);
  assert.match(reasons[1], /model has n_layer = \d+; this run’s has \d+\.$/);
  assert.match(reasons[2], /another edition of the text “small”/);
  assert.match(reasons[3], /the text “harbour”; this one trains on “small”/);
  session.dispose();
});

Deno.test("if the newest file cannot be read, the one before it goes on", async () => {
  const session = makeSession(), now = keptOf(session), place = { path: "/", session: "main" };
  const fallback = { ...now.newest, slot: 1, iteration: 4 }, both = { ...now, fallback };
  const store = {
    file: (_place: unknown, { slot }: Kept) => Promise.resolve(slot === 2 ? null : new ArrayBuffer(slot)),
  };
  const loads = (file: ArrayBuffer) =>
    file.byteLength === 0 ? Promise.reject(new Error("The file is damaged.")) : Promise.resolve();
  assert.equal(await loadKept(both, store, place, loads), fallback);
  await assert.rejects(loadKept(now, store, place, loads), /cannot open your stored run\. The file is damaged\.$/);
  const gone = { ...now, newest: { ...now.newest, slot: 2 } };
  await assert.rejects(loadKept(gone, store, place, loads), /The browser has deleted it\.$/);
  session.dispose();
});

Deno.test("how long ago", () => {
  const MINUTE = 60_000, DAY = 24 * 60 * MINUTE;
  const said = [-5000, 59_000, MINUTE, 59.9 * MINUTE, 60 * MINUTE, DAY - 1, DAY, 3.5 * DAY, 1200 * DAY].map(ago);
  assert.deepEqual(said, [
    "just now",
    "just now",
    "1 minute ago",
    "59 minutes ago",
    "1 hour ago",
    "23 hours ago",
    "1 day ago",
    "3 days ago",
    "1,200 days ago",
  ]);
});
