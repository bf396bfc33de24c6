// The gradient of a product's weights: how far input and slope went together, over all rows of the batch.
//   forward: out[n, m] = sum over k of inp[n, k] weight[k, m]
//   dweight[k, m] = sum over n of inp[n, k] dout[n, m]
// Such a sum is long and there are few of them: one after the other, they would leave most of a GPU idle. So the rows
// are cut into parts, computed side by side, whose sums partials_sum adds up.
// reads   inp [N, K], dout [N, M]
// writes  partials [parts, K, M]
// grid    x: 16 columns, y: 16 rows of dweight, one invocation per number; z: one part of PART_ROWS rows
// pair    matmul_forward
@group(0) @binding(0) var<storage, read> inp: array<f32>;
@group(0) @binding(1) var<storage, read> dout: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

var<workgroup> inp_tile: array<array<f32, 16>, 16>;
var<workgroup> dout_tile: array<array<f32, 16>, 16>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let m = tile.x * 16u + local.x;
  let k = tile.y * 16u + local.y;
  let column = tile.y * 16u + local.x;
  let end = min(N, (tile.z + 1u) * PART_ROWS);
  var sum = 0.0;
  for (var first = tile.z * PART_ROWS; first < end; first += 16u) {
    let n = first + local.y;
    var a = 0.0;
    var d = 0.0;
    if (n < end && column < K) { a = inp[n * K + column]; }
    if (n < end && m < M) { d = dout[n * M + m]; }
    inp_tile[local.y][local.x] = a;
    dout_tile[local.y][local.x] = d;
    workgroupBarrier();
    for (var r = 0u; r < 16u; r++) { sum += inp_tile[r][local.y] * dout_tile[r][local.x]; }
    workgroupBarrier();
  }
  if (k < K && m < M) { partials[(tile.z * K + k) * M + m] = sum; }
}
