// The whole model in one WebAssembly instance: memory, forward, backward, and the functions that TypeScript calls.
// cpu_backend.ts decides which sequences an instance gets, and how gradients are summed over several Workers.
#include "kernels.h"
#include "simd.h"

enum { MAX_CHUNK = 2 };  // sequences that pass through the model together: fewer are slower, more need more memory

/// The options of an instance. instance.ts writes these numbers, in this order, before it calls create(). They set the
/// size of all memory, so the C code has no limits, except that a character is a byte. A test compares the two lists.
typedef struct {
  int n_layer;
  int n_head;
  int n_embd;
  int block_size;
  int vocab_size;
  int mlp_ratio;
  float layer_norm_eps;
  int batch_size;   // the largest B that gradients() will see
  int leaves;       // parts of a batch, the same for any number of Workers; see gradients_into()
  int levels;       // gradient buffers: a sum over n leaves needs log2(n) + 1 of them at one time
  int token_rows;   // sequences that fit at tokens_at() at one time
  int noise_rows;   // characters that generate() can append at one time; 0 in a Worker that only assists
  int trains;       // 0 in a Worker that only assists or writes: it needs no optimiser state
  int careless;     // 1 chooses the arithmetic of careless.c
} Options;

/// Views into the flat vector, in the order of params.ts.
typedef struct { float *ln1_weight, *ln1_bias, *qkv, *attn_proj, *ln2_weight, *ln2_bias, *fc, *mlp_proj; } Layer;
typedef struct { float *wte, *wpe, *lnf_weight, *lnf_bias; Layer* h; } Weights;  // h [L]

/// What a layer's forward pass keeps for the backward pass.
typedef struct { float *norm1, *rstd1, *qkv, *att, *mixed, *norm2, *rstd2, *gelu, *derivative; } Kept;

static Options options;
static int L, NH, C, T, V, VP, FF;
static int chunk;                                        // MAX_CHUNK, or a leaf's sequences if those are fewer
static float eps;
int careless;
static int n_params;
static float *params, *m, *v, **grads;                   // grads [levels]
static float* before;                                    // params before the last update whose norms are wanted
static Weights weight, transposed, *gradient;            // gradient [levels]: views into grads
static float* wte_transposed;                            // [C, VP]
static Kept* kept;                                       // [L]
static float *x, *ln, *normf, *rstdf, *logits, *hidden;  // ln [rows, C], hidden [rows, max(FF, 3C)]: temporary
static float *dx, *dhidden, *dsmall, *scratch;           // dx of a whole leaf; dsmall [rows, C]; dhidden is hidden
static float *nll, *noise;
static unsigned char *tokens, *targets;                  // targets: one chunk's, side by side
static unsigned char* heads_off;                         // [L, NH]: 1 for a head that observe() replaces by zeros
static float *streams, *early;                           // of one sequence: [L + 1, T, C], [T, L, VP]; see observe()
static float *drawn_from, *drawn_early;                  // of each character that generate() appended; see there

extern unsigned char __heap_base;
static unsigned long heap_end;

/// `bytes` of zeroed memory, aligned for SIMD; null once the browser has refused more memory.
static void* reserve(unsigned long bytes) {
  if (!heap_end) return 0;
  unsigned long start = heap_end;
  heap_end += (bytes + 15) & ~15ul;
  unsigned long have = __builtin_wasm_memory_size(0) * 65536ul;
  if (heap_end > have && __builtin_wasm_memory_grow(0, (heap_end - have + 65535) / 65536) == ~0ul) start = heap_end = 0;
  return (void*)start;
}

static float* floats(int count) { return reserve(4ul * count); }

static Weights views(float* p, Layer* layers) {
  Weights w;
  w.h = layers;
  w.wte = p, p += V * C;
  w.wpe = p, p += T * C;
  for (int l = 0; l < L; l++) {
    Layer* h = &w.h[l];
    h->ln1_weight = p, p += C;
    h->ln1_bias = p, p += C;
    h->qkv = p, p += 3 * C * C;
    h->attn_proj = p, p += C * C;
    h->ln2_weight = p, p += C;
    h->ln2_bias = p, p += C;
    h->fc = p, p += C * FF;
    h->mlp_proj = p, p += FF * C;
  }
  w.lnf_weight = p, p += C;
  w.lnf_bias = p;
  return w;
}

