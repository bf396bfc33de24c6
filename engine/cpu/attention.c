// att = softmax(q k^T / sqrt(HS)) over positions up to and including the query's; out = att v (Vaswani et al., 2017).
// One head at a time: its q, k and v are first copied into contiguous memory, so that all products are small matmuls.
#include "kernels.h"
#include "simd.h"

static int ceil4(int n) { return (n + 3) & ~3; }
static int smaller(int a, int b) { return a < b ? a : b; }

/// One head's matrices in the scratch memory, padded with zeros: [TP, HSP], transposed [HSP, TP], datt [TP, TP].
typedef struct { float *q, *k, *v, *dq, *dk, *dv, *dout, *transposed, *datt; } Head;

static Head head_at(float* scratch, int T, int HS) {
  const int TP = ceil4(T), HSP = ceil4(HS), rows = TP * HSP;
  float* p = scratch;
  Head head;
  float** pieces[] = {&head.q, &head.k, &head.v, &head.dq, &head.dk, &head.dv, &head.dout, &head.transposed};
  for (int i = 0; i < 8; i++, p += rows) *pieces[i] = p;
  head.datt = p;
  return head;
}

int attention_scratch(int T, int HS) { return 8 * ceil4(T) * ceil4(HS) + ceil4(T) * ceil4(T); }

/// Copies HS columns at `from`, whose rows are `stride` apart, to `to` [TP, HSP], padded with zeros.
static void gather(float* to, const float* from, int stride, int T, int HS) {
  const int HSP = ceil4(HS);
  for (int t = 0; t < T; t++, to += HSP, from += stride) {
    int c = 0;
    for (; c + 4 <= HS; c += 4) store(to + c, load(from + c));
    for (; c < HSP; c++) to[c] = c < HS ? from[c] : 0;
  }
  __builtin_memset(to, 0, 4ul * (ceil4(T) - T) * HSP);
}

static void scatter(float* to, int stride, const float* from, int T, int HS) {
  for (int t = 0; t < T; t++, to += stride, from += ceil4(HS)) {
    int c = 0;
    for (; c + 4 <= HS; c += 4) store(to + c, load(from + c));
    for (; c < HS; c++) to[c] = from[c];
  }
}

/// to [HSP, TP] = from [TP, HSP] transposed.
static void transpose(float* to, const float* from, int T, int HS) {
  const int TP = ceil4(T), HSP = ceil4(HS);
  for (int t = 0; t < TP; t += 4, from += 4 * HSP)
    for (int c = 0; c < HSP; c += 4)
      transpose4(to + c * TP + t, TP, load(from + c), load(from + HSP + c), load(from + 2 * HSP + c),
                 load(from + 3 * HSP + c));
}

/// The lower triangle of a [T, HSP] times b [HSP, TP]. Each group of four rows has the columns up to its last row.
static void causal_scores(float* out, const float* a, const float* b, int T, int HSP) {
  const int TP = ceil4(T);
  for (int i = 0; i < T; i += 4)
    small_matmul(out + i * TP, TP, a + i * HSP, HSP, 1, b, TP, smaller(4, T - i), i + 4, HSP);
}

/// out [T, HSP] = att [T, TP] times b [T, HSP]. Skips terms above the diagonal of att, which are zero.
static void causal_mix(float* out, const float* att, const float* b, int T, int HSP) {
  const int TP = ceil4(T);
  for (int i = 0; i < T; i += 4)
    small_matmul(out + i * HSP, HSP, att + i * TP, TP, 1, b, HSP, smaller(4, T - i), HSP, smaller(i + 4, T));
}

/// out [T, HSP] = att^T times b: row j sums over the positions that attend to j.
static void causal_mix_transposed(float* out, const float* att, const float* b, int T, int HSP) {
  const int TP = ceil4(T);
  for (int j = 0; j < T; j += 4)
    small_matmul(out + j * HSP, HSP, att + j * TP + j, 1, TP, b + j * HSP, HSP, smaller(4, T - j), HSP, T - j);
}

/// Four rows are normalised together, because a row alone leaves the processor waiting for its sums; the last T mod 4 rows
/// come one by one. Row t sees columns 0 .. t. All rows of a group end within the same vector of 4 columns, which begins
/// at the group's first row rounded down to a multiple of 4 (`whole`). Only that vector needs a mask.
enum { GROUP = 4 };

