// The gradient of each character's vector is summed over all rows of the batch with that character.
//   forward: out[n] = wte[inp[n]] + wpe[t]
//   dwte[v, c] = sum of dout[n, c] over all n with inp[n] = v
// The rows are split into parts; partials_sum adds up the parts' sums.
// reads   inp [N], dout [N, C]
// writes  partials [parts, V, C]
// grid    x: one invocation per number of wte; z: one part of PART_ROWS rows
// pair    embedding_forward
@group(0) @binding(0) var<storage, read> inp: array<u32>;
@group(0) @binding(1) var<storage, read> dout: array<f32>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= V * C) { return; }
  let v = i / C;
  let c = i % C;
  var sum = 0.0;
  for (var n = id.z * PART_ROWS; n < min(N, (id.z + 1u) * PART_ROWS); n++) {
    if (inp[n] == v) { sum += dout[n * C + c]; }
  }
  partials[(FIRST_PART + id.z) * V * C + i] = sum;
}
