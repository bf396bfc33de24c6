// Each row becomes M mixtures of its K numbers: the product of a matrix of rows and a matrix of weights.
//   out[n, m] = sum over k of inp[n, k] weight[k, m]
// A workgroup computes a square of 16 x 16 sums. It fetches 16 columns of inp and 16 rows of weight at a time into
// memory that all its invocations share, so that each number is fetched once instead of 16 times.
// reads   inp [N, K], weight [K, M]
// writes  out [N, M]
// grid    x: 16 columns, y: 16 rows of out; one invocation per number
// pair    matmul_backward, matmul_backward_weight
@group(0) @binding(0) var<storage, read> inp: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

var<workgroup> inp_tile: array<array<f32, 16>, 16>;
var<workgroup> weight_tile: array<array<f32, 16>, 16>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let m = tile.x * 16u + local.x;
  let n = tile.y * 16u + local.y;
  var sum = 0.0;
  for (var first = 0u; first < K; first += 16u) {
    var a = 0.0;
    var w = 0.0;
    if (n < N && first + local.x < K) { a = inp[n * K + first + local.x]; }
    if (first + local.y < K && m < M) { w = weight[(first + local.y) * M + m]; }
    inp_tile[local.y][local.x] = a;
    weight_tile[local.y][local.x] = w;
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) { sum += inp_tile[local.y][k] * weight_tile[k][local.x]; }
    workgroupBarrier();
  }
  if (n < N && m < M) { out[n * M + m] = sum; }
}
