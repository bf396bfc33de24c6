// A run that goes on beside itself, from its whole file and from its weights alone; and weights that are only tried.
//
// Catches: a run that is changed by being looked at, two ways that do not begin alike, a whole file that does not go on
// exactly, a run that does not go on after it has waited, a flipped bit that is measured in the run's own weights.
import assert from "node:assert/strict";
import { flipped } from "../../../engine/session/one_bit.ts";
import { TrainingSession } from "../../../engine/session/session.ts";
import { Turns } from "../../../engine/session/turns.ts";
import { TwoWays } from "../../../engine/session/two_ways.ts";
import { Kept } from "../checkpoint/files.ts";
import { makeSession, makeWorker, outcome, rest, undisturbed, until } from "./sessions.ts";

const LENGTH = { further: 10, val_every: 5 };

Deno.test("both ways begin at the same loss; the whole file goes on exactly, the weights alone do not", async () => {
  const main = makeSession(), host = { makeWorker, cores: 1, sessions: {}, turns: new Turns() };
  const leave = host.turns.follow(main, { words: "the run", place: 0, rank: 0 });
  main.start();
  await until(main, () => main.iteration >= 12);
  const ways = new TwoWays(main, host, TrainingSession, { place: 1, words: "another run" }, LENGTH);
  await ways.run();
  assert.equal(ways.failure, "");
  const { losses: { state, weights }, at } = ways;
  assert.deepEqual([state!.train.length, weights!.train.length], [10, 10]);
  assert.equal(state!.train[0], weights!.train[0]);
  assert.notEqual(state!.train[2], weights!.train[2]);
  assert.deepEqual(await outcome(main), await undisturbed());
  assert.deepEqual(state!.train, main.history.train.slice(at!, at! + 10));
  assert.deepEqual(Object.keys(host.sessions), []);
  leave();
  main.dispose();
});

Deno.test("both ways are stopped before the first has begun, and both files are of one iteration", async () => {
  const main = makeSession(), host = { makeWorker, cores: 1, sessions: {}, turns: new Turns() };
  main.start();
  await until(main, () => main.iteration >= 12);
  const at: number[] = [], save = main.save.bind(main);
  main.save = (part) => save(part).finally(() => at.push(main.iteration));
  const ways = new TwoWays(main, host, TrainingSession, { place: 1, words: "another run" }, LENGTH);
  const end = ways.run();
  while (ways.session === null) await rest(1);
  ways.stop();
  await end;
  assert.deepEqual([ways.failure, ways.losses], ["", {}]);
  assert.equal(at.length, 2);
  assert.equal(at[0], at[1]);
  main.dispose();
});

Deno.test("a run too near its end cannot go on so far", async () => {
  const main = makeSession(), host = { makeWorker, cores: 1, sessions: {}, turns: new Turns() };
  const ways = new TwoWays(main, host, TrainingSession, { place: 1, words: "another run" }, LENGTH);
  assert.ok(ways.possible);
  main.start();
  await outcome(main);
  assert.ok(!ways.possible);
  main.dispose();
});

Deno.test("trying weights measures them, and leaves the run as it is", async () => {
  const session = makeSession();
  const { params } = await session.weights(), before = await session.hashes();
  const own = await session.tryWeights(params), other = await session.tryWeights(flipped(params, 0, 29));
  assert.equal(own.fingerprint, before.weights);
  assert.notEqual(other.fingerprint, own.fingerprint);
  assert.ok(own.val !== null && other.val !== null && own.val !== other.val);
  assert.deepEqual(await session.hashes(), before);
  assert.ok(Number.isNaN((await session.tryWeights(params.map((n, i) => i === 3 ? Infinity : n))).val));
  assert.notEqual(session.status, "failed");
  session.dispose();
});

Deno.test("a flipped bit is the one that was asked for", () => {
  const weights = Float32Array.of(0.5, 1.5, -2);
  assert.deepEqual([...flipped(weights, 1, 31)], [0.5, -1.5, -2]);
  assert.deepEqual([...flipped(weights, 2, 23)], [0.5, 1.5, -4]);
  assert.deepEqual([...weights], [0.5, 1.5, -2]);
});

Deno.test("a trained model, tried twice, has the same loss to the last bit", async () => {
  const kept = await Kept.of();
  await kept.train_to(8);
  const { params } = await kept.trainer.save();
  assert.equal(await kept.trainer.evaluateWith(params), await kept.trainer.evaluate());
});