Options* options_at(void) { return &options; }

/// Prepares the instance for the options at options_at(). Call it once. Returns the number of weights, or 0 if the
/// browser refuses the memory.
int create(void) {
  careless = options.careless;
  const int leaf = (options.batch_size + options.leaves - 1) / options.leaves;  // sequences, at most
  chunk = leaf < MAX_CHUNK ? leaf : MAX_CHUNK;
  L = options.n_layer, NH = options.n_head, C = options.n_embd, T = options.block_size, V = options.vocab_size;
  VP = (V + 3) & ~3, FF = options.mlp_ratio * C, eps = options.layer_norm_eps;
  n_params = V * C + T * C + L * (4 * C + 4 * C * C + 2 * C * FF) + 2 * C;
  heap_end = ((unsigned long)&__heap_base + 15) & ~15ul;
  const int rows = chunk * T, TP = (T + 3) & ~3;
  kept = reserve(L * sizeof(Kept)), grads = reserve(options.levels * sizeof(float*));
  gradient = reserve(options.levels * sizeof(Weights));
  Layer* const layers = reserve((2 + options.levels) * L * sizeof(Layer));
  if (!layers) return 0;  // the code below writes into these tables
  weight = views(params = floats(n_params), layers);
  transposed = views(floats(n_params), layers + L);
  if (options.trains) m = floats(n_params), v = floats(n_params), before = floats(n_params);
  for (int i = 0; i < options.levels; i++) gradient[i] = views(grads[i] = floats(n_params), layers + (2 + i) * L);
  wte_transposed = floats(C * VP);
  for (int l = 0; l < L; l++) {
    Kept* k = &kept[l];
    k->norm1 = floats(rows * C), k->rstd1 = floats(rows);
    k->qkv = floats(rows * 3 * C), k->att = floats(chunk * NH * T * TP), k->mixed = floats(rows * C);
    k->norm2 = floats(rows * C), k->rstd2 = floats(rows);
    k->gelu = floats(rows * FF), k->derivative = floats(rows * FF);
  }
  x = floats(rows * C), ln = floats(rows * C), normf = floats(rows * C), rstdf = floats(rows);
  logits = floats(rows * VP), hidden = floats(rows * (FF > 3 * C ? FF : 3 * C));
  dx = floats(leaf * T * C), dhidden = hidden, dsmall = floats(rows * C);
  scratch = floats(attention_scratch(T, C / NH));
  nll = floats(options.token_rows * T);
  noise = floats(options.noise_rows * VP);
  drawn_from = floats(options.noise_rows * VP), drawn_early = floats(options.noise_rows * L * VP);
  heads_off = reserve(L * NH);
  if (options.noise_rows) streams = floats((L + 1) * T * C), early = floats(T * L * VP);
  tokens = reserve(options.token_rows * (T + 1));
  targets = reserve(rows);
  return targets ? n_params : 0;
}

float* params_at(void) { return params; }
float* m_at(void) { return m; }
float* v_at(void) { return v; }
float* gradients_at(int level) { return grads[level]; }
float* nll_at(void) { return nll; }
float* noise_at(void) { return noise; }
unsigned char* tokens_at(void) { return tokens; }
float* before_at(void) { return before; }
unsigned char* heads_off_at(void) { return heads_off; }
float* streams_at(void) { return streams; }
float* early_at(void) { return early; }
float* logits_at(void) { return logits; }
float* attention_at(int layer) { return kept[layer].att; }
float* drawn_from_at(void) { return drawn_from; }
float* drawn_early_at(void) { return drawn_early; }
int fault_kind(void) { return first_fault_kind; }
float fault_number(void) { return first_fault_number; }

static void transpose(float* to, int to_stride, const float* from, int rows, int columns) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) to[j * to_stride + i] = from[i * columns + j];
}

