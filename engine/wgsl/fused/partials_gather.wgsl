// The gradients themselves, to be measured or read: in training, update_and_finish computes these sums.
//   grads = sum over p of partials[p]     and for wte, which serves twice, also of partials[p] from SIZE on
// reads   partials [PARTS, SIZE + V C]
// writes  grads [SIZE]
// grid    one invocation per weight
// pair    none
@group(0) @binding(0) var<storage, read> partials: array<f32>;
@group(0) @binding(1) var<storage, read_write> grads: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= SIZE) { return; }
  var g = 0.0;
  for (var p = 0u; p < PARTS; p++) { g += partials[p * (SIZE + V * 64u) + i]; }
  if (i < V * 64u) {
    for (var p = 0u; p < PARTS; p++) { g += partials[p * (SIZE + V * 64u) + SIZE + i]; }
  }
  grads[i] = g;
}
