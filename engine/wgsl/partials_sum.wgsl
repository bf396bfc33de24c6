// Adds up what the parts of a long sum came to, always in the same order: floats added in another order differ.
//   out[i] = sum over p of partials[p, i]
// reads   partials [PARTS, SIZE]
// writes  out [SIZE]
// grid    one invocation per number
// pair    none: second half of the backward kernels that write partials
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
