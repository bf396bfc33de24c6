// Adds up the parts of a long sum, always in the same order: in another order the rounding would differ.
//   out[i] = sum over p of partials[p, i]
// reads   partials [PARTS, SIZE]
// writes  out [SIZE]
// grid    one invocation per number
// pair    none: completes the backward kernels that write partials
@group(0) @binding(0) var<storage, read> partials: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= SIZE) { return; }
  var sum = 0.0;
  for (var p = 0u; p < PARTS; p++) { sum += partials[p * SIZE + i]; }
  out[i] = sum;
}
