// The gradients of all vectors that are added or multiplied, summed over PART_ROWS rows: gains and biases of
// LayerNorms, and the vectors of characters and positions. tiled/adamw_update adds the parts.
//   forward: out = norm gain + bias     with norm = (inp - mean) rstd
//   dgain[c] = sum over n of dout[n, c] norm[n, c]     dbias[c] = sum over n of dout[n, c]
//   forward: stream[n] = wte[inp[n]] + wpe[t]     with t = n mod T
//   dwte[v] = sum of dstream[n] over all n with inp[n] = v     dwpe[t] = the same over all n at position t
// reads   streams [L + 1, N, C] and middles [L, N, C]: inputs of the LayerNorms with even and odd numbers; statistics
//         [2L + 1, SLOT, 2]: mean, rstd; dnorms [2L + 1, N, C] as dout; inp [N], dstream [N, C]
// writes  partials [PARTS, STRIDE]: laid out as the weights; dwte behind all weights, because its place is taken by wte
//         as output head
// grid    x: the LayerNorms, then characters, then positions, 1024 / C of them in each workgroup; y: a part
// pair    tiled/layernorm_matmul_forward, tiled/embedding_forward
@group(0) @binding(0) var<storage, read> streams: array<vec4f>;
@group(0) @binding(1) var<storage, read> middles: array<vec4f>;
@group(0) @binding(2) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(3) var<storage, read> dnorms: array<vec4f>;
@group(0) @binding(4) var<storage, read> inp: array<u32>;
@group(0) @binding(5) var<storage, read> dstream: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;

const WIDTH = C / 4u;
const LANES = 256u / WIDTH; // invocations that have the same four channels
const CHARACTERS = (V + LANES - 1u) / LANES; // workgroups for characters

var<workgroup> gains: array<vec4f, 256>;
var<workgroup> biases: array<vec4f, 256>;

fn input_of(which: u32, n: u32, c: u32) -> vec4f {
  let at = (which / 2u * N + n) * WIDTH + c;
  if (which % 2u == 0u) { return streams[at]; }
  return middles[at];
}

// The lanes share the rows; then their sums are added in a fixed order.
fn layernorm_gradient(which: u32, part: u32, i: u32) {
  let c = i % WIDTH;
  let lane = i / WIDTH;
  var gain = vec4f();
  var bias = vec4f();
  if (lane < LANES) {
    for (var n = part * PART_ROWS + lane; n < min(N, (part + 1u) * PART_ROWS); n += LANES) {
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
  let out = (part * STRIDE + place) / 4u + c;
  partials[out] = gain;
  partials[out + WIDTH] = bias;
}

fn character_gradient(v: u32, part: u32, c: u32) {
  var sum = vec4f();
  for (var n = part * PART_ROWS; n < min(N, (part + 1u) * PART_ROWS); n++) {
    if (inp[n] == v) { sum += dstream[n * WIDTH + c]; }
  }
  partials[(part * STRIDE + SIZE) / 4u + v * WIDTH + c] = sum;
}

fn position_gradient(t: u32, part: u32, c: u32) {
  let begin = part * PART_ROWS;
  var sum = vec4f();
  // From the first row of the part at position t.
  for (var n = begin + (t + T - begin % T) % T; n < min(N, begin + PART_ROWS); n += T) { sum += dstream[n * WIDTH + c]; }
  partials[(part * STRIDE + WPE) / 4u + t * WIDTH + c] = sum;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  if (id.x <= 2u * L) {
    layernorm_gradient(id.x, id.y, i);
    return;
  }
  if (i / WIDTH >= LANES) { return; }
  let place = id.x - 2u * L - 1u;
  if (place < CHARACTERS) {
    let v = place * LANES + i / WIDTH;
    if (v < V) { character_gradient(v, id.y, i % WIDTH); }
  } else {
    let t = (place - CHARACTERS) * LANES + i / WIDTH;
    if (t < T) { position_gradient(t, id.y, i % WIDTH); }
  }
}
