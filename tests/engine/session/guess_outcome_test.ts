// Catches: a comparison that names the wrong place, repeats itself or hides that the run diverged; a floor on the wrong
// side of a guess; a distance over other readings than those where the reader drew.
import assert from "node:assert/strict";
import { curveOutcome, type Distance, distance, endOutcome } from "../../../engine/session/guess_outcome.ts";

const rows = (n: number) => Array.from({ length: n }, (_, i) => i);
const RUN = { diverged: false, iteration: 2000, loss: "val", end: 1.77, floor: null } as const;
const FAR = { iteration: 200, guess: 3.9, run: 2.6 }, LAST = { iteration: 2000, guess: 1.5, run: 1.77 };
const FOUND: Distance = { loss: "val", readings: 13, mean: 0.43, furthest: FAR, last: LAST };

Deno.test("a curve's comparison says how far off, where, and how both ended", () => {
  assert.equal(
    curveOutcome(FOUND, RUN),
    "Your guess was 0.43 nats off on average over the 13 measurements of val NLL, most at iteration 200, where you guessed " +
      "3.90 and the run was at 2.60. You ended at 1.50, the run at 1.77.",
  );
  const once = curveOutcome({ ...FOUND, furthest: LAST }, RUN);
  assert.ok(once.endsWith("most at the end, where you guessed 1.50 and the run was at 1.77."), once);
});

Deno.test("a comparison that stops before the run's end says where, and whether the run diverged", () => {
  const early = { ...FOUND, last: { iteration: 800, guess: 2.1, run: 2.3 } };
  const stopped = curveOutcome(early, RUN);
  assert.ok(
    stopped.endsWith("At iteration 800, the last to compare, you guessed 2.10 and the run was at 2.30."),
    stopped,
  );
  const short = curveOutcome({ ...early, furthest: early.last }, RUN);
  assert.ok(short.endsWith("was at 2.30. You drew nothing after that."), short);
  const doomed = { ...RUN, diverged: true, iteration: 38, end: null };
  const train: Distance = { ...FOUND, loss: "train", readings: 37, last: { iteration: 37, guess: 2, run: 1e30 } };
  const said = curveOutcome(train, doomed);
  assert.ok(said.includes("over the train NLL of 37 iterations") && said.includes("at 10³⁰; it diverged"), said);
  assert.ok(curveOutcome(null, doomed).endsWith("where you drew; it diverged at iteration 38."));
  const only = curveOutcome({ ...train, furthest: train.last }, doomed);
  assert.ok(only.endsWith("was at 10³⁰. It diverged at iteration 38."), only);
});

Deno.test("an end is compared with the run's, and with the floor on its own side", () => {
  const start = "You guessed an end at 1.20 nats per character. ";
  assert.equal(endOutcome(1.2, RUN), `${start}The run ended at 1.77 (val NLL), 0.57 above your guess.`);
  assert.ok(endOutcome(1.2, { ...RUN, end: 1.2004 }).endsWith("equal to your guess to two decimals."));
  const floor = { ...RUN, end: 1.35, floor: 1.02 };
  assert.ok(
    endOutcome(1.2, floor).endsWith(
      "The floor of this text is 1.02: your guess was 0.18 above it, the run 0.33 above it.",
    ),
  );
  assert.ok(endOutcome(0.8, floor).endsWith("is 1.02, 0.22 above your guess: no model can stay that low."));
  const lost = endOutcome(1.2, { ...floor, diverged: true, iteration: 38, end: null });
  assert.ok(
    lost.includes("no loss at its end; it diverged at iteration 38. The floor") && lost.endsWith("above it."),
    lost,
  );
});

Deno.test("a guess is compared with val NLL where it was measured and drawn", () => {
  const val = rows(101).map((i) => i % 25 === 0 ? 4 - i / 50 : null);
  const history = { iteration: rows(101), train: rows(101).map(() => 9), val };
  const found = distance([[20, 4], [100, 4]], history)!;
  assert.deepEqual([found.loss, found.readings], ["val", 4]);
  assert.ok(Math.abs(found.mean - (0.5 + 1 + 1.5 + 2) / 4) < 1e-12);
  assert.deepEqual(found.furthest, { iteration: 100, guess: 4, run: 2 });
  assert.equal(found.last, found.furthest);
});

Deno.test("without two measurements, a guess is compared with the finite train NLL", () => {
  const train = rows(11).map((i) => i < 5 ? 4 + i : i === 5 ? Infinity : NaN);
  const history = { iteration: rows(11), train, val: rows(11).map((i) => i === 0 ? 4 : null) };
  const found = distance([[0, 4], [10, 4]], history)!;
  assert.deepEqual([found.loss, found.readings, found.mean], ["train", 5, 2]);
  assert.deepEqual(found.last, { iteration: 4, guess: 4, run: 8 });
  assert.equal(distance([[8, 4], [10, 4]], history), null);
  assert.equal(distance([[0, 4], [10, 4]], { iteration: [], train: [], val: [] }), null);
});
