// Four f32 lanes at a time. IEEE 754 defines each instruction's result to the last bit, and every sum over lanes has a
// fixed order, so each of the two modules that these sources make gives every browser the same bytes. Their results differ
// through madd() and nmadd() alone: gpt_fma.wasm rounds a product and its sum once, gpt.wasm rounds each of them.
#pragma once
#include <wasm_simd128.h>

typedef v128_t f32x4;

#define INLINE static inline __attribute__((always_inline))

INLINE f32x4 load(const float* p) { return wasm_v128_load(p); }
INLINE void store(float* p, f32x4 x) { wasm_v128_store(p, x); }
INLINE f32x4 splat(float x) { return wasm_f32x4_splat(x); }
INLINE f32x4 add(f32x4 a, f32x4 b) { return wasm_f32x4_add(a, b); }
INLINE f32x4 sub(f32x4 a, f32x4 b) { return wasm_f32x4_sub(a, b); }
INLINE f32x4 mul(f32x4 a, f32x4 b) { return wasm_f32x4_mul(a, b); }

/// madd: a b + c; nmadd: c - a b. WebAssembly leaves it to the machine whether the relaxed instructions round once or
/// twice; modules.ts tests that before it chooses gpt_fma.wasm.
#ifdef __wasm_relaxed_simd__
INLINE f32x4 madd(f32x4 a, f32x4 b, f32x4 c) { return wasm_f32x4_relaxed_madd(a, b, c); }
INLINE f32x4 nmadd(f32x4 a, f32x4 b, f32x4 c) { return wasm_f32x4_relaxed_nmadd(a, b, c); }
#else
INLINE f32x4 madd(f32x4 a, f32x4 b, f32x4 c) { return add(mul(a, b), c); }
INLINE f32x4 nmadd(f32x4 a, f32x4 b, f32x4 c) { return sub(c, mul(a, b)); }
#endif

/// p + n, hidden from the compiler. Otherwise it would address everything from one pointer, with an addition before
/// each load; a constant offset, in contrast, costs WASM engines nothing.
INLINE const float* next(const float* p, int n) {
  p += n;
  __asm__("" : "+r"(p));
  return p;
}

/// to [4, 4], rows `stride` apart: the transpose of rows a, b, c, d.
INLINE void transpose4(float* to, int stride, f32x4 a, f32x4 b, f32x4 c, f32x4 d) {
  f32x4 ab = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), cd = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5);
  store(to, wasm_i64x2_shuffle(ab, cd, 0, 2)), store(to + stride, wasm_i64x2_shuffle(ab, cd, 1, 3));
  ab = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7), cd = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  store(to + 2 * stride, wasm_i64x2_shuffle(ab, cd, 0, 2)), store(to + 3 * stride, wasm_i64x2_shuffle(ab, cd, 1, 3));
}

/// The larger value in each lane; a NaN in a is kept.
INLINE f32x4 larger(f32x4 a, f32x4 b) { return wasm_f32x4_pmax(a, b); }

/// (x0 + x2) + (x1 + x3).
INLINE float sum_lanes(f32x4 x) {
  f32x4 pairs = add(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(pairs, 0) + wasm_f32x4_extract_lane(pairs, 1);
}

/// The largest of x[0] .. x[n - 1].
INLINE float largest_of(const float* x, int n) {
  float largest = x[0];
  int i = 0;
  if (n >= 4) {
    f32x4 four = load(x);
    for (i = 4; i + 4 <= n; i += 4) four = larger(four, load(x + i));
    four = larger(four, wasm_i32x4_shuffle(four, four, 2, 3, 0, 1));
    four = larger(four, wasm_i32x4_shuffle(four, four, 1, 0, 3, 2));
    largest = wasm_f32x4_extract_lane(four, 0);
  }
  for (; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

/// Keeps lanes with an index below n; the others become zero.
INLINE f32x4 first_lanes(f32x4 x, int n) {
  return wasm_v128_and(x, wasm_i32x4_gt(wasm_i32x4_splat(n), wasm_i32x4_const(0, 1, 2, 3)));
}

/// Constants of exp4, from constants.c: in memory because WASM engines load a constant faster than they create one, and
/// in a file of their own because the compiler would otherwise turn each load into such a creation.
extern const float EXP_CONSTANTS[16];
/// Those of gelu_forward, and where each stands.
extern const float GELU_CONSTANTS[8];
enum { ONE, FAR, MINUS_FAR, TWO_ROOT, MINUS_2_ROOT, MINUS_2_ROOT_CUBIC, SIX_ROOT_CUBIC };

/// e^x in every lane, relative error below 3e-7, for x from -87 to 88: outside, 2^n is not a normal number. NaN stays
/// NaN. x = n ln 2 + r with |r| <= ln 2 / 2; the result is the Taylor polynomial of e^r, with n added to its exponent.
INLINE f32x4 exp4_within_range(f32x4 x) {
#define CONSTANT(i) wasm_v128_load32_splat(EXP_CONSTANTS + (i))
  f32x4 shifted = madd(x, CONSTANT(2), CONSTANT(3));  // adding 1.5 * 2^23 rounds to a whole number
  f32x4 n = sub(shifted, CONSTANT(3));
  f32x4 r = nmadd(n, CONSTANT(5), nmadd(n, CONSTANT(4), x));
  f32x4 p = CONSTANT(6);
  p = madd(p, r, CONSTANT(7));
  p = madd(p, r, CONSTANT(8));
  p = madd(p, r, CONSTANT(9));
  p = madd(p, r, CONSTANT(10));
  p = madd(p, r, CONSTANT(11));
  p = madd(p, r, CONSTANT(11));
#undef CONSTANT
  return wasm_i32x4_add(p, wasm_i32x4_shl(shifted, 23));
}

/// e^x for softmax and GELU, with x limited to -60 .. 60. Added to 1, e^-60 changes nothing. With e^-87, products would
/// be subnormal numbers, which take a processor a hundred times as long: a run that explodes would crawl.
INLINE f32x4 exp4(f32x4 x) {
  const f32x4 low = wasm_v128_load32_splat(EXP_CONSTANTS), high = wasm_v128_load32_splat(EXP_CONSTANTS + 1);
  return exp4_within_range(wasm_f32x4_pmin(larger(x, low), high));
}
