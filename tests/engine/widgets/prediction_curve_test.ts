// Catches: a stroke that leaves two losses at one iteration, a shape that misses its ends, a guess that storing or
// thinning bends.
import assert from "node:assert/strict";
import { type Point, type Points, valueAt } from "../../../engine/session/guess.ts";
import { restoredPoints, shaped, SHAPES, simplified, stroked } from "../../../engine/widgets/prediction_curve.ts";

const isMonotone = (points: Points) => points.every(([at], i) => i === 0 || at > points[i - 1][0]);

/** A deterministic scribble: strokes to and fro. */
function scribble(strokes: number): Points {
  let points: Points = [], pen: Point = [500, 3], state = 7;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let i = 0; i < strokes; i++) {
    const to: Point = [2000 * next(), 5 * next()];
    points = stroked(points, pen, to);
    pen = to;
  }
  return points;
}

Deno.test("strokes in any direction leave one loss at each iteration, the last one drawn", () => {
  let points = stroked([], [0, 4], [0, 4]);
  points = stroked(points, [0, 4], [100, 2]);
  assert.deepEqual(points, [[0, 4], [100, 2]]);
  points = stroked(points, [100, 2], [40, 3]); // back, over what was there
  assert.deepEqual(points, [[0, 4], [40, 3], [100, 2]]);
  points = stroked(points, [60.4, 1], [60.2, 1.5]); // straight up
  assert.deepEqual(points, [[0, 4], [40, 3], [60, 1.5], [100, 2]]);
  for (const strokes of [1, 10, 300]) assert.ok(isMonotone(scribble(strokes)), `${strokes} strokes`);
});

Deno.test("leaving out points moves the line by at most a hundredth of a nat", () => {
  const drawn = scribble(400), fewer = simplified(drawn);
  assert.ok(isMonotone(fewer) && fewer.length <= drawn.length);
  for (const [at, nats] of drawn) assert.ok(Math.abs(valueAt(fewer, at)! - nats) <= 0.01, `at ${at}`);
  const line = Array.from({ length: 200 }, (_, i): Point => [i, 4 - i / 100]);
  assert.deepEqual(simplified(line), [line[0], line[199]]);
});

Deno.test("every shape goes from its first loss to its last, over the whole run, and only down", () => {
  for (const name of Object.keys(SHAPES)) {
    for (const iterations of [1, 7, 120, 2000]) {
      const points = shaped(name, 4.174, 1.5, iterations);
      assert.deepEqual([points[0], points.at(-1)], [[0, 4.174], [iterations, 1.5]], name);
      assert.ok(isMonotone(points), name);
      assert.ok(points.every(([, nats], i) => i === 0 || nats <= points[i - 1][1]), name);
    }
  }
  const middle = (name: string) => valueAt(shaped(name, 4, 1, 2000), 1000)!;
  assert.ok(middle("fast, then slow") < 1.2 && middle("slow, then fast") > 3.7);
  assert.ok(Math.abs(middle("straight down") - 2.5) < 0.01 && Math.abs(middle("in steps") - 2.5) < 0.01);
});

Deno.test("a guess says nothing outside what was drawn", () => {
  const points: Points = [[100, 4], [300, 2]];
  assert.deepEqual([99, 100, 200, 300, 301].map((at) => valueAt(points, at)), [null, 4, 3, 2, null]);
});

Deno.test("only points of a run of this length are restored", () => {
  const points: Points = [[0, 4], [2000, 1.5]];
  assert.deepEqual(restoredPoints(JSON.parse(JSON.stringify(points)), 2000), points);
  for (
    const stored of [null, 3, [], [[0]], [[0, 1, 2]], [["0", 1]], [[0, null]], [[5, 1], [5, 2]], [[-1, 2]], points]
  ) {
    assert.equal(restoredPoints(stored, 1999), null, JSON.stringify(stored));
  }
});
