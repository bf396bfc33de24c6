// The matrix product, which takes nine tenths of the time. Both matrices are copied so that the inner loop reads them
// in order: without copies, rows a power of two apart evict each other from the first-level cache. Method: Goto and van
// de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34/3, 2008. Each result is still a single sum
// in the order of k, whatever the blocks.
#include "kernels.h"
#include "simd.h"

// A tile of MR x NR results. Its vectors, a row of b and a factor fill most of 16 registers; a product that is rounded
// apart from its sum needs one more.
#ifdef __wasm_relaxed_simd__
enum { MR = 6 };
#else
enum { MR = 4 };
#endif
enum {
  NV = 2, NR = 4 * NV,
  KC = 256,  // terms in a block: a panel of b takes 8 kB, well inside the first-level cache
  MC = 132,  // rows in a block, a multiple of MR: 132 kB of a stay in the second-level cache
};

static float packed_a[MC * KC];  // [MC / MR, K, MR]
static float packed_b[KC * NR];  // [K, NR]

/// out [rows, 4 * vectors] = or += a b, with strides as in matmul(). Constant strides become part of the addresses.
INLINE void tile(const int rows, const int vectors, float* out, int out_stride, const float* a, int a_row, int a_col,
                 const float* b, int b_stride, int K, int accumulate) {
  f32x4 sum[MR][NV];
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < vectors; j++) sum[i][j] = accumulate ? load(out + i * out_stride + 4 * j) : splat(0);
  for (int k = 0; k < K; k++, a = next(a, a_col), b = next(b, b_stride)) {
    f32x4 row[NV];
    for (int j = 0; j < vectors; j++) row[j] = load(b + 4 * j);
    for (int i = 0; i < rows; i++) {
      f32x4 factor = wasm_v128_load32_splat(a + i * a_row);
      for (int j = 0; j < vectors; j++) sum[i][j] = madd(factor, row[j], sum[i][j]);
    }
  }
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < vectors; j++) store(out + i * out_stride + 4 * j, sum[i][j]);
}

/// to [K, MR]: K columns of four, two or one rows of a, whose columns lie next to each other.
static void pack_four(float* to, const float* a, int a_row, int K) {
  int k = 0;
  for (; k + 4 <= K; k += 4)
    transpose4(to + k * MR, MR, load(a + k), load(a + a_row + k), load(a + 2 * a_row + k), load(a + 3 * a_row + k));
  for (; k < K; k++)
    for (int r = 0; r < 4; r++) to[k * MR + r] = a[r * a_row + k];
}

static void pack_two(float* to, const float* a, int a_row, int K) {
  int k = 0;
  for (; k + 4 <= K; k += 4, to += 4 * MR) {
    f32x4 first = load(a + k), second = load(a + a_row + k);
    f32x4 low = wasm_i32x4_shuffle(first, second, 0, 4, 1, 5), high = wasm_i32x4_shuffle(first, second, 2, 6, 3, 7);
    wasm_v128_store64_lane(to, low, 0), wasm_v128_store64_lane(to + MR, low, 1);
    wasm_v128_store64_lane(to + 2 * MR, high, 0), wasm_v128_store64_lane(to + 3 * MR, high, 1);
  }
  for (; k < K; k++, to += MR) to[0] = a[k], to[1] = a[a_row + k];
}

/// Fills packed_a from M rows and K columns of a, whose columns lie next to each other.
static void pack_rows(const float* a, int a_row, int M, int K) {
  for (int i = 0; i < M; i += MR, a += MR * a_row) {
    float* to = packed_a + i * K;
    const float* from = a;
    int left = M - i < MR ? M - i : MR;
    for (; left >= 4; left -= 4, to += 4, from += 4 * a_row) pack_four(to, from, a_row, K);
    for (; left >= 2; left -= 2, to += 2, from += 2 * a_row) pack_two(to, from, a_row, K);
    for (int k = 0; k < K && left; k++) to[k * MR] = from[k];
  }
}

