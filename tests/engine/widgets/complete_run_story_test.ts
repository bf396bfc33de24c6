// Catches: a sentence at the lesson's end that does not match the run.
import assert from "node:assert/strict";
import { type Run, runStory } from "../../../engine/widgets/complete_run_story.ts";

const RUN: Run = {
  status: "running",
  seed: "a b",
  iteration: 800,
  iterations: 2000,
  val_nll: 1.95678,
  phase: "words",
  engine: null,
};

Deno.test("the sentence gives a run's iteration, loss and phase", () => {
  assert.equal(
    runStory(RUN),
    "The run above, with the seed “a b”, is at iteration 800 of 2,000; val NLL 1.9568 nats per character; phase: words.",
  );
  assert.match(runStory({ ...RUN, status: "done", iteration: 2000 }), /is done, at iteration 2,000 of 2,000;/);
  assert.match(runStory({ ...RUN, engine: { description: "CPU engine" } }), /words\. Engine: CPU engine\.$/);
  assert.match(runStory({ ...RUN, status: "paused" }), /is paused at iteration 800/);
  assert.match(runStory({ ...RUN, status: "diverged", val_nll: NaN }), /diverged at iteration 800 .* val NLL NaN/);
});

Deno.test("unknown values are left out", () => {
  const story = runStory({ ...RUN, iteration: 3, val_nll: null, phase: null });
  assert.ok(story.endsWith("is at iteration 3 of 2,000."), story);
});

Deno.test("for a run that has not begun or has failed, the sentence gives no iteration or loss", () => {
  for (const status of ["idle", "loading", "failed"] as const) {
    assert.doesNotMatch(runStory({ ...RUN, status }), /iteration|NLL/, status);
  }
});
