// Everything between two attentions, for 16 rows. No row depends on another there, so one workgroup can take a row from
// the attention's output to the queries, keys and values of the next layer, without a detour through the GPU's memory.
//   x = stream + mixed O     x = x + GELU(LN_2(x) FC) PROJ     qkv = LN_1'(x) QKV'     with ' from the next layer
// Operations as in matmul_, residual_, layernorm_ and gelu_forward; tile.wgsl says how invocations share the products.
// reads   layer [1], weights: the flat vector of params.ts
// writes  streams [STREAMS, N, C]: x at 0 (and reads mixed at MIXED + l); qkv [L, N, 3C]; for the backward pass
//         norms [2L + 1, N, C], rstds [2L + 1, N] and hidden [L, 2, N, FF]: the GELU's result and its slope
// grid    one workgroup per 16 rows
// pair    fused/block_backward
@group(0) @binding(0) var<storage, read> layer: array<u32, 1>;
@group(0) @binding(1) var<storage, read> weights: array<vec4f, WEIGHTS_4>;
@group(0) @binding(2) var<storage, read_write> streams: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> norms: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> rstds: array<f32>;
@group(0) @binding(5) var<storage, read_write> hidden: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> qkv: array<vec4f>;

const ROOT = 0.7978845608028654; // sqrt(2 / pi)
const CUBIC = 0.044715;

// GELU as in gelu_forward; stores it in `hidden`, with its slope s + 2 x s (1 - s) du/dx.
fn gelu(x: vec4f, place: u32) -> vec4f {
  let u = ROOT * x * (1.0 + CUBIC * x * x);
  let s = 1.0 / (1.0 + exp(-2.0 * u));
  hidden[place] = x * s;
  // Far from 0, s is 0 or 1 and this term is 0; x^3 would overflow there, and 0 times infinity is NaN.
  let bend = 2.0 * x * s * (1.0 - s) * (ROOT * (1.0 + 3.0 * CUBIC * x * x));
  hidden[place + N * 64u] = s + select(vec4f(), bend, abs(x) < vec4f(20.0));
  return x * s;
}

// LayerNorm of the rows, into the first tile.
fn layernorm(x: vec4f, i: u32, n: u32, which: u32, gain: u32) {
  let centred = x - row_sum(total(x), i) / 64.0;
  let rstd = 1.0 / sqrt(row_sum(dot(centred, centred), i) / 64.0 + eps);
  let norm = centred * rstd;
  norms[(which * N + n) * 16u + i % 16u] = norm;
  if (i % 16u == 0u) { rstds[which * N + n] = rstd; }
  memory[i / 16u * STRIDE + i % 16u] = norm * weights[gain + i % 16u] + weights[gain + 16u + i % 16u];
  workgroupBarrier();
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  let l = layer[0];
  let n = tile.x * 16u + i / 16u;
  let own = i / 16u * STRIDE + i % 16u;
  let h = (FIRST_LAYER + l * LAYER_SIZE) / 4u;
  let quarter = i / 64u;
  let narrow = quarter_column(i);
  let wide = column(i);

  // The attention's output, multiplied by O, is added to the stream.
  memory[own] = streams[((MIXED + l) * N + n) * 16u + i % 16u];
  let before = streams[n * 16u + i % 16u];
  workgroupBarrier();
  sum_quarters(product(EMPTY, i, 0u, STRIDE, 4u * quarter, 4u * quarter + 4u, h + ATTN_PROJ / 4u, 16u, narrow), i);
  let middle = before + memory[own];

  // The MLP. Its 256 hidden channels go through shared memory in two halves of 128.
  layernorm(middle, i, n, 2u * l + 1u, h + LN_2 / 4u);
  let fc = product(EMPTY, i, 0u, STRIDE, 0u, 16u, h + FC / 4u, 64u, wide);
  let first = (2u * l * N + tile.x * 16u + line(i)) * 64u + wide;
  let bent = Block(gelu(fc.a, first), gelu(fc.b, first + 256u), gelu(fc.c, first + 512u), gelu(fc.d, first + 768u));
  var sum = EMPTY;
  for (var half = 0u; half < 2u; half++) {
    workgroupBarrier();
    if (i / 128u == half) { put(bent, i, WIDE, WIDE_STRIDE, wide - 32u * half); }
    workgroupBarrier();
    let proj = h + MLP_PROJ / 4u + half * 128u * 16u;
    sum = product(sum, i, WIDE, WIDE_STRIDE, 8u * quarter, 8u * quarter + 8u, proj, 16u, narrow);
  }
  sum_quarters(sum, i);
  let x = middle + memory[own];
  streams[n * 16u + i % 16u] = x;

  // Queries, keys and values of the next layer, if there is one.
  if (l + 1u < L) {
    let next = h + LAYER_SIZE / 4u;
    layernorm(x, i, n, 2u * l + 2u, next + LN_1 / 4u);
    if (wide < 48u) {
      let block = product(EMPTY, i, 0u, STRIDE, 0u, 16u, next + QKV / 4u, 48u, wide);
      let place = ((l + 1u) * N + tile.x * 16u + line(i)) * 48u + wide;
      qkv[place] = block.a;
      qkv[place + 192u] = block.b;
      qkv[place + 384u] = block.c;
      qkv[place + 576u] = block.d;
    }
  }
}
