// What a LayerNorm has to know about each row. The products that follow apply it while they load the row.
//   mean = mean of inp     rstd = 1 / sqrt(variance + eps)     over the C channels of a row
// reads   inp [N, C]
// writes  statistics [N, 2]: mean, rstd
// grid    one workgroup per 16 rows; 16 invocations share a row
// pair    tiled/layernorm_backward
@group(0) @binding(0) var<storage, read> inp: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> statistics: array<vec2f>;

const OWN = C / 64u; // vec4 of a row per invocation
const PER_CHANNEL = 1.0 / f32(C);

var<workgroup> sums: array<f32, 256>;

// Sum over a row, returned to each of its invocations.
fn row_sum(value: f32, i: u32) -> f32 {
  workgroupBarrier();
  sums[i] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var j = 0u; j < 16u; j++) { sum += sums[i / 16u * 16u + j]; }
  return sum;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let n = id.x * 16u + i / 16u;
  let own = min(n, N - 1u) * (C / 4u) + i % 16u;
  var x: array<vec4f, OWN>;
  var sum = vec4f();
  for (var j = 0u; j < OWN; j++) {
    x[j] = inp[own + 16u * j];
    sum += x[j];
  }
  let mean = row_sum((sum.x + sum.y) + (sum.z + sum.w), i) * PER_CHANNEL;
  var squares = 0.0;
  for (var j = 0u; j < OWN; j++) {
    let centred = x[j] - mean;
    squares += dot(centred, centred);
  }
  let rstd = 1.0 / sqrt(row_sum(squares, i) * PER_CHANNEL + eps);
  if (i % 16u == 0u && n < N) { statistics[n] = vec2f(mean, rstd); }
}
