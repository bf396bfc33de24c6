#include "kernels.h"
#include "simd.h"

void layernorm_output(float* out, const float* norm, const float* weight, const float* bias, int N, int C) {
  for (int n = 0; n < N; n++, out += C, norm += C)
    for (int c = 0; c < C; c += 4) store(out + c, madd(load(norm + c), load(weight + c), load(bias + c)));
}

void layernorm_forward(float* out, float* norm, float* rstd, const float* inp, const float* weight, const float* bias,
                       int N, int C, float eps) {
  for (int n = 0; n < N; n++, out += C, norm += C, inp += C) {
    f32x4 sum = splat(0);
    for (int c = 0; c < C; c += 4) sum = add(sum, load(inp + c));
    f32x4 mean = splat(sum_lanes(sum) / C);
    f32x4 squares = splat(0);
    for (int c = 0; c < C; c += 4) {
      f32x4 centred = sub(load(inp + c), mean);
      squares = madd(centred, centred, squares);
    }
    float r = 1.0f / __builtin_sqrtf(sum_lanes(squares) / C + eps);
    rstd[n] = r;
    for (int c = 0; c < C; c += 4) store(norm + c, mul(sub(load(inp + c), mean), splat(r)));
    layernorm_output(out, norm, weight, bias, 1, C);
  }
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
