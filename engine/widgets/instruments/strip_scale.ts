// The logarithmic scale of a row of the health strip, from norms that may be 0, infinite or NaN. No DOM.
// build/recorded/health_drawing.py has the same scale; tests of both go by health_cases.json.

/** The least height of a scale, in decades: a value that stays level must look level. */
const LEAST_DECADES = 2;
/** At most so many labels stand one above the other. */
const MOST_TICKS = 3;

export interface Scale {
  /** Exponents of ten. */
  bottom: number;
  top: number;
}

/** @param values all that is drawn; a scale holds the finite ones above 0 */
export function scaleOf(values: Iterable<number>): Scale {
  let bottom = Infinity, top = -Infinity;
  for (const value of values) {
    if (!(value > 0 && value < Infinity)) continue;
    bottom = Math.min(bottom, Math.floor(Math.log10(value)));
    top = Math.max(top, Math.ceil(Math.log10(value)));
  }
  if (bottom > top) [bottom, top] = [-1, 1];
  const lacking = Math.max(0, LEAST_DECADES - (top - bottom));
  return { bottom: bottom - Math.floor(lacking / 2), top: top + Math.ceil(lacking / 2) };
}

/** The exponents that have a label, from the bottom up. */
export function ticksOf({ bottom, top }: Scale): number[] {
  const every = Math.ceil((top - bottom) / MOST_TICKS);
  return Array.from({ length: Math.floor((top - bottom) / every) + 1 }, (_, i) => top - i * every).reverse();
}

/** From 0 at the top of the scale to 1 at its bottom. 0 lies at the bottom; infinity and NaN lie at the top. */
export function heightOf(value: number, { bottom, top }: Scale): number {
  if (value === 0) return 1;
  if (!(value < Infinity)) return 0;
  return Math.min(1, Math.max(0, (top - Math.log10(value)) / (top - bottom)));
}
