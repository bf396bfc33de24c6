// The gradient of a product's rows: the same product with the weights' rows and columns exchanged.
//   forward: out[n, m] = sum over k of inp[n, k] weight[k, m]
//   dinp[n, k] = sum over m of dout[n, m] weight[k, m]
// The output head uses it forward: it multiplies by wte, whose rows are characters, so that logits = x wte^T.
// reads   dout [N, M], weight [K, M]
// writes  dinp [N, K]
// grid    x: 16 columns, y: 16 rows of dinp; one invocation per number
// pair    matmul_forward
@group(0) @binding(0) var<storage, read> dout: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> dinp: array<f32>;

var<workgroup> dout_tile: array<array<f32, 16>, 16>;
// One column more than is used: invocations side by side then read from different memory banks.
var<workgroup> weight_tile: array<array<f32, 17>, 16>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let k = tile.x * 16u + local.x;
  let n = tile.y * 16u + local.y;
  let row = tile.x * 16u + local.y;
  var sum = 0.0;
  for (var first = 0u; first < M; first += 16u) {
    var d = 0.0;
    var w = 0.0;
    if (n < N && first + local.x < M) { d = dout[n * M + first + local.x]; }
    if (row < K && first + local.x < M) { w = weight[row * M + first + local.x]; }
    dout_tile[local.y][local.x] = d;
    weight_tile[local.y][local.x] = w;
    workgroupBarrier();
    for (var m = 0u; m < 16u; m++) { sum += dout_tile[local.y][m] * weight_tile[local.x][m]; }
    workgroupBarrier();
  }
  if (n < N && k < K) { dinp[n * K + k] = sum; }
}
