// The gradients themselves, to be measured or read: in training, tiled/adamw_update computes these sums.
//   grads[i] = sum over p of partials[p, i]     and for wte, which serves twice, also of partials[p, SIZE + i]
// reads   partials [PARTS, STRIDE]: laid out as the weights, followed by wte as embedding
// writes  grads [SIZE]
// grid    one invocation per four numbers
// pair    none
@group(0) @binding(0) var<storage, read> partials: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> grads: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= SIZE / 4u) { return; }
  var sum = vec4f();
  for (var p = 0u; p < PARTS; p++) { sum += partials[p * (STRIDE / 4u) + i]; }
  if (i < V * C / 4u) {
    for (var p = 0u; p < PARTS; p++) { sum += partials[(p * STRIDE + SIZE) / 4u + i]; }
  }
  grads[i] = sum;
}
