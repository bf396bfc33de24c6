// LayerNorm, then a product with weights; the normalised rows exist only in shared memory.
//   out[n, m] = sum over c of LN(inp)[n, c] weight[c, m]     with LN(inp) = (inp - mean) rstd gain + bias
// reads   inp [N, C], moments [N, C / 64, 2] of it: see tiled/layernorm; norm [2, C]: gain, bias; weight [C, M]
// writes  statistics [N, 2]: mean, rstd; out [N, M]
// grid    x: 64 columns, y: ROWS rows of out
// pair    tiled/matmul_backward and tiled/layernorm_backward, or tiled/matmul_backward_layernorm;
//         tiled/matmul_backward_weight, tiled/vectors_backward_weight
@group(0) @binding(0) var<storage, read> inp: array<vec4f>;
@group(0) @binding(1) var<storage, read> moments: array<vec2f>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> statistics: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4f>;

const LEFT_ALONG = false;
const RIGHT_ALONG = true;

fn load_right(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let at = (term + along_term(j, 0u)) * (M / 4u) + tile.x * 16u + j % 16u;
  return mat4x4f(weight[at], weight[at + M], weight[at + 2u * M], weight[at + 3u * M]);
}
fn made_right(x: mat4x4f) -> mat4x4f { return x; }

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  prepare(tile, i % 64u);
  var sums = product(tile, i, 0u, C);
  if (!has_sums(i)) { return; }
  for (var s = 0u; s < OWN; s++) {
    let n = row_of(tile, i, s);
    if (n < N) { out[n * (M / 4u) + column_of(tile, i, s)] = sums[s]; }
  }
}
