// The backward pass from one layer's attention to that of the layer below, for ROWS rows: through the attention and its
// QKV and LN_1; then, except in the first layer, through the MLP and the O of the layer below. Attention needs other
// rows' queries, keys, values and gradients, all written by earlier dispatches. All layers share one pipeline, because a
// GPU fetches each pipeline's instructions anew in every iteration. dx is the stream's gradient:
//   dqkv: see fused/attention_backward     dx += LN_1 backward of (dqkv QKV^T)     then fused/mlp_backward
// reads   layer [1]: l, weights: transposed (see weights_transpose), qkv [L, N, 3C]; of what it also writes (see
//         fused_plan.ts) statistics: rstds, lse and means of layer l; streams [STREAMS, N, C]: dx at 0, dmixed of layer l
//         at DMIXED + l mod 2, the LayerNorms' norms; hidden [L, 2, N, FF]: GELU's input
// writes  dqkv [L, N, 3C]; statistics: means of layer l - 1, and sums over 16 rows each for the gradients of gains and biases;
//         hidden: the gradient of GELU's input; streams: dx at 0, dmixed of layer l - 1 at DMIXED + (l - 1) mod 2, and dx
//         after the O and PROJ of layer l - 1 at DPROJ + 2l - 2 and DPROJ + 2l - 1
// grid    one workgroup per ROWS rows
// pair    fused/block_forward
@group(0) @binding(0) var<storage, read> layer: array<u32, 1>;
@group(0) @binding(1) var<storage, read> weights: array<vec4f, TRANSPOSED_4>;
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dqkv: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(5) var<storage, read_write> hidden: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> streams: array<vec4f>;

@compute @workgroup_size(16u * ROWS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  zero = tile.x >> 24u;
  let l = layer[0];
  let begin = tile.x * ROWS;
  let n = begin + i / 16u;
  let h = (FIRST_LAYER + l * LAYER_SIZE) / 4u;
  let quarter = quarter_of(i);
  var dx = streams[n * 16u + i % 16u];

  let place = h + QKV / 4u + 48u * quarter * 16u + quarter_column(i);
  let first = steps_at(place, 16u);
  attention_backward(i, l, begin);
  let through_qkv = product(EMPTY, line(i) * 49u + 12u * quarter, 49u, 48u, place, 16u, first);
  var mlp_first: Steps;
  if (l > 0u) { mlp_first = mlp_first_steps(i, l - 1u); }
  sum_quarters(through_qkv, i);
  dx += layernorm_backward(i, n, 2u * l, h + LN_1 / 4u);
  if (l > 0u) { dx = mlp_backward(dx, i, n, l - 1u, mlp_first); }
  streams[n * 16u + i % 16u] = dx;
}
