// Catches: a prompt whose unknown characters are dropped, an answer that depends on anything but weights, prompt and
// dice, a question that changes the run it asks, weights kept from another run or at another iteration, a stop that
// leaves a Worker behind.
import assert from "node:assert/strict";
import { fitting, KeptWeights } from "../../../engine/session/kept_weights.ts";
import type { Weights } from "../../../engine/session/session.ts";
import { type Question, readPrompt, Talk } from "../../../engine/session/talk.ts";
import { EngineLink } from "../../../engine/workers/engine_link.ts";
import { smallRun } from "../small_runs.ts";
import { makeSession, makeWorker, outcome, undisturbed, until } from "./sessions.ts";

const QUESTION: Question = { prompt: "to be", temperature: 0.8, top_k: null, characters: 20, dice: "hamlet" };
let workers = 0;
const host = {
  cores: 1,
  makeWorker() {
    workers++;
    const worker = makeWorker(), terminate = worker.terminate.bind(worker);
    worker.terminate = () => {
      workers--;
      terminate();
    };
    return worker;
  },
};
const talk = () => new Talk((listeners) => new EngineLink(host, listeners), 0.01, () => {});

const model = { ...smallRun().model, vocab_size: 3, block_size: 4 };
const weights = (characters = ["\n", "a", "b"]): Weights => ({
  iteration: 0,
  model,
  characters,
  params: new Float32Array(),
});

Deno.test("a prompt is read whole, or the reader learns why not", () => {
  const read = (prompt: string, given = weights()) => readPrompt(prompt, given);
  assert.deepEqual([...read("ab\na").tokens], [1, 2, 0, 1]);
  assert.deepEqual(read("a😀xaé😀b").unknown, ["😀", "x", "é"], "unknown characters are named once, in order");
  const long = read("aaaabab");
  assert.deepEqual([long.text, long.left_out, long.unknown], ["abab", 3, []]);
  assert.deepEqual(read("x" + "a".repeat(9)).unknown, ["x"], "also among those that the model does not see");
  const empty = read("");
  assert.deepEqual([empty.text, empty.empty, [...empty.tokens]], ["\n", true, [0]]);
  assert.deepEqual(read("", weights(["a", "b", "c"])).text, "a");
  assert.deepEqual(read("a\r\nb").text, "a\nb");
});

Deno.test("where there is no room for all weights, those between the closest are left out", () => {
  const at = [0, 25, 50, 100, 200, 400, 600].map((iteration) => ({
    ...weights(),
    iteration,
    params: new Float32Array(10),
  }));
  assert.deepEqual(fitting(at, 280).map(({ iteration }) => iteration), [0, 25, 50, 100, 200, 400, 600]);
  assert.deepEqual(fitting(at, 160).map(({ iteration }) => iteration), [0, 200, 400, 600]);
  assert.deepEqual(fitting(at, 0).map(({ iteration }) => iteration), [0, 600]);
});

Deno.test("a question between two iterations and the weights of every sample change nothing in a run", async () => {
  const session = makeSession(2), kept = new KeptWeights(session), asking = talk();
  session.start();
  await until(session, () => session.iteration >= 25);
  await asking.ask(QUESTION, [() => session.weights()]);
  assert.deepEqual(await outcome(session), await undisturbed());
  await until(session, () => kept.all.length === 5);
  assert.deepEqual(kept.all.map(({ iteration }) => iteration), [0, 10, 20, 40, 60]);
  const [{ text, prompt, failure }] = asking.answers;
  assert.deepEqual([text.length, prompt!.text, failure], [20, "to be", null]);

  // With its own prompt and dice, the weights of every milestone write what the run wrote there.
  const { samples } = session;
  for (const [i, sample] of samples.entries()) {
    const own = { ...QUESTION, prompt: sample.prompt, characters: sample.text.length };
    await asking.ask(own, [() => Promise.resolve(kept.all[i])]);
    assert.equal(asking.answers[0].text, sample.text);
  }
  session.release();
  await asking.ask(QUESTION, kept.all.slice(-2).map((one) => () => Promise.resolve(one)));
  const both = asking.answers.map(({ text, iteration }) => [iteration, text]);
  await asking.ask(QUESTION, kept.all.slice(-1).map((one) => () => Promise.resolve(one)));
  assert.deepEqual([asking.answers[0].iteration, asking.answers[0].text], both[1], "the same dice, the same answer");
  assert.notEqual(both[0][1], both[1][1]);
  await asking.ask({ ...QUESTION, dice: "other" }, kept.all.slice(-1).map((one) => () => Promise.resolve(one)));
  assert.notEqual(asking.answers[0].text, both[1][1]);

  session.reset("ophelia");
  assert.equal(kept.all.length, 0, "a reset removes the weights of the run before");
  session.dispose();
  kept.stop();
  assert.equal(workers, 0);
});

Deno.test("unknown characters, a run without weights, and a stop each end an answer, and its Worker", async () => {
  const session = makeSession(), asking = talk(), live = () => session.weights();
  await asking.ask({ ...QUESTION, prompt: "to éb" }, [live]);
  assert.deepEqual([asking.answers[0].prompt!.unknown, asking.answers[0].text], [["é"], ""]);
  session.start();
  await until(session, () => session.iteration > 3);
  session.release();
  await asking.ask(QUESTION, [live]);
  assert.match(asking.answers[0].failure!, /closed|released/);
  session.reset();
  const slow = new Talk((listeners) => new EngineLink(host, listeners), 50, () => {}),
    asked = slow.ask({ ...QUESTION, characters: 200 }, [live]);
  while (slow.answers[0].text.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  slow.stop();
  await asked;
  const { length } = slow.answers[0].text;
  assert.ok(!slow.writing && length >= 3 && length < 200, `${length} characters`);
  assert.equal(workers, 0);
  session.dispose();
});
