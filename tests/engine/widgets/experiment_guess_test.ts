// Catches: a guess called wrong although chance decides, or right although it is not; an end that is not the last loss.
import assert from "node:assert/strict";
import { ends, here, verdictOnGuess } from "../../../engine/widgets/experiment_guess.ts";
import type { ExperimentRun } from "../../../engine/widgets/shared/island.ts";

const run = (label: string, end: number) => ({ name: label, label, end, seed_of: "clean" }) as ExperimentRun;
const [low, near, high] = [run("low", 2.368), run("near", 2.372), run("high", 2.637)];

Deno.test("the lowest run is right, and so is one that only chance separates from it", () => {
  for (const guess of [low, near]) {
    const { right, words } = verdictOnGuess(guess, [near, high, low]);
    assert.equal(right, true);
    assert.equal(
      words,
      "That is right. The lowest are “low” at 2.368 and “near” at 2.372: so close that another seed may change their order.",
    );
  }
});

Deno.test("a wrong guess learns how far off it is, and which run is right", () => {
  assert.deepEqual(verdictOnGuess(high, [low, high]), {
    right: false,
    outcome: "The lowest is “low” at 2.368.",
    words: "Not this one: it ends at 2.637, 0.269 nats above the lowest. The lowest is “low” at 2.368.",
  });
});

Deno.test("a run that diverged has no end, however low its last val loss was", () => {
  const lost = { ...run("lost", 0), end: null };
  assert.equal(verdictOnGuess(low, [lost, high, low]).right, true);
  const { right, words } = verdictOnGuess(lost, [lost, low, high]);
  assert.deepEqual([right, words], [false, "Not this one: it diverged. The lowest is “low” at 2.368."]);
  const none = verdictOnGuess(lost, [lost, { ...lost, label: "too" }]);
  assert.deepEqual([none.right, none.words], [false, "Not this one: it diverged. All of these runs diverged."]);
  assert.equal(ends("recorded", null), "recorded, it diverged");
});

Deno.test("only a finished run ends: with its last val loss, or its last train loss where there is no val loss", () => {
  const history = { iteration: [0, 1, 2], train: [4, 3, null], val: [4.1, null, 2.9] }, none = [null, null, null];
  assert.equal(here(history, 2, false), "here, it ends at 2.900");
  assert.equal(here({ ...history, val: none }, 2, false), "here, it ends at 3.000");
  assert.equal(here(history, 2, true), "here so far: val NLL 2.900 at iteration 2", "not all is measured yet");
  const early = { iteration: [0, 1], train: [4, 3], val: [4.188, null] };
  assert.equal(here(early, 300, true), "here so far: val NLL 4.188 at iteration 0");
  assert.equal(here(early, 300, false), "here, stopped: val NLL 4.188 at iteration 0");
  assert.equal(here({ ...early, val: [null, null] }, 300, true), "here so far: train NLL 3.000 at iteration 1");
  assert.equal(here({ ...early, train: [4, NaN] }, 300, false), "here, it diverged");
  assert.equal(here({ iteration: [], train: [], val: [] }, 300, true), "");
});
