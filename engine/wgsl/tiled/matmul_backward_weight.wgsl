// The gradients of one kind of matrix in all layers: input times output gradient, summed over PART_ROWS rows;
// tiled/partials_sum adds the parts. The input is made again from what the forward pass kept.
//   forward: out[n, m] = sum over k of x[n, k] weight[k, m]     with x = inp, or LN(inp), or GELU(inp)
//   dweight[k, m] = sum over n of x[n, k] dout[n, m]
// reads   inp [L or more, N, K], statistics [2L + 1, SLOT, 2]: mean, rstd; weights: the flat vector, for gain and bias;
//         dout [L or more, N, M]: layer l has slot l + SHIFT
// writes  partials [PARTS, STRIDE]: laid out as the weights
// grid    x: 64 columns, y: 64 rows of dweight, z: layer, and its parts
// pair    tiled/layernorm_matmul_forward, tiled/matmul_forward
@group(0) @binding(0) var<storage, read> inp: array<vec4f>;
@group(0) @binding(1) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
@group(0) @binding(3) var<storage, read> dout: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;

// Values of FROM.
const LAYERNORM = 1u;
const GELU = 2u;

// Four columns of x, of layer l.
fn left(l: u32, n: u32, c: u32) -> vec4f {
  if (n >= N) { return vec4f(); }
  let x = inp[(l * N + n) * (K / 4u) + c];
  if (FROM == LAYERNORM) {
    let s = statistics[(2u * l + WHICH) * SLOT + n];
    let gain = (GAIN + l * LAYER_SIZE) / 4u + c;
    return (x - s.x) * s.y * weights[gain] + weights[gain + K / 4u];
  }
  if (FROM == GELU) { return gelu(x); }
  return x;
}

fn fetch(tile: vec3u, i: u32, term: u32) -> Four {
  let l = tile.z / PARTS;
  let j = i % 64u;
  let n = term + j / 16u;
  if (i < 64u) {
    let c = tile.y * 16u + j % 16u;
    return Four(left(l, n, c), left(l, n + 4u, c), left(l, n + 8u, c), left(l, n + 12u, c));
  }
  let own = (l + SHIFT) * N;
  let c = column_of(tile, j);
  return Four(
    dout[(own + min(n, N - 1u)) * (M / 4u) + c],
    dout[(own + min(n + 4u, N - 1u)) * (M / 4u) + c],
    dout[(own + min(n + 8u, N - 1u)) * (M / 4u) + c],
    dout[(own + min(n + 12u, N - 1u)) * (M / 4u) + c],
  );
}

fn keep(i: u32, x: Four) { keep_along(select(RIGHT, LEFT, i < 64u), i % 64u, x); }

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  let part = tile.z % PARTS;
  var sums = product(tile, i, part * PART_ROWS, (part + 1u) * PART_ROWS);
  let out = (part * STRIDE + MATRIX + tile.z / PARTS * LAYER_SIZE) / 4u + column_of(tile, i);
  for (var r = 0u; r < OWN; r++) { partials[out + row_of(tile, i, r) * (M / 4u)] = sums[r]; }
}
