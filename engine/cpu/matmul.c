// The matrix product, where nine tenths of the time go. A tile of MR x 4 NV results is held in registers while k
// runs over all terms: per k it loads NV vectors of b and MR numbers of a for MR * NV multiply-adds.
#include "kernels.h"
#include "simd.h"

enum { MR = 4, NV = 2 };  // 8 accumulators leave room for operands in the 16 registers that WASM engines use

INLINE void tile(const int rows, const int vectors, const int a_row, const int a_col, float* out, int out_stride,
                 const float* a, const float* b, int b_stride, int K, int accumulate) {
  f32x4 sum[MR][NV];
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < vectors; j++) sum[i][j] = accumulate ? load(out + i * out_stride + 4 * j) : splat(0);
  for (int k = 0; k < K; k++, a += a_col, b += b_stride) {
    f32x4 column[NV];
    for (int j = 0; j < vectors; j++) column[j] = load(b + 4 * j);
    for (int i = 0; i < rows; i++) {
      f32x4 x = wasm_v128_load32_splat(a + i * a_row);
      for (int j = 0; j < vectors; j++) sum[i][j] = add(sum[i][j], mul(x, column[j]));
    }
  }
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < vectors; j++) store(out + i * out_stride + 4 * j, sum[i][j]);
}

/// All rows of one panel of 4 * vectors columns. A panel of b fits the first-level cache; a streams past it.
INLINE void panel(const int vectors, const int a_row, const int a_col, float* out, int out_stride, const float* a,
                  const float* b, int b_stride, int M, int K, int accumulate) {
  int i = 0;
  for (; i + MR <= M; i += MR)
    tile(MR, vectors, a_row, a_col, out + i * out_stride, out_stride, a + i * a_row, b, b_stride, K, accumulate);
  for (; i < M; i++)
    tile(1, vectors, a_row, a_col, out + i * out_stride, out_stride, a + i * a_row, b, b_stride, K, accumulate);
}

void matmul(float* out, int out_stride, const float* a, int a_row, int a_col, const float* b, int b_stride,
            int M, int N, int K, int accumulate) {
  for (int j = 0; j < N; j += 4 * NV) {
    float* o = out + j;
    const float* p = b + j;
    // The four cases differ in what the compiler may take as constant, not in what they compute.
    if (N - j >= 4 * NV) {
      if (a_col == 1) panel(NV, a_row, 1, o, out_stride, a, p, b_stride, M, K, accumulate);
      else panel(NV, 1, a_col, o, out_stride, a, p, b_stride, M, K, accumulate);
    } else {
      if (a_col == 1) panel(1, a_row, 1, o, out_stride, a, p, b_stride, M, K, accumulate);
      else panel(1, 1, a_col, o, out_stride, a, p, b_stride, M, K, accumulate);
    }
  }
}
