// The gradients of the gains and biases of all LayerNorms, summed over PART_ROWS rows; tiled/partials_sum adds the
// parts.
//   forward: out = norm gain + bias     with norm = (inp - mean) rstd
//   dgain[c] = sum over n of dout[n, c] norm[n, c]     dbias[c] = sum over n of dout[n, c]
// reads   streams [L + 1, N, C] and middles [L, N, C]: inputs of the LayerNorms with even and odd numbers; statistics
//         [2L + 1, SLOT, 2]: mean, rstd; dnorms [2L + 1, N, C] as dout
// writes  partials [PARTS, STRIDE]: laid out as the weights
// grid    x: a LayerNorm, y: a part; an invocation has four channels, and shares them with LANES - 1 others
// pair    tiled/layernorm_statistics, tiled/layernorm_matmul_forward
@group(0) @binding(0) var<storage, read> streams: array<vec4f>;
@group(0) @binding(1) var<storage, read> middles: array<vec4f>;
@group(0) @binding(2) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(3) var<storage, read> dnorms: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;

const WIDTH = C / 4u;
const LANES = 256u / WIDTH;

var<workgroup> gains: array<vec4f, 256>;
var<workgroup> biases: array<vec4f, 256>;

fn input_of(which: u32, n: u32, c: u32) -> vec4f {
  let at = (which / 2u * N + n) * WIDTH + c;
  if (which % 2u == 0u) { return streams[at]; }
  return middles[at];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let which = id.x;
  let c = i % WIDTH;
  let lane = i / WIDTH;
  var gain = vec4f();
  var bias = vec4f();
  if (lane < LANES) {
    for (var n = id.y * PART_ROWS + lane; n < min(N, (id.y + 1u) * PART_ROWS); n += LANES) {
      let s = statistics[which * SLOT + n];
      let dout = dnorms[(which * N + n) * WIDTH + c];
      gain += dout * ((input_of(which, n, c) - s.x) * s.y);
      bias += dout;
    }
  }
  gains[i] = gain;
  biases[i] = bias;
  workgroupBarrier();
  if (lane > 0u) { return; }
  for (var other = 1u; other < LANES; other++) {
    gain += gains[c + other * WIDTH];
    bias += biases[c + other * WIDTH];
  }
  var place = LN_F;
  if (which < 2u * L) { place = FIRST_LAYER + which / 2u * LAYER_SIZE + select(LN_1, LN_2, which % 2u == 1u); }
  let out = (id.y * STRIDE + place) / 4u + c;
  partials[out] = gain;
  partials[out + WIDTH] = bias;
}
