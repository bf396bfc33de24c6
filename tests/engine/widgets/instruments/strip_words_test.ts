// Catches: a health strip whose numbers, scale or sentence are wrong, or differ from those that the build writes for the
// recorded run: tests/build/recorded/test_health.py goes by the same cases.
import assert from "node:assert/strict";
import { heightOf, scaleOf, ticksOf } from "../../../../engine/widgets/instruments/strip_scale.ts";
import { groupNames, normsOf, sayingOf, short, valuesOf } from "../../../../engine/widgets/instruments/strip_words.ts";
import cases from "./health_cases.json" with { type: "json" };

const numbers = (values: (number | string)[]) => values.map(Number); // JSON has no infinity and no NaN

Deno.test("a norm has two digits, and what is not finite is named", () => {
  for (const [value, said] of cases.short) assert.equal(short(Number(value)), said);
});

Deno.test("a scale holds all finite values above 0, and two decades at least", () => {
  for (const { values, bottom, top, ticks } of cases.scales) {
    const scale = scaleOf(numbers(values));
    assert.deepEqual([scale, ticksOf(scale)], [{ bottom, top }, ticks]);
  }
});

Deno.test("0 lies at the bottom of a scale, infinity and NaN at its top", () => {
  const scale = { bottom: -3, top: 1 };
  assert.deepEqual([0, 1e-3, 0.1, 10, 1e9, Infinity, NaN].map((value) => heightOf(value, scale)), [
    1,
    1,
    0.5,
    0,
    0,
    0,
    0,
  ]);
});

Deno.test("the sentence says what the norms show", () => {
  for (const { gradient, update, weight, has } of cases.says) {
    const norms = { gradient: numbers(gradient), update: numbers(update), weight: numbers(weight) };
    const said = sayingOf({ iteration: 1200, norms });
    for (const part of has) assert.ok(said.includes(part), `${part}: ${said}`);
    assert.doesNotMatch(said, /[{}]|undefined/);
  }
});

Deno.test("a ratio divides the update by the weights before it, group by group", () => {
  const norms = { gradient: [1, 2, 3], update: [0.1, 0.2, 0], weight: [1, 0, 0] };
  assert.deepEqual(valuesOf("ratio", { iteration: 1, norms }), [0.1, Infinity, NaN]);
  assert.deepEqual(valuesOf("gradient", { iteration: 1, norms }), [1, 2, 3]);
  assert.deepEqual(valuesOf("stream", { iteration: 1, norms }), []);
  assert.deepEqual(groupNames(4), ["embeddings", "block 1", "block 2", "final LayerNorm"]);
});

Deno.test("milestones before the first update have no norms", () => {
  const norms = { gradient: [1], update: [1], weight: [1] };
  const observed = [{ iteration: 0, norms: null, line: null, writings: null }, {
    iteration: 1,
    norms,
    line: null,
    writings: null,
  }];
  assert.deepEqual(normsOf(observed), [{ iteration: 1, norms, stream_rms: undefined }]);
});
