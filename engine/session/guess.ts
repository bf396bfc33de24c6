// The line that a reader guessed for a loss, before the run.

export type Point = readonly [iteration: number, nats: number];

/** Points in rising order of iterations; straight lines join them. A single point is a guess at the end alone. */
export type Points = readonly Point[];

/** The guessed loss at an iteration; null outside what was drawn. */
export function valueAt(points: Points, iteration: number): number | null {
  const next = points.findIndex(([at]) => at >= iteration);
  if (next < 0) return null;
  const [b, to] = points[next];
  if (b === iteration) return to;
  if (next === 0) return null;
  const [a, from] = points[next - 1];
  return from + (to - from) * (iteration - a) / (b - a);
}
