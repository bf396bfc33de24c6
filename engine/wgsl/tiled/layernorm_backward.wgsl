// The gradient through a LayerNorm, plus the gradient that bypasses it on the stream.
//   forward: out = norm gain + bias     with norm = (inp - mean) rstd
//   dinp = dstream + rstd (dnorm - mean of dnorm - norm * mean of dnorm norm)     with dnorm = dout gain
// reads   dout [N, C], inp [N, C], statistics [N, 2]: mean, rstd; norm [2, C]: gain, bias; dstream [N, C]
// writes  dinp [N, C]
// grid    one workgroup per 16 rows; 16 invocations share a row
// pair    tiled/layernorm_matmul_forward
@group(0) @binding(0) var<storage, read> dout: array<vec4f>;
@group(0) @binding(1) var<storage, read> inp: array<vec4f>;
@group(0) @binding(2) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read> dstream: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dinp: array<vec4f>;

const OWN = C / 64u; // vec4 of a row per invocation
const PER_CHANNEL = 1.0 / f32(C);

var<workgroup> sums: array<vec2f, 256>;

// Sum over a row, returned to each of its invocations.
fn row_sum(value: vec2f, i: u32) -> vec2f {
  sums[i] = value;
  workgroupBarrier();
  var sum = vec2f();
  for (var j = 0u; j < 16u; j++) { sum += sums[i / 16u * 16u + j]; }
  return sum;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let n = id.x * 16u + i / 16u;
  let row = min(n, N - 1u);
  let own = row * (C / 4u) + i % 16u;
  let s = statistics[row];
  var dnorms: array<vec4f, OWN>;
  var norms: array<vec4f, OWN>;
  var sum = vec2f();
  for (var j = 0u; j < OWN; j++) {
    dnorms[j] = dout[own + 16u * j] * norm[i % 16u + 16u * j];
    norms[j] = (inp[own + 16u * j] - s.x) * s.y;
    sum += vec2f(dot(dnorms[j], vec4f(1.0)), dot(dnorms[j], norms[j]));
  }
  let means = row_sum(sum, i) * PER_CHANNEL;
  if (n >= N) { return; }
  for (var j = 0u; j < OWN; j++) {
    dinp[own + 16u * j] = dstream[own + 16u * j] + s.y * (dnorms[j] - means.x - norms[j] * means.y);
  }
}
