// The gradients of each channel's gain and bias are summed over all rows.
//   forward: out = norm weight + bias     with norm = (inp - mean) rstd
//   dweight[c] = sum over n of dout[n, c] norm[n, c]     dbias[c] = sum over n of dout[n, c]
// The rows are split into parts; partials_sum adds up the parts' sums. Weight and bias are STRIDE apart, as in params.
// reads   dout [N, C], inp [N, C], mean [N], rstd [N]
// writes  partials [parts, 2, STRIDE]: dweight, then dbias, each padded with zeros after the C channels
// grid    x: one invocation per channel; z: one part of PART_ROWS rows
// pair    layernorm_forward
@group(0) @binding(0) var<storage, read> dout: array<f32>;
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= STRIDE) { return; }
  var dweight = 0.0;
  var dbias = 0.0;
  if (c < C) {
    for (var n = id.z * PART_ROWS; n < min(N, (id.z + 1u) * PART_ROWS); n++) {
      let d = dout[n * C + c];
      dweight += d * ((inp[n * C + c] - mean[n]) * rstd[n]);
      dbias += d;
    }
  }
  partials[(2u * id.z) * STRIDE + c] = dweight;
  partials[(2u * id.z + 1u) * STRIDE + c] = dbias;
}
