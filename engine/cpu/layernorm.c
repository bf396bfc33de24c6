#include "kernels.h"
#include "simd.h"

enum { ROWS = 4 };  // that layernorm_forward() takes at the same time

void layernorm_output(float* out, const float* norm, const float* weight, const float* bias, int N, int C) {
  for (int n = 0; n < N; n++, out += C, norm += C)
    for (int c = 0; c < C; c += 4) store(out + c, madd(load(norm + c), load(weight + c), load(bias + c)));
}

/// `rows` rows at the same time: each sum alone leaves the processor waiting for the addition before.
INLINE void forward_rows(const int rows, float* out, float* norm, float* rstd, const float* inp, const float* weight,
                         const float* bias, int C, float eps) {
  f32x4 mean[ROWS], sum[ROWS], scale[ROWS];
  for (int r = 0; r < rows; r++) sum[r] = splat(0);
  for (int c = 0; c < C; c += 4)
    for (int r = 0; r < rows; r++) sum[r] = add(sum[r], load(inp + r * C + c));
  for (int r = 0; r < rows; r++) mean[r] = splat(sum_lanes(sum[r]) / C), sum[r] = splat(0);
  for (int c = 0; c < C; c += 4)
    for (int r = 0; r < rows; r++) {
      f32x4 centred = sub(load(inp + r * C + c), mean[r]);
      sum[r] = madd(centred, centred, sum[r]);
    }
  for (int r = 0; r < rows; r++) scale[r] = splat(rstd[r] = 1.0f / __builtin_sqrtf(sum_lanes(sum[r]) / C + eps));
  for (int c = 0; c < C; c += 4)
    for (int r = 0; r < rows; r++) {
      f32x4 x = mul(sub(load(inp + r * C + c), mean[r]), scale[r]);
      store(norm + r * C + c, x);
      store(out + r * C + c, madd(x, load(weight + c), load(bias + c)));
    }
}

void layernorm_forward(float* out, float* norm, float* rstd, const float* inp, const float* weight, const float* bias,
                       int N, int C, float eps) {
  for (; N >= ROWS; N -= ROWS, out += ROWS * C, norm += ROWS * C, inp += ROWS * C, rstd += ROWS)
    forward_rows(ROWS, out, norm, rstd, inp, weight, bias, C, eps);
  for (; N > 0; N--, out += C, norm += C, inp += C, rstd++) forward_rows(1, out, norm, rstd, inp, weight, bias, C, eps);
}

void layernorm_backward(float* dinp, float* dweight, float* dbias, const float* dout, const float* norm,
                        const float* rstd, const float* weight, int N, int C, int accumulate) {
  for (int c = 0; c < C && !accumulate; c += 4) store(dweight + c, splat(0)), store(dbias + c, splat(0));
  for (int n = 0; n < N; n++, dinp += C, dout += C, norm += C) {
    // With dnorm = dout * weight:  dinp = rstd * (dnorm - mean(dnorm) - norm * mean(dnorm * norm)).
    f32x4 sum = splat(0), product = splat(0);
    for (int c = 0; c < C; c += 4) {
      f32x4 d = load(dout + c), x = load(norm + c), dnorm = mul(d, load(weight + c));
      sum = add(sum, dnorm);
      product = madd(dnorm, x, product);
      store(dbias + c, add(load(dbias + c), d));
      store(dweight + c, madd(d, x, load(dweight + c)));
    }
    f32x4 mean = splat(sum_lanes(sum) / C), along = splat(sum_lanes(product) / C), r = splat(rstd[n]);
    for (int c = 0; c < C; c += 4) {
      f32x4 dnorm = mul(load(dout + c), load(weight + c));
      f32x4 d = nmadd(load(norm + c), along, sub(dnorm, mean));
      store(dinp + c, madd(d, r, load(dinp + c)));
    }
  }
}
