// The squares behind the norms of gradients, updates and weights. In double, where no square of an f32 overflows.
#include "kernels.h"
#include "simd.h"

typedef v128_t f64x2;

/// a - b in double, of the first two lanes.
INLINE f64x2 apart(f32x4 a, f32x4 b) {
  return wasm_f64x2_sub(wasm_f64x2_promote_low_f32x4(a), wasm_f64x2_promote_low_f32x4(b));
}

INLINE f32x4 last_two(f32x4 x) { return wasm_i32x4_shuffle(x, x, 2, 3, 2, 3); }

double sum_of_squares(const float* a, const float* b, int n) {
  f64x2 first = wasm_f64x2_splat(0), second = first;  // two sums, so that the processor waits less for each
  for (int i = 0; i < n; i += 4) {
    const f32x4 x = load(a + i), y = b ? load(b + i) : splat(0);
    const f64x2 low = apart(x, y), high = apart(last_two(x), last_two(y));
    first = wasm_f64x2_add(first, wasm_f64x2_mul(low, low));
    second = wasm_f64x2_add(second, wasm_f64x2_mul(high, high));
  }
  first = wasm_f64x2_add(first, second);
  return wasm_f64x2_extract_lane(first, 0) + wasm_f64x2_extract_lane(first, 1);
}
