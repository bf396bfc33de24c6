#include "kernels.h"
#include "simd.h"

void adamw(float* weight, float* m, float* v, const float* dweight, int n, float lr, float beta1, float beta2,
           float eps, float decay, float correction1, float correction2) {
  const f32x4 keep = splat(1 - lr * decay), rate = splat(lr);
  for (int i = 0; i < n; i += 4) {
    f32x4 g = load(dweight + i);
    f32x4 first = madd(load(m + i), splat(beta1), mul(g, splat(1 - beta1)));
    f32x4 second = madd(load(v + i), splat(beta2), mul(mul(g, g), splat(1 - beta2)));
    store(m + i, first);
    store(v + i, second);
    f32x4 root = wasm_f32x4_sqrt(mul(second, splat(correction2)));
    f32x4 step = wasm_f32x4_div(mul(first, splat(correction1)), add(root, splat(eps)));
    store(weight + i, nmadd(rate, step, mul(load(weight + i), keep)));
  }
}
