#include "kernels.h"
#include "simd.h"

double exact_log(double x) {
  union { double number; unsigned long long bits; } word = {x};
  int exponent = (int)(word.bits >> 52) - 1023;
  word.bits = (word.bits & 0xfffffffffffffull) | 0x3ff0000000000000ull;
  if (word.number > 1.4142135623730951) word.number /= 2, exponent++;
  double s = (word.number - 1) / (word.number + 1), series = 0;
  for (int k = 21; k >= 1; k -= 2) series = series * s * s + 1.0 / k;
  return exponent * 0.6931471805599453 + 2 * s * series;
}

void cross_entropy(float* nll, float* dlogits, const float* logits, const unsigned char* targets, int N, int V,
                   int stride, float scale) {
  for (int n = 0; n < N; n++, logits += stride) {
    const int target = targets[n];
    const float target_logit = logits[target];
    const float largest = largest_of(logits, V);
    float probability[256];  // a character is a byte
    f32x4 sums = splat(0);
    for (int v = 0; v < stride; v += 4) {
      f32x4 e = first_lanes(exp4(sub(load(logits + v), splat(largest))), V - v);
      store(probability + v, e);
      sums = add(sums, e);
    }
    const float sum = sum_lanes(sums);
    // A NaN sum means that the logits are no longer finite: report NaN as the loss.
    nll[n] = sum == sum ? (float)(exact_log(sum) - ((double)target_logit - largest)) : sum;
    if (!dlogits) continue;
    const f32x4 factor = splat(scale / sum);
    for (int v = 0; v < stride; v += 4) store(dlogits + v, mul(load(probability + v), factor));
    dlogits[target] -= scale;
    dlogits += stride;
  }
}
