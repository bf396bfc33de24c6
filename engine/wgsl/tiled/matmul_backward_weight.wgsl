// The gradients of two matrices in each layer, summed over PART_ROWS rows; tiled/adamw_update adds the parts. The first
// matrix writes into the stream: attn.proj, or mlp.proj with GELU = 1. The second reads the stream through a LayerNorm:
// attn.qkv or mlp.fc. Their inputs are made again from what the forward pass kept.
//   forward: out[n, m] = sum over k of x[n, k] weight[k, m]     x: inp or GELU(inp); LN(norm_inp)
//   dweight[k, m] = sum over n of x[n, k] dout[n, m]
// reads   inp [L, N, K] and dout [L or more, N, C] of the first: layer l has slot l + SHIFT of dout; norm_inp
//         [L or more, N, C] and norm_dout [L, N, M] of the second; statistics [2L + 1, SLOT, 2]: mean, rstd, of layer l
//         at 2l + WHICH; weights: the flat vector, for gain and bias
// writes  partials [PARTS, STRIDE]: laid out as the weights
// grid    x: 64 x 64 numbers of the first, then of the second; y: layer; z: a part
// pair    tiled/matmul_forward, tiled/layernorm_matmul_forward
@group(0) @binding(0) var<storage, read> inp: array<vec4f>;
@group(0) @binding(1) var<storage, read> dout: array<vec4f>;
@group(0) @binding(2) var<storage, read> norm_inp: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm_dout: array<vec4f>;
@group(0) @binding(4) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(5) var<storage, read> weights: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;

const LEFT_ALONG = true;
const RIGHT_ALONG = true;
const ROWS = 64u;
const FIRST = K / 64u * (C / 64u); // squares of the first matrix in a layer

// This workgroup's matrix and square.
var<private> through_norm: bool;
var<private> layer: u32;
var<private> square: vec2u; // its columns and rows, in vec4

fn load_left(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let rows = min(term + along_term(j, 0u) + vec4u(0u, 4u, 8u, 12u), vec4u(N - 1u));
  let c = square.y + j % 16u;
  if (through_norm) {
    let slot = (2u * layer + WHICH) * SLOT;
    own_statistics = mat4x2f(
      statistics[slot + rows.x],
      statistics[slot + rows.y],
      statistics[slot + rows.z],
      statistics[slot + rows.w],
    );
    let at = (layer * N + rows) * (C / 4u) + c;
    return mat4x4f(norm_inp[at.x], norm_inp[at.y], norm_inp[at.z], norm_inp[at.w]);
  }
  let at = (layer * N + rows) * (K / 4u) + c;
  return mat4x4f(inp[at.x], inp[at.y], inp[at.z], inp[at.w]);
}

fn made_left(x: mat4x4f) -> mat4x4f {
  if (through_norm) { return normed(x); }
  if (GELU == 1u) { return mat4x4f(gelu(x[0]), gelu(x[1]), gelu(x[2]), gelu(x[3])); }
  return x;
}

// Rows beyond the last one add nothing.
fn norm_dout_at(n: u32, c: u32) -> vec4f {
  if (n >= N) { return vec4f(); }
  return norm_dout[(layer * N + n) * (M / 4u) + c];
}
fn dout_at(n: u32, c: u32) -> vec4f {
  if (n >= N) { return vec4f(); }
  return dout[((layer + SHIFT) * N + n) * (C / 4u) + c];
}

fn load_right(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let n = term + along_term(j, 0u);
  let c = square.x + j % 16u;
  if (through_norm) {
    return mat4x4f(
      norm_dout_at(n, c),
      norm_dout_at(n + 4u, c),
      norm_dout_at(n + 8u, c),
      norm_dout_at(n + 12u, c),
    );
  }
  return mat4x4f(dout_at(n, c), dout_at(n + 4u, c), dout_at(n + 8u, c), dout_at(n + 12u, c));
}

fn made_right(x: mat4x4f) -> mat4x4f { return x; }

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  through_norm = id.x >= FIRST;
  layer = id.y;
  var across_squares = C / 64u;
  var begin = FIRST_MATRIX;
  var number = id.x;
  if (through_norm) {
    across_squares = M / 64u;
    begin = SECOND_MATRIX;
    number -= FIRST;
  }
  let tile = vec3u(number % across_squares, number / across_squares, 0u);
  square = 16u * tile.xy;
  if (through_norm) {
    let norm = (GAIN + layer * LAYER_SIZE) / 4u + square.y + i % 16u;
    gain = weights[norm];
    bias = weights[norm + C / 4u];
  }
  var sums = product(tile, i, id.z * PART_ROWS, (id.z + 1u) * PART_ROWS);
  let out = (id.z * STRIDE + begin + layer * LAYER_SIZE) / 4u;
  if (!has_sums(i)) { return; }
  for (var s = 0u; s < OWN; s++) {
    partials[out + row_of(tile, i, s) * (16u * across_squares) + column_of(tile, i, s)] = sums[s];
  }
}
