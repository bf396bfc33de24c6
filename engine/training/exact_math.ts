// Logarithm and cosine computed only with additions, multiplications and divisions. IEEE 754 defines those to the last
// bit, whereas Math.log and Math.cos may differ between browsers. So the same seed draws the same weights everywhere.
// Relative error: below 1e-14 on the ranges used.

const LN2 = 0.6931471805599453;
const HALF_PI = 1.5707963267948966;
const word = new DataView(new ArrayBuffer(8));

/**
 * Natural logarithm of a positive, finite, normal number.
 * ln x = e ln 2 + ln m with m in [sqrt(1/2), sqrt(2)), and ln m = 2 artanh((m - 1) / (m + 1)) as a power series.
 */
export function exactLog(x: number): number {
  word.setFloat64(0, x);
  let exponent = ((word.getUint32(0) >>> 20) & 0x7ff) - 1023;
  word.setUint32(0, (word.getUint32(0) & 0x000fffff) | 0x3ff00000);
  let mantissa = word.getFloat64(0);
  if (mantissa > 1.4142135623730951) {
    mantissa /= 2;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1), s2 = s * s;
  let series = 0; // |s| < 0.172, so the term s^23 / 23 is below 1e-18
  for (let k = 21; k >= 1; k -= 2) series = series * s2 + 1 / k;
  return exponent * LN2 + 2 * s * series;
}

/** Cosine of 2 pi u for u in [0, 1): reduced by quarter turns, then a Taylor series on [-pi/4, pi/4]. */
export function exactCosTurns(u: number): number {
  const quarter = Math.round(u * 4);
  const x = (u * 4 - quarter) * HALF_PI, x2 = x * x;
  let cos = 0, sin = 0; // |x| < 0.79, so the omitted terms are below 1e-17
  for (let k = 16; k >= 2; k -= 2) {
    cos = (1 + cos) * (-x2 / (k * (k - 1)));
    sin = (1 + sin) * (-x2 / (k * (k + 1)));
  }
  cos = 1 + cos;
  sin = x * (1 + sin);
  return quarter % 4 === 0 ? cos : quarter % 4 === 1 ? -sin : quarter % 4 === 2 ? -cos : sin;
}
