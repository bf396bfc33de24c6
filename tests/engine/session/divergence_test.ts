// Catches: a run that becomes NaN without an explanation, or with the wrong one. Each cause is checked by removing it.
import assert from "node:assert/strict";
import { causeOfDivergence, withCause } from "../../../engine/session/divergence.ts";
import type { History } from "../../../engine/session/history.ts";
import { verdictOf } from "../../../engine/session/verdict.ts";
import { smallRun, smallText, smallTrainer } from "../small_runs.ts";

/** The learning rate stays near its peak for this long. */
const ITERATIONS = 150;

async function divergence(learning_rate: number, weight_decay: number) {
  const run = smallRun({ learning_rate, weight_decay, warmup_iterations: 50, iterations: 1000, batch_size: 1 });
  const trainer = await smallTrainer(run, smallText(2000)), train: number[] = [];
  await trainer.train(ITERATIONS, ({ losses: more }) => train.push(...more), { requested: false });
  const history: History = { iteration: train.map((_, i) => i), train, val: train.map(() => null) };
  const verdict = withCause(verdictOf(history, 20), trainer.run.training);
  return { training: trainer.run.training, at: trainer.diverged_at, verdict };
}

for (const rate of [30, 40, 100, 300, 1e3]) {
  Deno.test(`at a rate of ${rate} weight decay is the cause: without it the run stays finite`, async () => {
    const { at, training, verdict } = await divergence(rate, 0.1);
    assert.ok(at !== null, "it stayed a number");
    assert.equal((await divergence(rate, 0)).at, null);
    assert.equal(causeOfDivergence(training, at)?.kind, "decay");
    assert.match(
      verdict.words,
      /^NaN at iteration \d+: .*Weight decay multiplies .* here by −[\d.]+: above a rate of 20 /,
    );
  });
}

for (const rate of [1e10, 1e15, 1e37]) {
  Deno.test(`at a rate of ${rate} the steps are the cause: the run diverges without decay too`, async () => {
    const { at, training, verdict } = await divergence(rate, 0.1), undecayed = await divergence(rate, 0);
    assert.ok(at !== null && at <= 3 && undecayed.at !== null && undecayed.at < 20, `${at}, ${undecayed.at}`);
    assert.equal(causeOfDivergence(training, at)?.kind, "steps");
    assert.match(verdict.words, /by up to ([\d.]+ × )?10[⁰¹²³⁴⁵⁶⁷⁸⁹]+ in an iteration: products/);
  });
}

Deno.test("the cause depends on the rate reached so far, and on the run's weight decay", () => {
  const { training } = smallRun({ learning_rate: 30, warmup_iterations: 100, weight_decay: 0.1, iterations: 200 });
  assert.equal(causeOfDivergence(training, 50), null, "the rate was 15");
  assert.equal(causeOfDivergence(training, 90)?.kind, "decay");
  assert.equal(causeOfDivergence({ ...training, weight_decay: 0.01 }, 90), null);
  assert.equal(causeOfDivergence({ ...training, learning_rate: 3, weight_decay: 1 }, 90)?.kind, "decay");
});

Deno.test("a verdict other than NaN gives no cause", () => {
  const { training } = smallRun({ learning_rate: 1e3 });
  const verdict = { name: "exploded", iteration: 3, words: "Exploded." } as const;
  assert.deepEqual(withCause(verdict, training), verdict);
});
