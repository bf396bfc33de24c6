// The gradient before a GELU, from that of a product after it: tiled/matmul_backward, times GELU's slope.
//   forward: out[n, m] = sum over k of GELU(inp)[n, k] weight[k, m]
//   dinp[n, k] = slope(inp[n, k]) sum over m of dout[n, m] weight[k, m]
// reads   dout [N, M], weight [K, M], inp [N, K]
// writes  dinp [N, K]
// grid    x: 64 columns, y: ROWS rows of dinp
// pair    tiled/matmul_forward
@group(0) @binding(0) var<storage, read> dout: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> inp: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dinp: array<vec4f>;

fn dout_at(n: u32, c: u32) -> vec4f { return dout[min(n, N - 1u) * (M / 4u) + c]; }

fn fetch(tile: vec3u, i: u32, term: u32) -> Four {
  let j = i % 64u;
  let c = term / 4u + j % 4u;
  if (is_spare(i)) { return Four(); }
  if (i < 64u) {
    let n = tile.y * ROWS + j / 4u * 4u;
    return Four(dout_at(n, c), dout_at(n + 1u, c), dout_at(n + 2u, c), dout_at(n + 3u, c));
  }
  let at = (tile.x * 64u + j / 4u * 4u) * (M / 4u) + c;
  return Four(weight[at], weight[at + M / 4u], weight[at + M / 2u], weight[at + 3u * (M / 4u)]);
}

fn keep(i: u32, x: Four) { keep_across(select(RIGHT, LEFT, i < 64u), i % 64u, x); }

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  var sums = product(tile, i, 0u, M);
  for (var r = 0u; r < OWN; r++) {
    let n = row_of(tile, i, r);
    let at = n * (K / 4u) + column_of(tile, i);
    if (n < N) { dinp[at] = sums[r] * gelu_slope(inp[at]); }
  }
}
