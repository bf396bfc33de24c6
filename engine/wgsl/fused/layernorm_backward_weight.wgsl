// The gradients of all gains and biases, in parts of PART_ROWS rows; adamw_update_partials adds them.
//   dgain[c] = sum over n of dout[n, c] norm[n, c]     dbias[c] = sum over n of dout[n, c]
// reads   norms [2L + 1, N, C], dstreams [4L + 2, N, C]: the first 2L + 1 are the gradients behind each LayerNorm
// writes  partials [PARTS, SIZE]
// grid    x: the 2L + 1 LayerNorms, y: parts; sixteen invocations share the rows of each four channels
// pair    fused/block_forward; layernorm_backward_weight does one of them
@group(0) @binding(0) var<storage, read> norms: array<vec4f>;
@group(0) @binding(1) var<storage, read> dstreams: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

var<workgroup> gains: array<vec4f, 256>;
var<workgroup> biases: array<vec4f, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  var gain = vec4f();
  var bias = vec4f();
  for (var j = i / 16u; j < PART_ROWS; j += 16u) {
    let n = id.y * PART_ROWS + j;
    if (n < N) {
      let place = (id.x * N + n) * 16u + i % 16u;
      gain += dstreams[place] * norms[place];
      bias += dstreams[place];
    }
  }
  gains[i] = gain;
  biases[i] = bias;
  for (var half = 128u; half >= 16u; half /= 2u) {
    workgroupBarrier();
    if (i < half) {
      gains[i] += gains[i + half];
      biases[i] += biases[i + half];
    }
  }
  if (i >= 16u) { return; }
  var place = LN_F;
  if (id.x < 2u * L) { place = FIRST_LAYER + id.x / 2u * LAYER_SIZE + select(LN_1, LN_2, id.x % 2u == 1u); }
  let out = (id.y * SIZE + place) / 4u + i;
  partials[out] = gains[i];
  partials[out + 16u] = biases[i];
}
