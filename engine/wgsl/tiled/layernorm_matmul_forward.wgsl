// LayerNorm, then a product with weights; the normalised rows exist only in shared memory.
//   out[n, m] = sum over k of LN(inp)[n, k] weight[k, m]     with LN(inp) = (inp - mean) rstd gain + bias
// reads   inp [N, K], statistics [N, 2]: mean, rstd; norm [2, K]: gain, bias; weight [K, M]
// writes  out [N, M]
// grid    x: 64 columns, y: ROWS rows of out
// pair    tiled/matmul_backward, tiled/layernorm_backward, tiled/matmul_backward_weight
@group(0) @binding(0) var<storage, read> inp: array<vec4f>;
@group(0) @binding(1) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;

// Four channels of row n after LayerNorm.
fn normed(row: u32, c: u32) -> vec4f {
  let n = min(row, N - 1u);
  let s = statistics[n];
  return (inp[n * (K / 4u) + c] - s.x) * s.y * norm[c] + norm[K / 4u + c];
}

fn fetch(tile: vec3u, i: u32, term: u32) -> Four {
  let j = i % 64u;
  if (is_spare(i)) { return Four(); }
  if (i < 64u) {
    let n = tile.y * ROWS + j / 4u * 4u;
    let c = term / 4u + j % 4u;
    return Four(normed(n, c), normed(n + 1u, c), normed(n + 2u, c), normed(n + 3u, c));
  }
  let at = (term + j / 16u) * (M / 4u) + column_of(tile, j);
  return Four(weight[at], weight[at + M], weight[at + 2u * M], weight[at + 3u * M]);
}

fn keep(i: u32, x: Four) {
  if (i < 64u) { keep_across(LEFT, i, x); } else { keep_along(RIGHT, i - 64u, x); }
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  var sums = product(tile, i, 0u, K);
  for (var r = 0u; r < OWN; r++) {
    let n = row_of(tile, i, r);
    if (n < N) { out[n * (M / 4u) + column_of(tile, i)] = sums[r]; }
  }
}
