// Four f32 lanes at a time. Only instructions whose result IEEE 754 fixes to the last bit: no relaxed SIMD, no
// fused multiply-add; and every sum over lanes is taken in one fixed order. So each browser gets the same bytes.
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

/// The larger lane by lane; a NaN in a comes through.
INLINE f32x4 larger(f32x4 a, f32x4 b) { return wasm_f32x4_pmax(a, b); }

/// (x0 + x2) + (x1 + x3).
INLINE float sum_lanes(f32x4 x) {
  f32x4 pairs = add(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(pairs, 0) + wasm_f32x4_extract_lane(pairs, 1);
}

/// e^x in every lane, relative error below 3e-7; x below -87 counts as -87 and above 88 as 88; NaN stays NaN.
/// x = n ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor polynomial, times 2^n made from exponent bits.
INLINE f32x4 exp4(f32x4 x) {
  x = wasm_f32x4_pmin(larger(x, splat(-87.0f)), splat(88.0f));
  const f32x4 magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to a whole number, kept in the low bits
  f32x4 shifted = add(mul(x, splat(1.44269504f)), magic);
  f32x4 n = sub(shifted, magic);
  f32x4 r = sub(sub(x, mul(n, splat(0.693359375f))), mul(n, splat(-2.12194440e-4f)));  // ln 2 in two parts
  f32x4 p = splat(1.0f / 720);
  p = add(mul(p, r), splat(1.0f / 120));
  p = add(mul(p, r), splat(1.0f / 24));
  p = add(mul(p, r), splat(1.0f / 6));
  p = add(mul(p, r), splat(0.5f));
  p = add(mul(p, r), splat(1.0f));
  p = add(mul(p, r), splat(1.0f));
  return wasm_i32x4_add(p, wasm_i32x4_shl(shifted, 23));
}
