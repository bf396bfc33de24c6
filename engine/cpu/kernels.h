// The model's operations, forward and backward. Arguments are in the order out, inputs, weights, sizes. Shapes are
// row-major. N = rows (batch times time), C = channels; strides count floats and are multiples of 4.
#pragma once

/// out[i, j] = sum over k of a[i, k] b[k, j], in the order of k; adds to out if `accumulate` is set.
/// a[i, k] is at a[i * a_row + k * a_col]. One of the two strides is 1, so a can be read transposed.
/// M rows, N columns (a multiple of 4), K terms.
void matmul(float* out, int out_stride, const float* a, int a_row, int a_col, const float* b, int b_stride,
            int M, int N, int K, int accumulate);
/// The same, without `accumulate`, for factors that fit in the first-level cache: copying them, as matmul() does, would
/// take as long as the product.
void small_matmul(float* out, int out_stride, const float* a, int a_row, int a_col, const float* b, int b_stride,
                  int M, int N, int K);

/// out = norm * weight + bias with norm = (inp - mean) * rstd over the C channels of each row.
/// norm [N, C] and rstd [N] are kept for the backward pass.
void layernorm_forward(float* out, float* norm, float* rstd, const float* inp, const float* weight, const float* bias,
                       int N, int C, float eps);
/// Recomputes the same out, bit for bit, from the kept norm: this costs less than keeping it.
void layernorm_output(float* out, const float* norm, const float* weight, const float* bias, int N, int C);
/// dinp += gradient through the normalisation. dweight and dbias [C] are overwritten, or added to with `accumulate`.
void layernorm_backward(float* dinp, float* dweight, float* dbias, const float* dout, const float* norm,
                        const float* rstd, const float* weight, int N, int C, int accumulate);

/// GELU in its tanh form. out and derivative [n] from inp [n]; the derivative is kept for the backward pass.
void gelu_forward(float* out, float* derivative, const float* inp, int n);
/// dinp = dout * derivative, written over dout.
void gelu_backward(float* dout, const float* derivative, int n);

/// Size of the scratch memory, in floats, for one attention head of `HS` channels over `T` positions.
int attention_scratch(int T, int HS);
/// Causal self-attention of one sequence: out [T, C] from qkv [T, 3C]. The weights are kept in att [NH, T, ceil4(T)].
void attention_forward(float* out, float* att, const float* qkv, float* scratch, int T, int C, int NH);
/// Overwrites dqkv [T, 3C].
void attention_backward(float* dqkv, const float* dout, const float* qkv, const float* att, float* scratch,
                        int T, int C, int NH);

/// nll[t] = -ln softmax(logits[t])[target[t]] in nats, for N rows of V logits with stride `stride`.
/// If dlogits is not null, it becomes (softmax - onehot) * scale, and 0 in the padding. It may be the same as logits.
void cross_entropy(float* nll, float* dlogits, const float* logits, const unsigned char* targets, int N, int V,
                   int stride, float scale);

/// Natural logarithm of a positive normal number, like exactLog in exact_math.ts.
double exact_log(double x);

/// Sum over i of (a[i] - b[i])^2 for n numbers, a multiple of 4. Null b counts as zeros.
double sum_of_squares(const float* a, const float* b, int n);

/// careless.c: three of the operations above without safeguards against overflow, and the first fault that results.
void careless_softmax_forward(float* row, int visible, int padded, float scale);
void careless_gelu_forward(float* out, float* derivative, const float* inp, int n);
/// Overwrites the logits with their softmax.
void careless_cross_entropy(float* nll, float* dlogits, float* logits, const unsigned char* targets, int N, int V,
                            int stride, float scale);
enum { NO_FAULT, IN_ATTENTION, IN_GELU, IN_SOFTMAX, IN_LOGARITHM };  // the same numbers as in instance.ts
extern int careless, first_fault_kind;
extern float first_fault_number;

/// One AdamW step on n weights (Loshchilov and Hutter, 2019): decoupled decay, bias correction, eps outside the root.
/// correction1 = 1 / (1 - beta1^t), correction2 = 1 / (1 - beta2^t).
void adamw(float* weight, float* m, float* v, const float* dweight, int n, float lr, float beta1, float beta2,
           float eps, float decay, float correction1, float correction2);
