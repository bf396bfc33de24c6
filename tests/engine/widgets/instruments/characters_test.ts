// Catches: an arrow key that leaves the text, or that does not reach the character above or below.
import assert from "node:assert/strict";
import { onNextLine } from "../../../../engine/widgets/instruments/characters.ts";
import { stepOf } from "../../../../engine/widgets/instruments/shade.ts";

/** Three lines: of ten characters, of two, and of ten, the middle of whose line breaks is at their end. */
const PLACES = [10, 2, 10].flatMap((length, line) =>
  Array.from({ length }, (_, i) => ({ x: 8 * i, y: 24 * line + (i % 2) }))
);

Deno.test("up and down reach the nearest character of the next line", () => {
  assert.equal(onNextLine(PLACES, 1, 1), 11);
  assert.equal(onNextLine(PLACES, 7, 1), 11, "a shorter line ends before");
  assert.equal(onNextLine(PLACES, 11, 1), 13);
  assert.equal(onNextLine(PLACES, 12, -1), 10);
  assert.equal(onNextLine(PLACES, 10, -1), 0);
});

Deno.test("beyond the first and the last line there is nothing to reach", () => {
  assert.equal(onNextLine(PLACES, 4, -1), 4);
  assert.equal(onNextLine(PLACES, 19, 1), 19);
  assert.equal(onNextLine([{ x: 0, y: 0 }], 0, 1), 0);
});

Deno.test("shades have steps of one nat, and a last one for all above", () => {
  assert.deepEqual([0, -0, 0.99, 1, 2.5, 4.99, 5, 40, Infinity].map(stepOf), [0, 0, 0, 1, 2, 4, 5, 5, 5]);
});
