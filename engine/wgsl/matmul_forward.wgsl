// Multiplies each row by a matrix of weights: K numbers become M weighted sums of them.
//   out[n, m] = sum over k of inp[n, k] weight[k, m]
// A workgroup computes a square of 32 x 32 sums, each invocation 4 x 4 of them. It loads 8 columns of inp and 8 rows of
// weight at a time into shared memory, so each number is loaded once instead of 32 times.
// reads   inp [N, K], weight [K, M]
// writes  out [N, M]
// grid    x: 32 columns, y: 32 rows of out
// pair    matmul_backward, matmul_backward_weight
@group(0) @binding(0) var<storage, read> inp: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

// For each term k, four rows or four columns in one vec4.
var<workgroup> rows: array<array<vec4f, 8>, 8>;
var<workgroup> columns: array<array<vec4f, 8>, 8>;

fn inp_at(n: u32, k: u32) -> f32 {
  if (n < N && k < K) { return inp[n * K + k]; }
  return 0.0;
}

fn weight_at(k: u32, m: u32) -> f32 {
  if (k < K && m < M) { return weight[k * M + m]; }
  return 0.0;
}

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) tile: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) i: u32,
) {
  let n = tile.y * 32u;
  let m = tile.x * 32u;
  var sums: array<vec4f, 4>; // one for each of four rows, over four columns
  for (var k = 0u; k < K; k += 8u) {
    // Each invocation loads four numbers of each. Adjacent invocations load adjacent ones: along k in inp, m in weight.
    let a = n + 4u * (i / 8u);
    let ka = k + i % 8u;
    rows[i % 8u][i / 8u] = vec4f(inp_at(a, ka), inp_at(a + 1, ka), inp_at(a + 2, ka), inp_at(a + 3, ka));
    let b = m + 4u * (i % 8u);
    let kb = k + i / 8u;
    columns[i / 8u][i % 8u] = vec4f(weight_at(kb, b), weight_at(kb, b + 1), weight_at(kb, b + 2), weight_at(kb, b + 3));
    workgroupBarrier();
    for (var term = 0u; term < 8u; term++) {
      let a = rows[term][local.y];
      let b = columns[term][local.x];
      sums[0] += a.x * b;
      sums[1] += a.y * b;
      sums[2] += a.z * b;
      sums[3] += a.w * b;
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    for (var c = 0u; c < 4u; c++) {
      let row = n + 4u * local.y + r;
      let column = m + 4u * local.x + c;
      if (row < N && column < M) { out[row * M + column] = sums[r][c]; }
    }
  }
}