/// Call this whenever the weights have changed. It renews the transposes that the output head and backward pass use.
void weights_changed(void) {
  transpose(wte_transposed, VP, weight.wte, V, C);
  for (int l = 0; l < L; l++) {
    Layer *w = &weight.h[l], *t = &transposed.h[l];
    transpose(t->qkv, C, w->qkv, C, 3 * C);
    transpose(t->attn_proj, C, w->attn_proj, C, C);
    transpose(t->fc, C, w->fc, C, FF);
    transpose(t->mlp_proj, FF, w->mlp_proj, FF, C);
  }
}

/// Head h's columns of mixed [N, C] become zeros.
static void switch_off(float* mixed, int h, int N) {
  const int HS = C / NH;
  for (int r = 0; r < N; r++) __builtin_memset(mixed + r * C + h * HS, 0, 4ul * HS);
}

/// logits [b * t, VP] for b sequences of t characters; sequence i starts at inp + i * stride. With `observed`, b is 1, and
/// `streams` receives the residual stream x after the embedding and after each block.
static void forward(const unsigned char* inp, int stride, int b, int t, int observed) {
  const int N = b * t, TP = (t + 3) & ~3;
  for (int r = 0; r < N; r++) {
    const float *token = weight.wte + inp[r / t * stride + r % t] * C, *position = weight.wpe + r % t * C;
    for (int c = 0; c < C; c += 4) store(x + r * C + c, add(load(token + c), load(position + c)));
  }
  for (int l = 0; l < L; l++) {
    const Layer* w = &weight.h[l];
    const Kept* k = &kept[l];
    if (observed) __builtin_memcpy(streams + l * T * C, x, 4ul * t * C);
    layernorm_forward(ln, k->norm1, k->rstd1, x, w->ln1_weight, w->ln1_bias, N, C, eps);
    matmul(k->qkv, 3 * C, ln, C, 1, w->qkv, 3 * C, N, 3 * C, C, 0);
    for (int i = 0; i < b; i++)
      attention_forward(k->mixed + i * t * C, k->att + i * NH * t * TP, k->qkv + i * t * 3 * C, scratch, t, C, NH);
    for (int h = 0; h < NH; h++)
      if (heads_off[l * NH + h]) switch_off(k->mixed, h, N);
    matmul(x, C, k->mixed, C, 1, w->attn_proj, C, N, C, C, 1);
    layernorm_forward(ln, k->norm2, k->rstd2, x, w->ln2_weight, w->ln2_bias, N, C, eps);
    matmul(hidden, FF, ln, C, 1, w->fc, FF, N, FF, C, 0);
    if (careless) careless_gelu_forward(k->gelu, k->derivative, hidden, N * FF);
    else gelu_forward(k->gelu, k->derivative, hidden, N * FF);
    matmul(x, C, k->gelu, FF, 1, w->mlp_proj, C, N, C, FF, 1);
  }
  if (observed) __builtin_memcpy(streams + L * T * C, x, 4ul * t * C);
  layernorm_forward(ln, normf, rstdf, x, weight.lnf_weight, weight.lnf_bias, N, C, eps);
  matmul(logits, VP, ln, C, 1, wte_transposed, VP, N, VP, C, 0);
}

