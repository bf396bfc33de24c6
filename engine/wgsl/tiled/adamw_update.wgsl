// AdamW as in adamw_update, for gradients that are still in parts, always added in the same order: in another order the
// rounding would differ.
//   g = sum over p of partials[p]     and for wte, which serves twice, also of partials[p] from SIZE on
// reads   counter [4]: iteration; schedule [iterations, 4]: lr, correction1, correction2; decays [SIZE / 64]: 1 for
//         matrices, 0 for gains and biases; partials [PARTS, STRIDE]: laid out as the weights, then wte as embedding
// writes  params [SIZE], m [SIZE], v [SIZE]
// grid    one invocation per four weights
// pair    none
@group(0) @binding(0) var<storage, read> counter: array<u32>;
@group(0) @binding(1) var<storage, read> schedule: array<vec4f>;
@group(0) @binding(2) var<storage, read> decays: array<f32>;
@group(0) @binding(3) var<storage, read> partials: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= SIZE / 4u) { return; }
  var g = vec4f();
  for (var p = 0u; p < PARTS; p++) { g += partials[p * (STRIDE / 4u) + i]; }
  if (i < V * C / 4u) {
    for (var p = 0u; p < PARTS; p++) { g += partials[(p * STRIDE + SIZE) / 4u + i]; }
  }
  let row = schedule[counter[0]];
  let lr = row.x;
  let first = beta1 * m[i] + (1.0 - beta1) * g;
  let second = beta2 * v[i] + (1.0 - beta2) * (g * g);
  m[i] = first;
  v[i] = second;
  let step = first * row.y / (sqrt(second * row.z) + eps);
  params[i] = params[i] * (1.0 - lr * weight_decay * decays[i / 16u]) - lr * step;
}
