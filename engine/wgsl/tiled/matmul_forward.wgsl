// A product with weights that is added to the stream. With GELU = 1, GELU is applied to the input while it is loaded,
// so its results exist only in shared memory.
//   out[n, c] = stream[n, c] + sum over k of x[n, k] weight[k, c]     with x = inp, or GELU(inp)
// reads   inp [N, K], weight [K, C], stream [N, C]
// writes  out [N, C], and its moments [N, C / 64, 2] for the next LayerNorm: see tiled/layernorm
// grid    x: 64 columns, y: ROWS rows of out
// pair    tiled/matmul_backward or tiled/matmul_backward_gelu, tiled/matmul_backward_weight
@group(0) @binding(0) var<storage, read> inp: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> stream: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> moments: array<vec2f>;

const RIGHT_ALONG = true;

fn left_at(row: u32, c: u32) -> vec4f { return inp[min(row, N - 1u) * (K / 4u) + c]; }

fn made_left(x: mat4x4f) -> mat4x4f {
  if (GELU == 1u) { return mat4x4f(gelu(x[0]), gelu(x[1]), gelu(x[2]), gelu(x[3])); }
  return x;
}

fn load_right(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let at = (term + along_term(j, 0u)) * (C / 4u) + tile.x * 16u + j % 16u;
  return mat4x4f(weight[at], weight[at + C], weight[at + 2u * C], weight[at + 3u * C]);
}
fn made_right(x: mat4x4f) -> mat4x4f { return x; }

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  var x = product(tile, i, 0u, K);
  for (var s = 0u; s < OWN; s++) {
    let n = row_of(tile, i, s);
    let at = min(n, N - 1u) * (C / 4u) + column_of(tile, i, s);
    x[s] += stream[at];
    if (has_sums(i) && n < N) { out[at] = x[s]; }
  }
  let means = row_sums(i, by_row(x)) * (1.0 / 64.0);
  for (var s = 0u; s < OWN; s++) {
    let centred = x[s] - means[s / 8u][s / 2u % 4u];
    x[s] = centred * centred;
  }
  let squares = row_sums(i, by_row(x));
  if (!has_sums(i) || i % 8u > 0u) { return; }
  for (var s = 0u; s < OWN; s += 2u) {
    let n = row_of(tile, i, s);
    let r = s / 2u;
    if (n < N) { moments[n * (C / 64u) + tile.x] = vec2f(means[r / 4u][r % 4u], squares[r / 4u][r % 4u]); }
  }
}
