// The gradient of the stream arrives directly, and once more through the branch that read from it.
//   forward: out = inp + branch(inp)
//   dinp = dout + the gradient through the branch
// reads   dstream [SIZE] as dout, dbranch [SIZE]
// writes  dstream [SIZE] as dinp, in place
// grid    one invocation per number
// pair    residual_forward
@group(0) @binding(0) var<storage, read> dbranch: array<f32>;
@group(0) @binding(1) var<storage, read_write> dstream: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= SIZE) { return; }
  dstream[id.x] += dbranch[id.x];
}
