// The gradient of a product's input: the product of the output's gradient and the transposed weights.
//   forward: out[n, m] = sum over k of inp[n, k] weight[k, m]
//   dinp[n, k] = sum over m of dout[n, m] weight[k, m]
// The forward pass uses it, too: the output head computes logits = x wte^T.
// In squares of 32 x 32 sums, as in matmul_forward.
// reads   dout [N, M], weight [K, M]
// writes  dinp [N, K]
// grid    x: 32 columns, y: 32 rows of dinp
// pair    matmul_forward
@group(0) @binding(0) var<storage, read> dout: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> dinp: array<f32>;

// For each term m, four rows or four columns in one vec4.
var<workgroup> rows: array<array<vec4f, 8>, 8>;
var<workgroup> columns: array<array<vec4f, 8>, 8>;

fn dout_at(n: u32, m: u32) -> f32 {
  if (n < N && m < M) { return dout[n * M + m]; }
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
  let k = tile.x * 32u;
  var sums: array<vec4f, 4>; // one for each of four rows, over four columns
  for (var m = 0u; m < M; m += 8u) {
    // Each invocation loads four numbers of each matrix. Adjacent invocations load adjacent numbers: along m in both.
    let term = m + i % 8u;
    let a = n + 4u * (i / 8u);
    rows[i % 8u][i / 8u] = vec4f(dout_at(a, term), dout_at(a + 1, term), dout_at(a + 2, term), dout_at(a + 3, term));
    let b = k + 4u * (i / 8u);
    columns[i % 8u][i / 8u] =
      vec4f(weight_at(b, term), weight_at(b + 1, term), weight_at(b + 2, term), weight_at(b + 3, term));
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
      let column = k + 4u * local.x + c;
      if (row < N && column < K) { dinp[row * K + column] = sums[r][c]; }
    }
  }
}
