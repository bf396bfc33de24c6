// Adds a branch's result to the stream that runs through the model; the stream is never replaced.
//   out = inp + branch
// reads   inp [SIZE], branch [SIZE]
// writes  out [SIZE]
// grid    one invocation per number
// pair    residual_backward
@group(0) @binding(0) var<storage, read> inp: array<f32>;
@group(0) @binding(1) var<storage, read> branch: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= SIZE) { return; }
  out[id.x] = inp[id.x] + branch[id.x];
}
