// Copies the weights with each matrix transposed: the backward pass multiplies by W^T, and the head by wte^T. Only
// needed when weights come from outside; training updates both copies.
//   transposed[b, a] = W[a, b]
// reads   params [SIZE]
// writes  transposed [SIZE + C V']: everything where it was, but the layers' matrices transposed; then wte^T, with V
//         rounded up to V', a multiple of four
// grid    one invocation per weight
// pair    none
@group(0) @binding(0) var<storage, read> params: array<f32>;
@group(0) @binding(1) var<storage, read_write> transposed: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= SIZE) { return; }
  transposed[transposed_place(id.x)] = params[id.x];
  if (id.x < V * 64u) { transposed[wte_place(id.x)] = params[id.x]; }
}
