// GELU(x) = x/2 (1 + tanh u) = x s  with  u = sqrt(2/pi) (x + 0.044715 x^3)  and  s = 1 / (1 + e^(-2u))
// (Hendrycks and Gimpel, 2016). Its derivative: s + 2 x s (1 - s) du/dx.
#include "kernels.h"
#include "simd.h"

#define CONSTANT(i) wasm_v128_load32_splat(GELU_CONSTANTS + (i))

// For |x| >= 20, s is 0 or 1 and the derivative's second term is 0. The code sets these zeros, because exp4 never
// reaches 0, and x^3 times a tiny number may be large.
void gelu_forward(float* out, float* derivative, const float* inp, int n) {
  for (int i = 0; i < n; i += 4) {
    f32x4 x = load(inp + i), x2 = mul(x, x), one = CONSTANT(ONE), far = CONSTANT(FAR);
    f32x4 minus_u2 = mul(x, madd(x2, CONSTANT(MINUS_2_ROOT_CUBIC), CONSTANT(MINUS_2_ROOT)));
    f32x4 s = wasm_f32x4_div(one, add(one, exp4(minus_u2)));
    s = wasm_v128_andnot(s, wasm_f32x4_le(x, CONSTANT(MINUS_FAR)));
    f32x4 du2 = madd(x2, CONSTANT(SIX_ROOT_CUBIC), CONSTANT(TWO_ROOT));
    f32x4 y = mul(x, s);
    store(out + i, y);
    f32x4 bend = mul(mul(y, sub(one, s)), du2);
    f32x4 near = wasm_v128_and(wasm_f32x4_gt(x, CONSTANT(MINUS_FAR)), wasm_f32x4_lt(x, far));
    store(derivative + i, add(s, wasm_v128_and(bend, near)));
  }
}

void gelu_backward(float* dout, const float* derivative, int n) {
  for (int i = 0; i < n; i += 4) store(dout + i, mul(load(dout + i), load(derivative + i)));
}
