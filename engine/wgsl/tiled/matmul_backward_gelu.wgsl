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

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  var sums = product(tile, i, 0u, M);
  if (!has_sums(i)) { return; }
  for (var s = 0u; s < OWN; s++) {
    let n = row_of(tile, i, s);
    let at = n * (K / 4u) + column_of(tile, i, s);
    if (n < N) { dinp[at] = sums[s] * gelu_slope(inp[at]); }
  }
}
