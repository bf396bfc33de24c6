// Catches: a question that counts an answer twice, goes on after it is solved, or restores another question's answers.
import assert from "node:assert/strict";
import { answered, restored, stateOf } from "../../../engine/widgets/quiz_state.ts";

const CORRECT = [false, true, false];

Deno.test("each wrong answer is kept; the right one solves the question", () => {
  let state = stateOf([], CORRECT);
  assert.equal(state.solved, false);
  state = answered(state, 2, CORRECT);
  assert.deepEqual(state, { tried: [2], solved: false });
  state = answered(state, 2, CORRECT);
  assert.deepEqual(state.tried, [2]);
  state = answered(state, 1, CORRECT);
  assert.deepEqual(state, { tried: [2, 1], solved: true });
  assert.deepEqual(answered(state, 0, CORRECT).tried, [2, 1]);
});

Deno.test("stored answers are restored", () => {
  assert.deepEqual(restored([0, 1], CORRECT), { tried: [0, 1], solved: true });
  assert.deepEqual(restored([2, 0], CORRECT), { tried: [2, 0], solved: false });
});

Deno.test("stored values that do not fit the question are ignored", () => {
  for (const kept of [null, "x", {}, [3], [-1], [0.5], ["1"], [0, 0], [1, 0], [0, 1, 2]]) {
    assert.deepEqual(restored(kept, CORRECT), { tried: [], solved: false }, JSON.stringify(kept));
  }
});