/// The same where the rows of a column lie next to each other. Column by column, because columns a power of two apart
/// would evict each other from the first-level cache.
static void pack_columns(const float* a, int a_col, int M, int K) {
  for (int k = 0; k < K; k++, a += a_col) {
    float* to = packed_a + k * MR;
    int i = 0;
    for (; i + MR <= M; i += MR, to += MR * K) {
      store(to, load(a + i));
      if (MR == 6) wasm_v128_store64_lane(to + 4, wasm_v128_load64_zero(a + i + 4), 0);
    }
    for (int r = 0; i < M; i++, r++) to[r] = a[i];
  }
}

/// If M ends inside a tile, the tile's remaining rows keep old values.
static void pack_a(const float* a, int a_row, int a_col, int M, int K) {
  if (a_row == 1) pack_columns(a, a_col, M, K);
  else pack_rows(a, a_row, M, K);
}

/// Fills packed_b from K rows and 4 * vectors columns of b.
static void pack_b(const float* b, int b_stride, int vectors, int K) {
  for (int k = 0; k < K; k++)
    for (int j = 0; j < vectors; j++) store(packed_b + k * NR + 4 * j, load(b + k * b_stride + 4 * j));
}

/// M rows of 4 * vectors results from the two packed blocks.
INLINE void panel(const int vectors, float* out, int out_stride, int M, int K, int accumulate) {
  const float* a = packed_a;
  for (; M >= MR; M -= MR, out += MR * out_stride, a += MR * K)
    tile(MR, vectors, out, out_stride, a, 1, MR, packed_b, NR, K, accumulate);
  for (; M >= 4; M -= 4, out += 4 * out_stride, a += 4)
    tile(4, vectors, out, out_stride, a, 1, MR, packed_b, NR, K, accumulate);
  for (; M >= 2; M -= 2, out += 2 * out_stride, a += 2)
    tile(2, vectors, out, out_stride, a, 1, MR, packed_b, NR, K, accumulate);
  if (M > 0) tile(1, vectors, out, out_stride, a, 1, MR, packed_b, NR, K, accumulate);
}

void matmul(float* out, int out_stride, const float* a, int a_row, int a_col, const float* b, int b_stride,
            int M, int N, int K, int accumulate) {
  for (int k = 0; k < K; k += KC) {
    const int terms = K - k < KC ? K - k : KC, add_to = accumulate || k > 0;
    for (int m = 0; m < M; m += MC) {
      const int rows = M - m < MC ? M - m : MC;
      pack_a(a + m * a_row + k * a_col, a_row, a_col, rows, terms);
      for (int j = 0; j < N; j += NR) {
        float* o = out + m * out_stride + j;
        const int vectors = N - j < NR ? 1 : NV;
        pack_b(b + k * b_stride + j, b_stride, vectors, terms);
        // Both cases compute the same; they differ in what is constant for the compiler.
        if (vectors == NV) panel(NV, o, out_stride, rows, terms, add_to);
        else panel(1, o, out_stride, rows, terms, add_to);
      }
    }
  }
}

/// `rows` rows of small_matmul().
INLINE void small_rows(const int rows, float* out, int out_stride, const float* a, int a_row, int a_col, const float* b,
                       int b_stride, int N, int K) {
  int j = 0;
  for (; j + NR <= N; j += NR) tile(rows, NV, out + j, out_stride, a, a_row, a_col, b + j, b_stride, K, 0);
  for (; j < N; j += 4) tile(rows, 1, out + j, out_stride, a, a_row, a_col, b + j, b_stride, K, 0);
}

void small_matmul(float* out, int out_stride, const float* a, int a_row, int a_col, const float* b, int b_stride,
                  int M, int N, int K) {
  for (; M >= 4; M -= 4, out += 4 * out_stride, a += 4 * a_row)
    if (a_row == 1) small_rows(4, out, out_stride, a, 1, a_col, b, b_stride, N, K);
    else small_rows(4, out, out_stride, a, a_row, 1, b, b_stride, N, K);
  for (; M > 0; M--, out += out_stride, a += a_row) small_rows(1, out, out_stride, a, a_row, a_col, b, b_stride, N, K);
}
