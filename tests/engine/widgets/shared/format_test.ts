// Catches: a readout with a wrong number or wrong words, or one that hides an infinite or NaN loss.
import assert from "node:assert/strict";
import {
  asUnsureAs,
  count,
  DASH,
  duration,
  learningRate,
  loss,
  rate,
  timeAhead,
  timeLeft,
} from "../../../../engine/widgets/shared/format.ts";

Deno.test("a loss has four decimals; without one there is a dash", () => {
  assert.equal(loss(null), DASH);
  assert.equal(loss(4.18768), "4.1877");
  assert.equal(loss(0), "0.0000");
  assert.equal(loss(2000.12345), "2000.1235");
});

Deno.test("an infinite or NaN loss is shown as such", () => {
  assert.deepEqual([loss(NaN), loss(Infinity), loss(-Infinity)], ["NaN", "∞", "−∞"]);
});

Deno.test("a loss means a choice among e^loss characters", () => {
  assert.equal(asUnsureAs(null, 65), "");
  assert.equal(asUnsureAs(Math.log(65), 65), "like guessing among 65 characters");
  assert.equal(asUnsureAs(1.74, 65), "like guessing among 5.7 characters");
  assert.equal(asUnsureAs(Math.log(2), 65), "like guessing among 2.0 characters");
});

Deno.test("9.95 to 10 characters are never shown as 10.0", () => {
  assert.equal(asUnsureAs(Math.log(9.97), 65), "like guessing among 10 characters");
  assert.equal(asUnsureAs(Math.log(9.94), 65), "like guessing among 9.9 characters");
});

Deno.test("a loss far above ln V is no longer a choice among characters", () => {
  for (const nats of [6, 2000, Infinity, NaN]) {
    assert.equal(asUnsureAs(nats, 65), "much worse than guessing evenly among all 65 characters");
  }
});

Deno.test("rates keep three digits from a slow tab to a fast GPU", () => {
  assert.deepEqual([null, 0.84, 9.876, 12.34, 1525.4].map(rate), [DASH, "0.84", "9.88", "12.3", "1,525"]);
});

Deno.test("rates change their form without a jump in digits", () => {
  assert.deepEqual([9.994, 9.996, 99.94, 99.96].map(rate), ["9.99", "10.0", "99.9", "100"]);
});

Deno.test("learning rates have three digits, in scientific notation if small", () => {
  assert.deepEqual([null, 3e-3, 2.9999e-5, 0, 0.5, 10].map(learningRate), [
    DASH,
    "3.00e-3",
    "3.00e-5",
    "0.00",
    "0.500",
    "10.0",
  ]);
});

Deno.test("elapsed time never shows 60 seconds or 60 minutes", () => {
  assert.deepEqual([0, 8230, 59_940, 59_960, 65_000, 3_599_400, 3_599_600, 7_380_000].map(duration), [
    "0.0 s",
    "8.2 s",
    "59.9 s",
    "1 min 00 s",
    "1 min 05 s",
    "59 min 59 s",
    "1 h 00 min",
    "2 h 03 min",
  ]);
});

Deno.test("time left is rounded like an estimate", () => {
  assert.equal(timeLeft(null), "");
  assert.equal(timeLeft(Infinity), "");
  assert.deepEqual([1000, 42_000, 87_000, 88_000, 200_000, 3_590_000, 5_000_000, 7_200_000].map(timeLeft), [
    "a few seconds left",
    "about 40 s left",
    "about 85 s left",
    "about 1 min left",
    "about 3 min left",
    "about 1 h left",
    "about 1 h 20 min left",
    "about 2 h left",
  ]);
});

Deno.test("before a run begins, its whole time is given in words", () => {
  assert.equal(timeAhead(null, 2000), "");
  assert.deepEqual([1200, 42_000, 60_000, 90_000, 184_000, 3_700_000, 8_000_000].map((ms) => timeAhead(ms, 2000)), [
    "a run of 2,000 iterations takes a few seconds here",
    "a run of 2,000 iterations takes about 40 seconds here",
    "a run of 2,000 iterations takes about 60 seconds here",
    "a run of 2,000 iterations takes about 2 minutes here",
    "a run of 2,000 iterations takes about 3 minutes here",
    "a run of 2,000 iterations takes about 1 hour here",
    "a run of 2,000 iterations takes about 2 hours 10 minutes here",
  ]);
});

Deno.test("numbers have thousands separators", () => {
  assert.deepEqual([65, 2000, 1115394].map(count), ["65", "2,000", "1,115,394"]);
});
