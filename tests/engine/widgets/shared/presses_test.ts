// Catches: an accidental press that undoes the previous one or destroys something; an intended press that is ignored.
import assert from "node:assert/strict";
import { MOMENT_MS, Presses } from "../../../../engine/widgets/shared/presses.ts";

const START = { name: "start" }, RESET = { name: "reset" };

/** A click from down to up, handled if it counts. */
function click(presses: Presses<object>, at: number, given: { detail?: number; held?: number; touch?: boolean } = {}) {
  const { detail = 1, held = 80, touch = false } = given;
  presses.down(START, at, touch ? "touch" : "mouse");
  presses.up(at + held);
  return answer(presses, presses.counts(START, at + held, detail), at + held);
}

/** Changes the button's label at every press that counts. */
function answer(presses: Presses<object>, counts: boolean, now: number): boolean {
  if (counts) presses.relabelled(START, now);
  presses.answered();
  return counts;
}

Deno.test("only the first of a double or triple click counts, with a mouse or a finger", () => {
  const mouse = new Presses<object>(), finger = new Presses<object>();
  assert.deepEqual([1, 2, 3].map((detail) => click(mouse, 1000 + 200 * detail, { detail })), [true, false, false]);
  // Some browsers count taps in `detail`, others always give 1.
  assert.deepEqual([0, 200, 900].map((ms) => click(finger, 1000 + ms, { touch: true })), [true, false, true]);
});

Deno.test("two deliberate presses count, and so do presses by a keyboard, a screen reader and a script", () => {
  const presses = new Presses<object>();
  assert.deepEqual([1000, 1900].map((at) => click(presses, at)), [true, true]);
  for (const at of [3000, 3100]) {
    presses.down(START, at, "key");
    assert.ok(answer(presses, presses.counts(START, at, 0), at), "a key, pressed again quickly");
  }
  assert.ok(answer(presses, presses.counts(START, 5000, 0), 5000), "nothing goes down for a screen reader");
  assert.ok(answer(presses, presses.counts(START, 5100, 0), 5100));
});

Deno.test("a label that the reader's own press changed may be pressed at once: Reset, then Start", () => {
  const presses = new Presses<object>();
  presses.relabelled(START, 900);
  assert.ok(presses.counts(RESET, 1000, 1));
  presses.relabelled(START, 1000);
  presses.answered();
  assert.ok(click(presses, 1100));
});

Deno.test("a press just after the label changed by itself does not count: it was meant for the old label", () => {
  const presses = new Presses<object>();
  presses.relabelled(START, 1000);
  assert.deepEqual([1100, 1300].map((at) => click(presses, at)), [false, false]);
  assert.ok(!presses.counts(START, 1450, 0), "a key or a screen reader may be too late as well");
  assert.ok(presses.counts(RESET, 1300, 1), "another button says what it said");
  assert.ok(click(presses, 1000 + MOMENT_MS));
});

Deno.test("a press that began before the label changed does not count, however long it is held", () => {
  const presses = new Presses<object>();
  presses.down(START, 1000);
  presses.relabelled(START, 1400);
  presses.up(3000);
  assert.ok(!presses.counts(START, 3000, 1));
  assert.ok(click(presses, 4000), "the next press counts again");
  presses.down(START, 5000); // and released where the page does not notice
  presses.relabelled(START, 5100);
  presses.down(null, 9000);
  assert.ok(presses.counts(START, 9000, 0));
});

Deno.test("a button that appears under the pointer is not pressed by a double click's second half", () => {
  const presses = new Presses<object>();
  assert.ok(presses.counts(RESET, 1000, 1));
  presses.appeared(START, 1000);
  presses.answered();
  assert.ok(!click(presses, 1150));
  assert.ok(click(presses, 1700));
});

Deno.test("if a key press moves the focus to a button, the same key pressed twice does not press it", () => {
  const presses = new Presses<object>();
  const pressed = (at: number, means: "key" | "mouse") => {
    presses.down(START, at, means);
    return presses.counts(START, at, means === "key" ? 0 : 1);
  };
  presses.focused(START, 1000);
  assert.deepEqual([pressed(1150, "key"), pressed(1300, "mouse"), pressed(1000 + MOMENT_MS, "key")], [
    false,
    true,
    true,
  ]);
  presses.focused(START, 5000);
  assert.ok(presses.counts(START, 5100, 0), "a screen reader's or a script's");
});
