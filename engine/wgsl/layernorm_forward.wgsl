// Normalises each row to mean 0 and variance 1, then applies a learned gain and bias per channel.
//   out = (inp - mean) rstd weight + bias     with rstd = 1 / sqrt(variance + eps), over the C channels of a row
// reads   inp [N, C], weight [C], bias [C]
// writes  out [N, C], mean [N], rstd [N]; the last two for the backward pass
// grid    one invocation per row
// pair    layernorm_backward, layernorm_backward_weight
@group(0) @binding(0) var<storage, read> inp: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<storage, read_write> mean: array<f32>;
@group(0) @binding(5) var<storage, read_write> rstd: array<f32>;

const PER_CHANNEL = 1.0 / f32(C);

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= N) { return; }
  let row = n * C;
  var sum = 0.0;
  for (var c = 0u; c < C; c++) { sum += inp[row + c]; }
  let mu = sum * PER_CHANNEL;
  var squares = 0.0;
  for (var c = 0u; c < C; c++) {
    let centred = inp[row + c] - mu;
    squares += centred * centred;
  }
  let r = 1.0 / sqrt(squares * PER_CHANNEL + eps);
  for (var c = 0u; c < C; c++) {
    out[row + c] = (inp[row + c] - mu) * r * weight[c] + bias[c];
  }
  mean[n] = mu;
  rstd[n] = r;
}
