// Which milestone of which run an instrument shows.
//
// Catches: a block that stays on the recording although the reader's run has begun, that jumps away from what the reader
// chose, or that shows a run that was reset.
import assert from "node:assert/strict";
import { MilestoneChoice } from "../../../../engine/widgets/instruments/milestone_choice.ts";

const at = (...iterations: number[]) => iterations.map((iteration) => ({ iteration }));

function choice(recorded: number[]) {
  const own: { iteration: number }[] = [];
  const made = new MilestoneChoice(at(...recorded), () => own);
  return { made, own, shown: () => [made.whose, made.shown?.iteration] };
}

Deno.test("the recording's end is shown until the reader's run has begun, then its newest milestone", () => {
  const { made, own, shown } = choice([0, 200, 400]);
  assert.deepEqual(shown(), ["recorded", 400]);
  assert.equal(made.has("own"), false);
  own.push(...at(0));
  assert.deepEqual(shown(), ["own", 0]);
  own.push(...at(25, 50));
  assert.deepEqual(shown(), ["own", 50]);
  own.length = 0;
  assert.deepEqual(shown(), ["recorded", 400]);
});

Deno.test("what the reader has chosen stays, and the newest stays the newest", () => {
  const { made, own, shown } = choice([0, 200, 400]);
  own.push(...at(0, 25, 50));
  made.goTo(1);
  own.push(...at(100));
  assert.deepEqual(shown(), ["own", 25]);
  made.goTo(3);
  own.push(...at(200));
  assert.deepEqual(shown(), ["own", 200]);
  made.choose("recorded");
  made.goTo(0);
  own.push(...at(400));
  assert.deepEqual(shown(), ["recorded", 0]);
  made.choose("own");
  assert.deepEqual(shown(), ["own", 400]);
});

Deno.test("pointing at an iteration shows the last milestone up to it, and only while it lasts", () => {
  const { made, own, shown } = choice([]);
  assert.deepEqual(shown(), ["own", undefined]);
  own.push(...at(0, 25, 200));
  made.point(199);
  assert.deepEqual(shown(), ["own", 25]);
  made.point(null);
  assert.deepEqual(shown(), ["own", 200]);
});

Deno.test("a replay moves the recorded run alone", () => {
  const { made, own, shown } = choice([0, 200, 400]);
  made.replay(399);
  assert.deepEqual(shown(), ["recorded", 200]);
  own.push(...at(0, 25));
  made.replay(0);
  assert.deepEqual(shown(), ["own", 25]);
});
