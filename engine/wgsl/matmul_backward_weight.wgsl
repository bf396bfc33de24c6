// The gradient of a product's weights: input times output gradient, summed over all rows of the batch.
//   forward: out[n, m] = sum over k of inp[n, k] weight[k, m]
//   dweight[k, m] = sum over n of inp[n, k] dout[n, m]
// There are few such sums, and each is long, so most of a GPU would be idle. So the rows are split into parts that are
// summed in parallel; partials_sum adds up the parts' sums. In squares of 32 x 32 sums, as in matmul_forward.
// reads   inp [N, K], dout [N, M]
// writes  partials [parts, K, M]
// grid    x: 32 columns, y: 32 rows of dweight, z: one part of PART_ROWS rows
// pair    matmul_forward
@group(0) @binding(0) var<storage, read> inp: array<f32>;
@group(0) @binding(1) var<storage, read> dout: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

// For each term n, four rows or four columns in one vec4.
var<workgroup> rows: array<array<vec4f, 8>, 8>;
var<workgroup> columns: array<array<vec4f, 8>, 8>;

fn inp_at(n: u32, k: u32) -> f32 {
  if (n < N && k < K) { return inp[n * K + k]; }
  return 0.0;
}

fn dout_at(n: u32, m: u32) -> f32 {
  if (n < N && m < M) { return dout[n * M + m]; }
  return 0.0;
}

@compute @workgroup_size(8, 8)
fn main(
  @builtin(workgroup_id) tile: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) i: u32,
) {
  let k = tile.y * 32u;
  let m = tile.x * 32u;
  let end = (tile.z + 1u) * PART_ROWS; // a multiple of 8
  var sums: array<vec4f, 4>; // one for each of four rows, over four columns
  for (var n = tile.z * PART_ROWS; n < end; n += 8u) {
    // Each invocation loads four numbers of each. Adjacent invocations load adjacent ones: along k in inp, m in dout.
    let term = n + i / 8u;
    let a = k + 4u * (i % 8u);
    rows[i / 8u][i % 8u] = vec4f(inp_at(term, a), inp_at(term, a + 1), inp_at(term, a + 2), inp_at(term, a + 3));
    let b = m + 4u * (i % 8u);
    columns[i / 8u][i % 8u] = vec4f(dout_at(term, b), dout_at(term, b + 1), dout_at(term, b + 2), dout_at(term, b + 3));
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
      let row = k + 4u * local.y + r;
      let column = m + 4u * local.x + c;
      if (row < K && column < M) { partials[(tile.z * K + row) * M + column] = sums[r][c]; }
    }
  }
}