/// Writes into `g` (adds, if `accumulate`) the gradient of the sum of scale * loss over b sequences, except what
/// reaches the embeddings through dx. The logits hold dlogits. dx [b * T, C] becomes the gradient of the first layer's
/// input.
static void backward(const Weights* g, float* dx, int b, int accumulate) {
  const int N = b * T, TP = (T + 3) & ~3;
  matmul(g->wte, C, logits, 1, VP, ln, C, V, C, N, accumulate);
  matmul(dsmall, C, logits, VP, 1, weight.wte, C, N, C, V, 0);
  __builtin_memset(dx, 0, 4ul * N * C);
  layernorm_backward(dx, g->lnf_weight, g->lnf_bias, dsmall, normf, rstdf, weight.lnf_weight, N, C, accumulate);
  for (int l = L - 1; l >= 0; l--) {
    const Layer *w = &weight.h[l], *wt = &transposed.h[l], *d = &g->h[l];
    const Kept* k = &kept[l];
    matmul(d->mlp_proj, C, k->gelu, 1, FF, dx, C, FF, C, N, accumulate);
    matmul(dhidden, FF, dx, C, 1, wt->mlp_proj, FF, N, FF, C, 0);
    gelu_backward(dhidden, k->derivative, N * FF);
    layernorm_output(ln, k->norm2, w->ln2_weight, w->ln2_bias, N, C);
    matmul(d->fc, FF, ln, 1, C, dhidden, FF, C, FF, N, accumulate);
    matmul(dsmall, C, dhidden, FF, 1, wt->fc, C, N, C, FF, 0);
    layernorm_backward(dx, d->ln2_weight, d->ln2_bias, dsmall, k->norm2, k->rstd2, w->ln2_weight, N, C, accumulate);
    matmul(d->attn_proj, C, k->mixed, 1, C, dx, C, C, C, N, accumulate);
    matmul(dsmall, C, dx, C, 1, wt->attn_proj, C, N, C, C, 0);
    for (int i = 0; i < b; i++)
      attention_backward(dhidden + i * T * 3 * C, dsmall + i * T * C, k->qkv + i * T * 3 * C,
                         k->att + i * NH * T * TP, scratch, T, C, NH);
    layernorm_output(ln, k->norm1, w->ln1_weight, w->ln1_bias, N, C);
    matmul(d->qkv, 3 * C, ln, 1, C, dhidden, 3 * C, C, 3 * C, N, accumulate);
    matmul(dsmall, C, dhidden, 3 * C, 1, wt->qkv, C, N, C, 3 * C, 0);
    layernorm_backward(dx, d->ln1_weight, d->ln1_bias, dsmall, k->norm1, k->rstd1, w->ln1_weight, N, C, accumulate);
  }
}

/// What reaches the embeddings through dx [b * T, C]. The token embedding is also the output head: g->wte is added to.
static void embedding_backward(const Weights* g, const unsigned char* inp, int b) {
  __builtin_memset(g->wpe, 0, 4ul * T * C);
  for (int r = 0; r < b * T; r++) {
    float *token = g->wte + inp[r / T * (T + 1) + r % T] * C, *position = g->wpe + r % T * C;
    for (int c = 0; c < C; c += 4) {
      f32x4 d = load(dx + r * C + c);
      store(token + c, add(load(token + c), d));
      store(position + c, add(load(position + c), d));
    }
  }
}

static void collect_targets(const unsigned char* rows, int b) {
  for (int i = 0; i < b; i++) __builtin_memcpy(targets + i * T, rows + i * (T + 1) + 1, T);
}

static void losses(float* out, float* dlogits, int N, float scale) {
  if (careless) careless_cross_entropy(out, dlogits, logits, targets, N, V, VP, scale);
  else cross_entropy(out, dlogits, logits, targets, N, V, VP, scale);
}

/// For a batch of B token rows [B, T + 1] at tokens_at(): writes the share of leaves first .. first + count - 1 in the
/// gradient of the batch's mean loss into gradient buffer `level`, and their losses into nll [B, T].
/// Leaves are summed along a binary tree that does not depend on which Worker computes which branch, so the result has
/// the same bits for 1, 2, 4 or 8 Workers. Returns 0 and writes nothing if these leaves have no sequences.
static int gradients_into(int level, int first, int count, int B) {
  if (count > 1) {
    const int half = count / 2;
    const int left = gradients_into(level, first, half, B);
    const int right = gradients_into(left ? level + 1 : level, first + half, half, B);
    if (left && right)
      for (int i = 0; i < n_params; i += 4)
        store(grads[level] + i, add(load(grads[level] + i), load(grads[level + 1] + i)));
    return left || right;
  }
  const int begin = first * B / options.leaves, end = (first + 1) * B / options.leaves;
  if (begin == end) return 0;
  const unsigned char* rows = tokens + begin * (T + 1);
  const Weights* g = &gradient[level];
  // A few sequences at a time, so that the backward pass needs less memory; gradients accumulate.
  for (int done = 0; done < end - begin; done += chunk) {
    const int b = end - begin - done < chunk ? end - begin - done : chunk;
    const unsigned char* part = rows + done * (T + 1);
    collect_targets(part, b);
    forward(part, T + 1, b, T, 0);
    losses(nll + (begin + done) * T, logits, b * T, 1.0f / (B * T));
    backward(g, dx + done * T * C, b, done > 0);
  }
  embedding_backward(g, rows, end - begin);
  return 1;
}

