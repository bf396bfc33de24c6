// A reader's guess at a loss curve, drawn by hand or made from a shape. session/guess_outcome.ts compares it with a run.
// No DOM.
import { type Point, type Points, valueAt } from "../session/guess.ts";

export interface Guess {
  points: Points;
  /** Name of the shape; null if it was drawn by hand, and for a guess at the end alone. */
  shape: string | null;
}

/** Leaving out a point may move the line by this many nats: less than a pixel of any chart. */
const TOLERANCE = 0.01;
/** Points of a shape before those on a straight line are left out. */
const SHAPE_POINTS = 100;

/** How much of the fall from the first loss to the last is done after part `t` of the run, by shape. */
export const SHAPES: Record<string, (t: number) => number> = {
  "fast, then slow": (t) => 1 - (1 - t) ** 6,
  "straight down": (t) => t,
  "slow, then fast": (t) => t ** 4,
  "in steps": (t) => Math.min(4, Math.floor(5 * t)) / 4,
};

/** The curve of a shape, from `start` nats to `end` nats. */
export function shaped(shape: string, start: number, end: number, iterations: number): Points {
  const points: Point[] = [], last = Math.min(SHAPE_POINTS, iterations);
  for (let i = 0; i <= last; i++) {
    const at = Math.round(i / last * iterations);
    points.push([at, rounded(start + (end - start) * SHAPES[shape](at / iterations))]);
  }
  return simplified(points);
}

/** The points after a stroke of the pen: it replaces what was drawn over these iterations before. */
export function stroked(points: Points, from: Point, to: Point): Points {
  const [first, last] = [from, to].map(([at, nats]): Point => [Math.round(at), rounded(nats)])
    .sort(([a], [b]) => a - b);
  const stroke = first[0] === last[0] ? [[first[0], rounded(to[1])] as const] : [first, last];
  return [...points.filter(([at]) => at < first[0]), ...stroke, ...points.filter(([at]) => at > last[0])];
}

function rounded(nats: number): number {
  return Math.round(1000 * nats) / 1000;
}

/** The same line with fewer points: those within TOLERANCE of a line between others are left out. */
export function simplified(points: Points): Points {
  if (points.length < 3) return points;
  const ends = [points[0], points.at(-1)!];
  let furthest = 0, most = TOLERANCE;
  points.forEach(([at, nats], i) => {
    const off = Math.abs(nats - valueAt(ends, at)!);
    if (off > most) [furthest, most] = [i, off];
  });
  if (furthest === 0) return ends;
  return [...simplified(points.slice(0, furthest + 1)).slice(0, -1), ...simplified(points.slice(furthest))];
}

/** What the browser stored, if it is a guess for a run of this length; otherwise null. */
export function restoredPoints(stored: unknown, iterations: number): Points | null {
  if (!Array.isArray(stored) || stored.length === 0) return null;
  let before = -1;
  for (const point of stored) {
    if (!Array.isArray(point) || point.length !== 2 || !point.every(Number.isFinite)) return null;
    if (point[0] <= before || point[0] > iterations) return null;
    before = point[0];
  }
  return stored as unknown as Points;
}
