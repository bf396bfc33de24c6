// A layer's forward pass, from its queries, keys and values to those of the next layer, for ROWS rows. Only attention
// needs other rows; the dispatch before this one has written them. All else stays in the workgroup, without a detour
// through the GPU's memory.
//   mixed: see fused/attention_forward     x = stream + mixed O     x = x + GELU(LN_2(x) FC) PROJ
//   qkv = LN_1'(x) QKV'     with ' from the next layer, if there is one
// Operations as in matmul_, residual_, layernorm_ and gelu_forward; tile.wgsl says how invocations share the products.
// reads   layer [1]: l, weights: the flat vector of params.ts
// writes  qkv [L, N, 3C]: reads layer l, writes layer l + 1; streams [STREAMS, N, C]: x at 0; for the backward pass mixed
//         at MIXED + l, norms [2L + 1, N, C], statistics: rstds [2L + 1, N], then lse [L, N, NH]; hidden [L, 2, N, FF]:
//         GELU's input at 0
// grid    one workgroup per ROWS rows
// pair    fused/block_backward
@group(0) @binding(0) var<storage, read> layer: array<u32, 1>;
@group(0) @binding(1) var<storage, read> weights: array<vec4f, WEIGHTS_4>;
@group(0) @binding(2) var<storage, read_write> qkv: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> streams: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> norms: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(6) var<storage, read_write> hidden: array<vec4f>;

// LayerNorm of the rows, into the first tile.
fn layernorm(x: vec4f, i: u32, n: u32, which: u32, gain: u32) {
  let centred = x - row_sum(total(x), i) / 64.0;
  let rstd = 1.0 / sqrt(row_sum(dot(centred, centred), i) / 64.0 + eps);
  let norm = centred * rstd;
  norms[(which * N + n) * 16u + i % 16u] = norm;
  if (i % 16u == 0u) { statistics[which * N + n] = rstd; }
  memory[i / 16u * STRIDE + i % 16u] = norm * weights[gain + i % 16u] + weights[gain + 16u + i % 16u];
  workgroupBarrier();
}

// GELU; its input is kept in `hidden`.
fn bent(x: vec4f, place: u32) -> vec4f {
  hidden[place] = x;
  return gelu(x);
}

@compute @workgroup_size(16u * ROWS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  let l = layer[0];
  let begin = tile.x * ROWS;
  let n = begin + i / 16u;
  let own = i / 16u * STRIDE + i % 16u;
  let h = (FIRST_LAYER + l * LAYER_SIZE) / 4u;
  let quarter = quarter_of(i);
  let narrow = quarter_column(i);
  let wide = column(i);

  // The attention's output, multiplied by O, is added to the stream.
  let before = streams[n * 16u + i % 16u];
  attention_forward(i, l, begin);
  sum_quarters(product(EMPTY, i, 0u, STRIDE, 4u * quarter, 4u * quarter + 4u, h + ATTN_PROJ / 4u, 16u, narrow), i);
  let middle = before + memory[own];

  // The MLP. Its 256 hidden channels go through shared memory in two halves of 128.
  layernorm(middle, i, n, 2u * l + 1u, h + LN_2 / 4u);
  let fc = product(EMPTY, i, 0u, STRIDE, 0u, 16u, h + FC / 4u, 64u, wide);
  let first = (2u * l * N + begin + line(i)) * 64u + wide;
  let hid = Block(bent(fc.a, first), bent(fc.b, first + 256u), bent(fc.c, first + 512u), bent(fc.d, first + 768u));
  var sum = EMPTY;
  for (var half = 0u; half < 2u; half++) {
    workgroupBarrier();
    if (i / 128u % 2u == half) { put(hid, i, WIDE, WIDE_STRIDE, wide - 32u * half); }
    workgroupBarrier();
    let proj = h + MLP_PROJ / 4u + half * 128u * 16u;
    sum = product(sum, i, WIDE, WIDE_STRIDE, 8u * quarter, 8u * quarter + 8u, proj, 16u, narrow);
  }
  sum_quarters(sum, i);
  let x = middle + memory[own];
  streams[n * 16u + i % 16u] = x;

  // Queries, keys and values of the next layer.
  if (l + 1u < L) {
    let next = h + LAYER_SIZE / 4u;
    layernorm(x, i, n, 2u * l + 2u, next + LN_1 / 4u);
    if (wide < 48u) {
      let block = product(EMPTY, i, 0u, STRIDE, 0u, 16u, next + QKV / 4u, 48u, wide);
      let place = ((l + 1u) * N + begin + line(i)) * 48u + wide;
      qkv[place] = block.a;
      qkv[place + 192u] = block.b;
      qkv[place + 384u] = block.c;
      qkv[place + 576u] = block.d;
    }
  }
}