/// Turns `rows` rows of scores, row `first` and those after it, into weights: softmax of scale * score over what a row
/// sees, then zeros up to column TP.
INLINE void softmax_forward_rows(const int rows, float* att, int first, int TP, float scale) {
  const int whole = first & ~3;  // every row of the group sees all columns before this one
  f32x4 largest[GROUP], sums[GROUP];
  float* const masked = att + whole;
  for (int r = 0; r < rows; r++) {
    const float most = largest_of(att + r * TP, first + r + 1);
    largest[r] = splat(most), sums[r] = splat(0);
  }
  for (int j = 0; j < whole; j += 4)
    for (int r = 0; r < rows; r++) {
      float* score = att + r * TP + j;
      const f32x4 e = exp4(mul(sub(load(score), largest[r]), splat(scale)));
      store(score, e);
      sums[r] = add(sums[r], e);
    }
  for (int r = 0; r < rows; r++) {
    float* score = masked + r * TP;
    const f32x4 e = first_lanes(exp4(mul(sub(load(score), largest[r]), splat(scale))), first + r + 1 - whole);
    store(score, e);
    sums[r] = splat(1 / sum_lanes(add(sums[r], e)));
  }
  for (int j = 0; j <= whole; j += 4)
    for (int r = 0; r < rows; r++) store(att + r * TP + j, mul(load(att + r * TP + j), sums[r]));
  for (int r = 0; r < rows; r++) __builtin_memset(masked + r * TP + 4, 0, 4ul * (TP - whole - 4));
}

/// dscore = scale * att * (datt - sum of att * datt), written over `rows` rows of datt. Behind what a row sees att is 0.
INLINE void softmax_backward_rows(const int rows, float* datt, const float* att, int first, int TP, float scale) {
  const int whole = first & ~3;
  f32x4 sums[GROUP];
  for (int r = 0; r < rows; r++) sums[r] = splat(0);
  for (int j = 0; j <= whole; j += 4)
    for (int r = 0; r < rows; r++) sums[r] = madd(load(att + r * TP + j), load(datt + r * TP + j), sums[r]);
  for (int r = 0; r < rows; r++) sums[r] = splat(sum_lanes(sums[r]));
  for (int j = 0; j <= whole; j += 4)
    for (int r = 0; r < rows; r++) {
      float* d = datt + r * TP + j;
      store(d, mul(mul(load(att + r * TP + j), sub(load(d), sums[r])), splat(scale)));
    }
  for (int r = 0; r < rows; r++) __builtin_memset(datt + r * TP + whole + 4, 0, 4ul * (TP - whole - 4));
}

/// All T rows of att [T, TP].
static void softmax_forward(float* att, int T, int TP, float scale) {
  int t = 0;
  for (; t + GROUP <= T; t += GROUP) softmax_forward_rows(GROUP, att + t * TP, t, TP, scale);
  for (; t < T; t++) softmax_forward_rows(1, att + t * TP, t, TP, scale);
}

static void softmax_backward(float* datt, const float* att, int T, int TP, float scale) {
  int t = 0;
  for (; t + GROUP <= T; t += GROUP) softmax_backward_rows(GROUP, datt + t * TP, att + t * TP, t, TP, scale);
  for (; t < T; t++) softmax_backward_rows(1, datt + t * TP, att + t * TP, t, TP, scale);
}

void attention_forward(float* out, float* att, const float* qkv, float* scratch, int T, int C, int NH) {
  const int HS = C / NH, TP = ceil4(T), HSP = ceil4(HS);
  const float scale = 1 / __builtin_sqrtf(HS);
  const Head head = head_at(scratch, T, HS);
  for (int h = 0; h < NH; h++, att += T * TP) {
    gather(head.q, qkv + h * HS, 3 * C, T, HS);
    gather(head.k, qkv + C + h * HS, 3 * C, T, HS);
    gather(head.v, qkv + 2 * C + h * HS, 3 * C, T, HS);
    transpose(head.transposed, head.k, T, HS);
    causal_scores(att, head.q, head.transposed, T, HSP);
    if (careless) for (int t = 0; t < T; t++) careless_softmax_forward(att + t * TP, t + 1, TP, scale);
    else softmax_forward(att, T, TP, scale);
    causal_mix(head.q, att, head.v, T, HSP);  // q is no longer needed
    scatter(out + h * HS, C, head.q, T, HS);
  }
}

void attention_backward(float* dqkv, const float* dout, const float* qkv, const float* att, float* scratch,
                        int T, int C, int NH) {
  const int HS = C / NH, TP = ceil4(T), HSP = ceil4(HS);
  const float scale = 1 / __builtin_sqrtf(HS);
  const Head head = head_at(scratch, T, HS);
  for (int h = 0; h < NH; h++, att += T * TP) {
    gather(head.q, qkv + h * HS, 3 * C, T, HS);
    gather(head.k, qkv + C + h * HS, 3 * C, T, HS);
    gather(head.v, qkv + 2 * C + h * HS, 3 * C, T, HS);
    gather(head.dout, dout + h * HS, C, T, HS);
    causal_mix_transposed(head.dv, att, head.dout, T, HSP);
    transpose(head.transposed, head.v, T, HS);
    causal_scores(head.datt, head.dout, head.transposed, T, HSP);
    softmax_backward(head.datt, att, T, TP, scale);
    causal_mix(head.dq, head.datt, head.k, T, HSP);
    causal_mix_transposed(head.dk, head.datt, head.q, T, HSP);
    scatter(dqkv + h * HS, 3 * C, head.dq, T, HS);
    scatter(dqkv + C + h * HS, 3 * C, head.dk, T, HS);
    scatter(dqkv + 2 * C + h * HS, 3 * C, head.dv, T, HS);
  }
}
