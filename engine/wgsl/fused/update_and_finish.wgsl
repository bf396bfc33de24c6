// The last dispatch of an iteration: AdamW as in adamw_update. It adds the gradients' parts first, and also writes the
// transposed weights. One more workgroup does iteration_finish.
//   g = sum over p of partials[p]     and for wte, which serves twice, also of partials[p] from SIZE on
//   transposed: see weights_transpose
//   losses[iteration mod RING] = mean over n of nll[n]     next = iteration + 1
// reads   schedule [iterations, 4]: lr, correction1, correction2; partials [PARTS, SIZE + V C]; nll [N]
// writes  progress: counter [4], where the next iteration is at 0 and this one at 2, then at LOSSES losses [RING];
//         params [SIZE], m [SIZE], v [SIZE], transposed [SIZE + C V']
// grid    one invocation per four weights, and one workgroup
// pair    none
@group(0) @binding(0) var<storage, read> schedule: array<vec4f>;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read> nll: array<f32>;
@group(0) @binding(3) var<storage, read_write> progress: array<u32>;
@group(0) @binding(4) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> transposed: array<f32>;

// Four weights, from 4i on.
fn update(i: u32) {
  var g = vec4f();
  for (var p = 0u; p < PARTS; p++) { g += partials[p * ((SIZE + V * 64u) / 4u) + i]; }
  if (i < V * 16u) {
    for (var p = 0u; p < PARTS; p++) { g += partials[(p * (SIZE + V * 64u) + SIZE) / 4u + i]; }
  }
  let row = schedule[progress[2]];
  let lr = row.x;
  let first = beta1 * m[i] + (1.0 - beta1) * g;
  let second = beta2 * v[i] + (1.0 - beta2) * (g * g);
  m[i] = first;
  v[i] = second;
  let step = first * row.y / (sqrt(second * row.z) + eps);
  let decay = select(0.0, weight_decay, decays(4u * i));
  let weight = params[i] * (1.0 - lr * decay) - lr * step;
  params[i] = weight;
  for (var e = 0u; e < 4u; e++) {
    transposed[transposed_place(4u * i + e)] = weight[e];
    if (i < V * 16u) { transposed[wte_place(4u * i + e)] = weight[e]; }
  }
}

fn finish(i: u32) {
  let loss = mean_loss(i);
  if (i > 0u) { return; }
  let iteration = progress[2];
  progress[LOSSES + iteration % RING] = loss;
  progress[0] = iteration + 1u;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let four = id.x * 256u + i;
  if (id.x > (SIZE / 4u - 1u) / 256u) { finish(i); } else if (four < SIZE / 4u) { update(four); }
}
