// The gradient of each position's vector is summed over that position in all sequences of the batch.
//   forward: out[b, t] = wte[inp[b, t]] + wpe[t]
//   dwpe[t, c] = sum over b of dout[b, t, c]
// reads   dout [B, T, C]
// writes  dwpe [T, C]
// grid    one invocation per number of wpe
// pair    embedding_forward
@group(0) @binding(0) var<storage, read> dout: array<f32>;
@group(0) @binding(1) var<storage, read_write> dwpe: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= T * C) { return; }
  var sum = 0.0;
  for (var b = 0u; b < B; b++) { sum += dout[b * T * C + i]; }
  dwpe[i] = sum;
}
