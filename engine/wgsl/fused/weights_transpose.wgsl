// Copies the weights with each matrix turned round (transposed): the backward pass multiplies by W^T, and the head by
// wte^T. Only wanted when weights come from outside; training keeps both copies in step.
//   turned[b, a] = W[a, b]
// reads   params [SIZE]
// writes  turned [SIZE + C V']: everything in its old place, the layers' matrices transposed, and behind all of it
//         wte^T, with V rounded up to a multiple of four
// grid    one invocation per weight
// pair    none
@group(0) @binding(0) var<storage, read> params: array<f32>;
@group(0) @binding(1) var<storage, read_write> turned: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= SIZE) { return; }
  turned[turned_place(id.x)] = params[id.x];
  if (id.x < V * 64u) { turned[wte_place(id.x)] = params[id.x]; }
}
