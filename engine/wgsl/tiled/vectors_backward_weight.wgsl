// The gradients of gains and biases of all LayerNorms, and of the positions' vectors, summed over PART_ROWS rows;
// tiled/adamw_update adds the parts.
//   forward: out = norm gain + bias     with norm = (inp - mean) rstd
//   dgain[c] = sum over n of dout[n, c] norm[n, c]     dbias[c] = sum over n of dout[n, c]
//   forward: stream[n] = wte[character] + wpe[t]     with t = n mod T
//   dwpe[t, c] = sum of dstream[n, c] over all n at position t
// reads   streams [L + 1, N, C] and middles [L, N, C]: inputs of the LayerNorms with even and odd numbers; statistics
//         [2L + 1, SLOT, 2]: mean, rstd; dnorms [2L + 1, N, C] as dout; dstream [N, C]
// writes  partials [PARTS, STRIDE]: laid out as the weights
// grid    x: 64 channels; y: the LayerNorms, then 16 positions each; z: a part
// pair    tiled/layernorm_matmul_forward, tiled/head_forward, tiled/embedding_forward
@group(0) @binding(0) var<storage, read> streams: array<vec4f>;
@group(0) @binding(1) var<storage, read> middles: array<vec4f>;
@group(0) @binding(2) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(3) var<storage, read> dnorms: array<vec4f>;
@group(0) @binding(4) var<storage, read> dstream: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

const WIDTH = C / 4u;

var<workgroup> gains: array<vec4f, 256>;
var<workgroup> biases: array<vec4f, 256>;

fn input_of(which: u32, n: u32, c: u32) -> vec4f {
  let at = (which / 2u * N + n) * WIDTH + c;
  if (which % 2u == 0u) { return streams[at]; }
  return middles[at];
}

// 16 invocations that have the same four channels share the rows; then their sums are added in pairs.
fn layernorm_gradient(which: u32, part: u32, c: u32, i: u32) {
  var gain = vec4f();
  var bias = vec4f();
  for (var n = part * PART_ROWS + i / 16u; n < min(N, (part + 1u) * PART_ROWS); n += 16u) {
    let s = statistics[which * SLOT + n];
    let dout = dnorms[(which * N + n) * WIDTH + c];
    gain += dout * ((input_of(which, n, c) - s.x) * s.y);
    bias += dout;
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
  if (which < 2u * L) { place = FIRST_LAYER + which / 2u * LAYER_SIZE + select(LN_1, LN_2, which % 2u == 1u); }
  let out = (part * STRIDE + place) / 4u + c;
  partials[out] = gains[i];
  partials[out + WIDTH] = biases[i];
}

fn position_gradient(t: u32, part: u32, c: u32) {
  let begin = part * PART_ROWS;
  var sum = vec4f();
  // From the first row of the part at position t.
  for (var n = begin + (t + T - begin % T) % T; n < min(N, begin + PART_ROWS); n += T) {
    sum += dstream[n * WIDTH + c];
  }
  partials[(part * STRIDE + WPE) / 4u + t * WIDTH + c] = sum;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let c = id.x * 16u + i % 16u;
  if (id.y <= 2u * L) {
    layernorm_gradient(id.y, id.z, c, i);
    return;
  }
  let t = (id.y - 2u * L - 1u) * 16u + i / 16u;
  if (t < T) { position_gradient(t, id.z, c); }
}
