// Turns each character into a vector: one for the character plus one for its position.
//   out[n, c] = wte[inp[n], c] + wpe[t, c]     with t = n mod T
// reads   inp [N], wte [V, C], wpe [T, C]
// writes  out [N, C], N = B T
// grid    one invocation per number of out
// pair    embedding_backward_token, embedding_backward_position
@group(0) @binding(0) var<storage, read> inp: array<u32>;
@group(0) @binding(1) var<storage, read> wte: array<f32>;
@group(0) @binding(2) var<storage, read> wpe: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= N * C) { return; }
  let n = i / C;
  let c = i % C;
  out[i] = wte[inp[n] * C + c] + wpe[(n % T) * C + c];
}
