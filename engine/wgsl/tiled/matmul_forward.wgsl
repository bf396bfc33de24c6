// A product with weights that is added to the stream. With GELU = 1, GELU is applied to the input while it is loaded,
// so its results exist only in shared memory.
//   out[n, m] = stream[n, m] + sum over k of x[n, k] weight[k, m]     with x = inp, or GELU(inp)
// reads   inp [N, K], weight [K, M], stream [N, M]
// writes  out [N, M]
// grid    x: 64 columns, y: ROWS rows of out
// pair    tiled/matmul_backward or tiled/matmul_backward_gelu, tiled/matmul_backward_weight
@group(0) @binding(0) var<storage, read> inp: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> stream: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

// Four terms of row n.
fn input_at(n: u32, c: u32) -> vec4f {
  let x = inp[min(n, N - 1u) * (K / 4u) + c];
  if (GELU == 1u) { return gelu(x); }
  return x;
}

fn fetch(tile: vec3u, i: u32, term: u32) -> Four {
  let j = i % 64u;
  if (is_spare(i)) { return Four(); }
  if (i < 64u) {
    let n = tile.y * ROWS + j / 4u * 4u;
    let c = term / 4u + j % 4u;
    return Four(input_at(n, c), input_at(n + 1u, c), input_at(n + 2u, c), input_at(n + 3u, c));
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
    let at = n * (M / 4u) + column_of(tile, i);
    if (n < N) { out[at] = stream[at] + sums[r]; }
  }
}
