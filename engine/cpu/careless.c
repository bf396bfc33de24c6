// Textbook formulas without safeguards against overflow, as in a program that was never tested with large numbers.
// Powers above e^88 become infinite, and powers below e^-87 become 0, about where f32 ends. Infinity over infinity, or
// 0 over 0, is NaN. Only instances created with `careless` run this code.
#include "kernels.h"
#include "simd.h"

/// Small rather than fast, because every reader downloads these bytes.
#define SMALL __attribute__((minsize, noinline))

int first_fault_kind;
float first_fault_number;

/// Records this instance's first fault: the operation, and the number that was too large for it.
SMALL static void fault(int kind, float number) {
  if (first_fault_kind == NO_FAULT) first_fault_kind = kind, first_fault_number = number;
}

SMALL static f32x4 careless_exp4(f32x4 x) {
  const f32x4 infinity = splat(__builtin_inff());
  const f32x4 least = splat(-87), most = splat(88);
  f32x4 e = exp4_within_range(wasm_f32x4_pmin(larger(x, least), most));
  e = wasm_v128_bitselect(infinity, e, wasm_f32x4_gt(x, most));
  return wasm_v128_andnot(e, wasm_f32x4_lt(x, least));
}

/// row becomes e^(scale row) / sum. Returns the sum: 0, infinite or NaN if the softmax has failed.
SMALL static float softmax(float* row, int visible, int padded, float scale) {
  f32x4 sums = splat(0);
  for (int j = 0; j < padded; j += 4) {
    f32x4 e = splat(0);
    if (j < visible) e = first_lanes(careless_exp4(mul(load(row + j), splat(scale))), visible - j);
    store(row + j, e);
    sums = add(sums, e);
  }
  const float sum = sum_lanes(sums);
  for (int j = 0; j < padded; j += 4) store(row + j, wasm_f32x4_div(load(row + j), splat(sum)));
  return sum;
}

SMALL void careless_softmax_forward(float* row, int visible, int padded, float scale) {
  const float largest = largest_of(row, visible) * scale;
  const float sum = softmax(row, visible, padded, scale);
  if (!(sum > 0 && sum < __builtin_inff())) fault(IN_ATTENTION, largest);
}

static float largest_size(f32x4 x) {
  float sizes[4];
  store(sizes, wasm_f32x4_abs(x));
  return largest_of(sizes, 4);
}

SMALL void careless_gelu_forward(float* out, float* derivative, const float* inp, int n) {
  const float root = 0.7978845608f, cubic = 0.044715f;
  for (int i = 0; i < n; i += 4) {
    f32x4 x = load(inp + i), x2 = mul(x, x);
    f32x4 u = mul(splat(root), mul(x, add(splat(1), mul(splat(cubic), x2))));
    f32x4 up = careless_exp4(u), down = careless_exp4(wasm_f32x4_neg(u));
    f32x4 tanh = wasm_f32x4_div(sub(up, down), add(up, down));
    f32x4 half = mul(splat(0.5f), add(splat(1), tanh));
    f32x4 du = mul(splat(root), add(splat(1), mul(splat(3 * cubic), x2)));
    store(out + i, mul(x, half));
    store(derivative + i, add(half, mul(mul(splat(0.5f), x), mul(sub(splat(1), mul(tanh, tanh)), du))));
    if (wasm_v128_any_true(wasm_f32x4_ne(tanh, tanh))) fault(IN_GELU, largest_size(u));
  }
}

SMALL void careless_cross_entropy(float* nll, float* dlogits, float* logits, const unsigned char* targets, int N, int V,
                            int stride, float scale) {
  for (int n = 0; n < N; n++, logits += stride) {
    const int target = targets[n];
    const float largest = largest_of(logits, V);
    softmax(logits, V, stride, 1);
    const float p = logits[target];
    if (!(p > 0)) fault(p == 0 ? IN_LOGARITHM : IN_SOFTMAX, largest);
    nll[n] = p > 0 ? (float)-exact_log(p) : p == 0 ? __builtin_inff() : p;
    if (!dlogits) continue;
    for (int v = 0; v < stride; v += 4) store(dlogits + v, mul(load(logits + v), splat(scale)));
    dlogits[target] -= scale;
    dlogits += stride;
  }
}
