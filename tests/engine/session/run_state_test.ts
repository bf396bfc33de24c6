// Catches: a run that goes back and keeps a sample that it will write again.
import assert from "node:assert/strict";
import { RunState } from "../../../engine/session/run_state.ts";
import { Speech } from "../../../engine/session/speech.ts";
import type { Sample } from "../../../engine/training/trainer.ts";
import { options } from "./sessions.ts";

const sampleAt = (iteration: number): Sample => ({ iteration, val: 2, phase: "", prompt: "a", text: "b" });

Deno.test("a run that goes back discards later samples, the one being written too", () => {
  for (const [iteration, kept] of [[30, true], [31, true], [20, false], [0, false]] as const) {
    const state = new RunState(options()), earlier = sampleAt(0);
    state.iteration = 30;
    state.samples = [earlier, sampleAt(25)];
    const speech = state.speaking = new Speech(sampleAt(29));
    state.rewind(iteration);
    assert.deepEqual([state.iteration, state.speaking], [iteration, kept ? speech : null]);
    assert.deepEqual(state.samples.map((sample) => sample.iteration), [0, 25].filter((at) => at < iteration));
  }
});
