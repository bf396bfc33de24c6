// AdamW as in adamw_update, for gradients that are still in parts; also writes the weights transposed.
//   g = sum over parts p of partials[p], for wte of both its sets     transposed: see weights_transpose
// reads   counter [4]: iteration; schedule [iterations, 4]: lr, correction1, correction2; decays [SIZE / 64]: 1 for
//         matrices, 0 for gains and biases; partials [PARTS, SIZE + V C]
// writes  params [SIZE], m [SIZE], v [SIZE], transposed [SIZE + C V']
// grid    one invocation per weight
// pair    none
@group(0) @binding(0) var<storage, read> counter: array<u32>;
@group(0) @binding(1) var<storage, read> schedule: array<vec4f>;
@group(0) @binding(2) var<storage, read> decays: array<f32>;
@group(0) @binding(3) var<storage, read> partials: array<f32>;
@group(0) @binding(4) var<storage, read_write> params: array<f32>;
@group(0) @binding(5) var<storage, read_write> m: array<f32>;
@group(0) @binding(6) var<storage, read_write> v: array<f32>;
@group(0) @binding(7) var<storage, read_write> transposed: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= SIZE) { return; }
  var g = 0.0;
  for (var p = 0u; p < PARTS; p++) { g += partials[p * (SIZE + V * 64u) + i]; }
  if (i < V * 64u) {
    for (var p = 0u; p < PARTS; p++) { g += partials[p * (SIZE + V * 64u) + SIZE + i]; }
  }
  let row = schedule[counter[0]];
  let lr = row.x;
  let first = beta1 * m[i] + (1.0 - beta1) * g;
  let second = beta2 * v[i] + (1.0 - beta2) * (g * g);
  m[i] = first;
  v[i] = second;
  let step = first * row.y / (sqrt(second * row.z) + eps);
  let weight = params[i] * (1.0 - lr * weight_decay * decays[i / 64u]) - lr * step;
  params[i] = weight;
  transposed[transposed_place(i)] = weight;
  if (i < V * 64u) { transposed[wte_place(i)] = weight; }
}
