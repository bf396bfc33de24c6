// Moves each weight against its gradient, with a step size for each weight (AdamW; Loshchilov and Hutter, 2019).
//   m = beta1 m + (1 - beta1) g     v = beta2 v + (1 - beta2) g^2
//   weight = weight (1 - lr decay) - lr (m correction1) / (sqrt(v correction2) + eps)
// m is the gradient's running mean, v that of its square; the corrections compensate for both starting at zero.
// reads   counter [4]: iteration; schedule [iterations, 4]: lr, correction1, correction2; decays [SIZE / 64]: 1 for
//         matrices, 0 for gains and biases; grads [SIZE]
// writes  params [SIZE], m [SIZE], v [SIZE]
// grid    one invocation per weight
// pair    none
@group(0) @binding(0) var<storage, read> counter: array<u32>;
@group(0) @binding(1) var<storage, read> schedule: array<vec4f>;
@group(0) @binding(2) var<storage, read> decays: array<f32>;
@group(0) @binding(3) var<storage, read> grads: array<f32>;
@group(0) @binding(4) var<storage, read_write> params: array<f32>;
@group(0) @binding(5) var<storage, read_write> m: array<f32>;
@group(0) @binding(6) var<storage, read_write> v: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= SIZE) { return; }
  let row = schedule[counter[0]];
  let lr = row.x;
  let g = grads[i];
  let first = beta1 * m[i] + (1.0 - beta1) * g;
  let second = beta2 * v[i] + (1.0 - beta2) * (g * g);
  m[i] = first;
  v[i] = second;
  let step = first * row.y / (sqrt(second * row.z) + eps);
  params[i] = params[i] * (1.0 - lr * weight_decay * decays[i / 64u]) - lr * step;
}
