// GELU(x) = x/2 (1 + tanh u) = x s  with  u = sqrt(2/pi) (x + 0.044715 x^3)  and  s = 1 / (1 + e^(-2u))
// (Hendrycks and Gimpel, 2016). Its derivative: s + 2 x s (1 - s) du/dx.
#include "kernels.h"
#include "simd.h"

// For |x| >= 20, s is 0 or 1 and the derivative's second term is 0. The code sets these zeros, because exp4 never
// reaches 0, and x^3 times a tiny number may be large.
void gelu_forward(float* out, float* derivative, const float* inp, int n) {
  const f32x4 far = splat(20);
  const float root = 0.7978845608f, cubic = 0.044715f;
  for (int i = 0; i < n; i += 4) {
    f32x4 x = load(inp + i), x2 = mul(x, x);
    f32x4 u2 = mul(x, add(splat(2 * root), mul(x2, splat(2 * root * cubic))));
    f32x4 s = wasm_f32x4_div(splat(1), add(splat(1), exp4(wasm_f32x4_neg(u2))));
    s = wasm_v128_andnot(s, wasm_f32x4_le(x, wasm_f32x4_neg(far)));
    f32x4 du2 = add(splat(2 * root), mul(x2, splat(6 * root * cubic)));
    f32x4 y = mul(x, s);
    store(out + i, y);
    f32x4 bend = mul(mul(y, sub(splat(1), s)), du2);
    store(derivative + i, add(s, wasm_v128_and(bend, wasm_f32x4_lt(wasm_f32x4_abs(x), far))));
  }
}

void gelu_backward(float* dout, const float* derivative, int n) {
  for (int i = 0; i < n; i += 4) store(dout + i, mul(load(dout + i), load(derivative + i)));
}
