// Catches: a file's run opened beside the page's that is another model, that trains on characters instead of a text, or
// that ends elsewhere than the run itself; a file that is offered to the wrong session.
import assert from "node:assert/strict";
import type { About } from "../../../engine/checkpoint/about.ts";
import { fits, fittingSession } from "../../../engine/session/fitting_session.ts";
import { optionsFor, textOf } from "../../../engine/session/opened_run.ts";
import { makeSession, options, outcome, undisturbed, until } from "./sessions.ts";

/** A run of another model on another text, paused at iteration 20 or soon after. */
async function otherFile(): Promise<{ file: Blob; about: About; weights: string; val: number | null }> {
  const given = options("A text of its own, whose letters are others: xyz XYZ 0123456789.\n".repeat(40));
  const session = makeSession(1, { ...given, model: { ...given.model, n_embd: 32 }, seed: "macbeth" });
  session.start();
  await until(session, () => session.iteration >= 20);
  session.pause();
  const file = await session.save(), { about } = await session.read(file), weights = await session.fingerprint();
  const { val_nll: val } = session;
  session.dispose();
  return { file, about, weights, val };
}

Deno.test("without its text, a file's model is there with its record, writes, is saved, and does not train", async () => {
  const { file, about, weights, val } = await otherFile(), like = options();
  assert.equal(textOf(about, [like.corpus]), null);
  const session = makeSession(1, optionsFor(about, like, [like.corpus]));
  const { unlike, hashes } = await session.load(file);
  assert.equal(unlike, null);
  assert.deepEqual([session.seed, session.iteration, session.status], ["macbeth", about.iteration, "paused"]);
  assert.deepEqual([await session.fingerprint(), Math.fround(session.val_nll!)], [weights, Math.fround(val!)]);
  const { characters, model } = await session.weights();
  assert.equal(characters.join(""), about.corpus.characters);
  assert.deepEqual(model, about.model);
  session.start();
  session.rehearse();
  assert.deepEqual([session.status, session.iteration], ["paused", about.iteration]);
  assert.deepEqual((await session.read(await session.save())).hashes, hashes);
  session.dispose();
});

Deno.test("where its text is on the page, a file's run trains to the end that it would have had", async () => {
  const first = makeSession(), given = options();
  first.start();
  await until(first, () => first.iteration >= 20);
  const file = await first.save(), { about } = await first.read(file);
  first.dispose();
  const page = { ...given, model: { ...given.model, n_layer: given.model.n_layer + 1 }, seed: "ophelia" };
  assert.ok(!fits(about, page));
  const session = makeSession(1, optionsFor(about, page, [page.corpus]));
  await session.load(file);
  session.start();
  assert.deepEqual(await outcome(session), await undisturbed());
  session.dispose();
});

Deno.test("a file goes to the session that it fits: the wanted one, else the first", async () => {
  const session = makeSession(), { about } = await session.read(await session.save()), own = options();
  session.dispose();
  const one = (change: object) => ({ options: { ...own, ...change } });
  const bigger = one({ model: { ...own.model, n_layer: own.model.n_layer + 1 } }),
    longer = one({
      training: { ...own.training, iterations: own.training.iterations + 1 },
    });
  const elsewhere = one({ corpus: { ...own.corpus, sha256: "0".repeat(64) } }),
    first = one({ seed: "ophelia" }),
    second = one({});
  assert.equal(fittingSession(about, [bigger, longer, elsewhere, first, second], bigger), first);
  assert.equal(fittingSession(about, [first, second], second), second);
  assert.equal(fittingSession(about, [bigger, longer, elsewhere], elsewhere), null);
});
