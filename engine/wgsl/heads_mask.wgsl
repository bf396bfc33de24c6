// Switches attention heads off: what a head would have added to the stream is replaced by zeros.
//   mixed[n, h, c] = 0     for each head h with off[h] > 0
// reads   off [NH]
// writes  mixed [N, NH, HS], in place
// grid    one invocation per number of mixed
// pair    none; attention_forward_mix comes before
@group(0) @binding(0) var<storage, read> off: array<u32>;
@group(0) @binding(1) var<storage, read_write> mixed: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= N * NH * HS) { return; }
  if (off[id.x / HS % NH] > 0u) { mixed[id.x] = 0.0; }
}
