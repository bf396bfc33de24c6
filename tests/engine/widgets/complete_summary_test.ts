// Catches: a lesson's end that gives away a right answer, repeats what the reader said, or hides how it turned out.
import assert from "node:assert/strict";
import { outcomeOf } from "../../../engine/widgets/complete_summary.ts";
import type { Commitment } from "../../../engine/widgets/shared/reader_record.ts";

const ANSWER: Commitment = { key: "answer:1", kind: "answer", asked: "?", said: "three", outcome: null, right: false };

Deno.test("a wrong answer shows the right one once it is known", () => {
  assert.equal(outcomeOf(ANSWER), "You have not found the right answer yet.");
  assert.equal(outcomeOf({ ...ANSWER, outcome: "four" }), "The right answer: four");
  assert.equal(outcomeOf({ ...ANSWER, said: "four", outcome: "four", right: true }), null);
});

Deno.test("a question asked twice says how well the evidence supports the answer at the end", () => {
  const outcome = "The evidence supports it well.";
  const said = "Your answer at the end: the evidence supports it well.";
  assert.equal(outcomeOf({ ...ANSWER, outcome, right: null }), said);
  assert.equal(outcomeOf({ ...ANSWER, right: null }), null);
});

Deno.test("a diagnosis shows the page's verdict, whether or not it was right", () => {
  for (const right of [true, false]) {
    assert.equal(outcomeOf({ ...ANSWER, kind: "diagnosis", outcome: "Clean.", right }), "The page's verdict: Clean.");
  }
});

Deno.test("outcomes that are whole sentences stand alone", () => {
  const experiment: Commitment = { ...ANSWER, key: "experiment:warm-up", outcome: "The lowest are two." };
  assert.equal(outcomeOf(experiment), "The lowest are two.");
  assert.equal(outcomeOf({ ...experiment, right: true }), "The lowest are two.");
  const guess: Commitment = { ...ANSWER, key: "end:main", kind: "end", right: null };
  assert.equal(outcomeOf({ ...guess, outcome: "You guessed 2." }), "You guessed 2.");
  assert.equal(outcomeOf(guess), null);
});