int gradients(int first_leaf, int leaf_count, int B) { return gradients_into(0, first_leaf, leaf_count, B); }

/// Gradient buffer `into` += gradient buffer `from`.
void add_gradients(int into, int from) {
  for (int i = 0; i < n_params; i += 4) store(grads[into] + i, add(load(grads[into] + i), load(grads[from] + i)));
}

/// nll [count, T] in nats, for the token rows [count, T + 1] at tokens_at().
void evaluate(int count) {
  for (int begin = 0; begin < count; begin += chunk) {
    const int b = count - begin < chunk ? count - begin : chunk;
    const unsigned char* rows = tokens + begin * (T + 1);
    collect_targets(rows, b);
    forward(rows, T + 1, b, T, 0);
    losses(nll + begin * T, 0, b * T, 0);
  }
}

/// out [rows, L, VP]: the logits, had the model ended after the embedding, or after a block but the last, at `rows`
/// positions of `streams` from `first` on.
static void read_early(float* out, int first, int rows) {
  for (int l = 0; l < L; l++) {
    const float* stream = streams + (l * T + first) * C;
    layernorm_forward(ln, normf, rstdf, stream, weight.lnf_weight, weight.lnf_bias, rows, C, eps);
    matmul(out + l * VP, L * VP, ln, C, 1, wte_transposed, VP, rows, VP, C, 0);
  }
}

/// Appends `count` characters to the `prompt` characters at tokens_at(). Each new one has the largest logit + noise,
/// with noise [count, VP] at noise_at(). The model sees the last T characters.
/// The logits of each stay in drawn_from [count, VP], those read early in drawn_early [count, L, VP].
void generate(int prompt, int count) {
  for (int i = 0; i < count; i++) {
    const int have = prompt + i, t = have < T ? have : T;
    forward(tokens + have - t, 0, 1, t, 1);
    const float *last = logits + (t - 1) * VP, *row = noise + i * VP;
    int best = 0;
    for (int c = 1; c < V; c++)
      if (last[c] + row[c] > last[best] + row[best]) best = c;
    tokens[have] = best;
    __builtin_memcpy(drawn_from + i * VP, last, 4ul * VP);
    read_early(drawn_early + i * L * VP, t - 1, 1);
  }
}

/// A pass over the t characters at tokens_at(), without the heads in heads_off, which then is all zeros again. Leaves
/// streams, logits [t, VP], early [t, L, VP], and each layer's attention [NH, t, ceil4(t)] at attention_at(). The first
/// fault stays that of the run.
void observe(int t) {
  const int kind = first_fault_kind;
  const float number = first_fault_number;
  forward(tokens, 0, 1, t, 1);
  read_early(early, 0, t);
  __builtin_memset(heads_off, 0, L * NH);
  first_fault_kind = kind, first_fault_number = number;
}

/// One AdamW step with the gradient in buffer 0. Only matrices and embeddings decay.
void update(float lr, float beta1, float beta2, float adam_eps, float decay, float correction1, float correction2) {
  float* const g = grads[0];
  int done = 0;
  for (int l = 0; l <= L; l++) {
    // The weights up to the next LayerNorm decay; its 2C weights and biases do not.
    const float* const stops[] = {l < L ? weight.h[l].ln1_weight : weight.lnf_weight, l < L ? weight.h[l].ln2_weight : 0};
    for (int s = 0; s < 2 && stops[s]; s++) {
      const int stop = stops[s] - params;
      adamw(params + done, m + done, v + done, g + done, stop - done, lr, beta1, beta2, adam_eps, decay, correction1,
            correction2);
      adamw(params + stop, m + stop, v + stop, g + stop, 2 * C, lr, beta1, beta2, adam_eps, 0, correction1, correction2);
      done = stop + 2 * C;
    }
  }
}
