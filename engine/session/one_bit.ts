// One bit of one weight: the smallest change that a file can suffer.

/** The parts of an f32, from its highest bit down. */
export const BIT_PARTS = { sign: [31, 31], exponent: [30, 23], mantissa: [22, 0] } as const;

/** @returns a copy in which bit `bit` (31 is the sign, 0 the last of the mantissa) of the number at `at` is flipped */
export function flipped(weights: Float32Array<ArrayBuffer>, at: number, bit: number): Float32Array<ArrayBuffer> {
  const copy = weights.slice();
  new Uint32Array(copy.buffer)[at] ^= 1 << bit;
  return copy;
}
