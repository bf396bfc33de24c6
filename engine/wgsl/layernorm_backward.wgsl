// The gradient through a LayerNorm: shifting or scaling a row does not change the output, so those parts are removed.
//   forward: out = norm weight + bias     with norm = (inp - mean) rstd
//   dinp = rstd (dnorm - mean of dnorm - norm * mean of dnorm norm)     with dnorm = dout weight, means over C channels
// reads   dout [N, C], inp [N, C], mean [N], rstd [N], weight [C]
// writes  dinp [N, C]
// grid    one invocation per row
// pair    layernorm_forward
@group(0) @binding(0) var<storage, read> dout: array<f32>;
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read> weight: array<f32>;
@group(0) @binding(5) var<storage, read_write> dinp: array<f32>;

const PER_CHANNEL = 1.0 / f32(C);

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= N) { return; }
  let row = n * C;
  let mu = mean[n];
  let r = rstd[n];
  var shift = 0.0;
  var stretch = 0.0;
  for (var c = 0u; c < C; c++) {
    let dnorm = dout[row + c] * weight[c];
    shift += dnorm;
    stretch += dnorm * ((inp[row + c] - mu) * r);
  }
  shift *= PER_CHANNEL;
  stretch *= PER_CHANNEL;
  for (var c = 0u; c < C; c++) {
    let norm = (inp[row + c] - mu) * r;
    dinp[row + c] = r * (dout[row + c] * weight[c] - shift - norm * stretch);
  }
}
