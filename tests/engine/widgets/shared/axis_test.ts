// Catches: a loss axis without labels, or with labels that touch or are wrong, from a loss of 0.0001 to the largest
// 32-bit number.
import assert from "node:assert/strict";
import { badge } from "../../../../engine/wording.ts";
import { large } from "../../../../engine/wording.ts";
import { logLossTicks, lossLabel } from "../../../../engine/widgets/shared/axis.ts";
import { levelsOf, standing } from "../../../../engine/widgets/shared/curve.ts";
import { learningRate, loss } from "../../../../engine/widgets/shared/format.ts";

const HEIGHTS = [90, 150, 240, 400], LABELS = [10, 12, 16];

Deno.test("for any range of losses, the axis has labels that do not touch", () => {
  for (const high of [9, 50, 5e3, 2e4, 3e5, 8e8, 2e17, 3e25, 3.4e38]) {
    for (const low of [1e-4, 0.03, 2.4, 3.3]) {
      for (const height of HEIGHTS) {
        for (const label of LABELS) {
          const ticks = logLossTicks(low, high, height, label), where = `${low} to ${high} on ${height} at ${label}`;
          const decades = Math.log10(high / low), place = (tick: number) => Math.log10(tick / low) / decades * height;
          // A short axis between two powers of ten may contain no power; then it has 2 or 5, if they fit.
          if (decades > 2.5) assert.ok(ticks.length >= 2, `${ticks} for ${where}`);
          assert.ok(ticks.every((tick) => tick >= low && tick <= high), where);
          for (let i = 1; i < ticks.length; i++) {
            assert.ok(place(ticks[i]) - place(ticks[i - 1]) >= 1.5 * label, `${ticks[i - 1]}, ${ticks[i]}: ${where}`);
          }
          for (const tick of ticks.filter((tick) => tick >= 10_000)) {
            assert.match(lossLabel(tick), /^10[⁰¹²³⁴⁵⁶⁷⁸⁹]+$/, "beyond 10,000 powers of ten");
          }
        }
      }
    }
  }
});

Deno.test("labels are plain numbers or powers of ten", () => {
  assert.deepEqual([0, 0.05, 2.5, 5000, 10_000, 1e17, 2.5e9, 1e-3].map(lossLabel), [
    ...["0", "0.05", "2.5", "5,000", "10⁴", "10¹⁷", "2.5 × 10⁹", "10⁻³"],
  ]);
});

Deno.test("readouts and sentences write only huge numbers with powers of ten", () => {
  assert.deepEqual([loss(4.1744), loss(123_456), loss(2.9e17), loss(3e38)], [
    ...["4.1744", "123456.0000", "2.9 × 10¹⁷", "3 × 10³⁸"],
  ]);
  assert.deepEqual([learningRate(3e-3), learningRate(30), learningRate(1e3), learningRate(1e37)], [
    ...["3.00e-3", "30.0", "1,000", "10³⁷"],
  ]);
  assert.equal(
    standing(2e17, levelsOf(65, null, null)),
    "2 × 10¹⁷ above ln 65: worse than guessing evenly",
  );
  assert.match(badge.done(100, 3.2e9), /; 3\.2 × 10⁹ nats per character/);
  assert.deepEqual([large(-1.94), large(29.4), large(-9.9e34), large(999_999)], [
    ...["−1.94", "29.4", "−9.9 × 10³⁴", "10⁶"],
  ]);
});
