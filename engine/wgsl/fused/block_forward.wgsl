// A layer's forward pass, from its queries, keys and values to those of the next layer, for ROWS rows. Only attention
// needs other rows; the dispatch before this one has written them. All else stays in the workgroup, without a detour
// through the GPU's memory.
//   mixed: see fused/attention_forward     x = stream + mixed O     x = x + GELU(LN_2(x) FC) PROJ
//   qkv = LN_1'(x) QKV'     with ' from the next layer, if there is one
// Operations as in matmul_, residual_, layernorm_ and gelu_forward; tile.wgsl says how invocations share the products.
// reads   layer [1]: l, weights: the flat vector of params.ts
// writes  qkv [L, N, 3C]: reads layer l, writes layer l + 1; streams [STREAMS, N, C]: x at 0; for the backward pass mixed
//         at MIXED + l, what LayerNorms make before gain and bias at NORM + 2l + 1 and NORM + 2l + 2, their rstds and
//         lse in statistics (see fused_plan.ts); hidden [L, 2, N, FF]: GELU's input at 0
// grid    one workgroup per ROWS rows
// pair    fused/block_backward
@group(0) @binding(0) var<storage, read> layer: array<u32, 1>;
@group(0) @binding(1) var<storage, read> weights: array<vec4f, WEIGHTS_4>;
@group(0) @binding(2) var<storage, read_write> qkv: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> streams: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(5) var<storage, read_write> hidden: array<vec4f>;

// LayerNorm of the rows, into the first tile.
fn layernorm(x: vec4f, i: u32, n: u32, which: u32, gain: u32) {
  let centred = x - row_sum(total(x), i) / 64.0;
  let rstd = 1.0 / sqrt(row_sum(dot(centred, centred), i) / 64.0 + eps);
  let norm = centred * rstd;
  streams[((NORM + which) * N + n) * 16u + i % 16u] = norm;
  if (i % 16u == 0u) { statistics[which * N + n] = rstd; }
  memory[i / 16u * STRIDE + i % 16u] = norm * weights[gain + i % 16u] + weights[gain + 16u + i % 16u];
  workgroupBarrier();
}

// GELU; its input is kept in `hidden`.
fn bend(x: vec4f, place: u32) -> vec4f {
  hidden[place] = x;
  return gelu(x);
}

@compute @workgroup_size(16u * ROWS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  zero = tile.x >> 24u;
  let l = layer[0];
  let begin = tile.x * ROWS;
  let n = begin + i / 16u;
  let own = i / 16u * STRIDE + i % 16u;
  let h = (FIRST_LAYER + l * LAYER_SIZE) / 4u;
  let quarter = quarter_of(i);
  let narrow = quarter_column(i);
  let wide = column(i);
  let row = line(i) * STRIDE;
  let wide_row = WIDE + line(i) * WIDE_STRIDE + 8u * quarter;

  // The attention's output, multiplied by O, is added to the stream.
  let o = h + ATTN_PROJ / 4u + 16u * quarter * 16u + narrow;
  let o_first = steps_at(o, 16u);
  let before = streams[n * 16u + i % 16u];
  attention_forward(i, l, begin);
  let through_o = product(EMPTY, row + 4u * quarter, STRIDE, 16u, o, 16u, o_first);
  let fc = h + FC / 4u + wide;
  let fc_first = steps_at(fc, 64u);
  sum_quarters(through_o, i);
  let middle = before + memory[own];

  // The MLP. Its 256 hidden channels go through shared memory in two halves of 128.
  layernorm(middle, i, n, 2u * l + 1u, h + LN_2 / 4u);
  let x = product(EMPTY, row, STRIDE, 64u, fc, 64u, fc_first);
  let proj = h + MLP_PROJ / 4u + 32u * quarter * 16u + narrow;
  let proj_first = steps_at(proj, 16u);
  let kept = (2u * l * N + begin + line(i)) * 64u + wide;
  let bent = Block(bend(x.a, kept), bend(x.b, kept + 256u), bend(x.c, kept + 512u), bend(x.d, kept + 768u));
  workgroupBarrier();
  if (i / 128u % 2u == 0u) { put(bent, i, WIDE, WIDE_STRIDE, wide); }
  workgroupBarrier();
  let half = product(EMPTY, wide_row, WIDE_STRIDE, 32u, proj, 16u, proj_first);
  let proj_second = steps_at(proj + 128u * 16u, 16u);
  workgroupBarrier();
  if (i / 128u % 2u == 1u) { put(bent, i, WIDE, WIDE_STRIDE, wide - 32u); }
  workgroupBarrier();
  let through_mlp = product(half, wide_row, WIDE_STRIDE, 32u, proj + 128u * 16u, 16u, proj_second);

  // Queries, keys and values of the next layer.
  let next = h + LAYER_SIZE / 4u;
  let next_qkv = next + QKV / 4u + min(wide, 47u);
  var qkv_first: Steps;
  if (l + 1u < L) { qkv_first = steps_at(next_qkv, 48u); }
  sum_quarters(through_mlp, i);
  let out = middle + memory[own];
  streams[n * 16u + i % 16u] = out;
  if (l + 1u < L) {
    layernorm(out, i, n, 2u * l + 2u, next + LN_1 / 4u);
    if (wide < 48u) {
      let block = product(EMPTY, row, STRIDE, 64u, next_qkv, 48u, qkv_first);
      let place = ((l + 1u) * N + begin + line(i)) * 48u + wide;
      qkv[place] = block.a;
      qkv[place + 192u] = block.b;
      qkv[place + 384u] = block.c;
      qkv[place + 576u] = block.d;
    }
  }
}
