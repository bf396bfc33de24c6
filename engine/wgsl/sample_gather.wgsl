// Copies the last T characters written so far into the model's input.
//   inp[t] = written[start + t]     with start = max(have, T) - T; unwritten positions get 0, which no result uses
// reads   written [..], writing [4]: characters written so far (have), those of them that are the prompt
// writes  inp [T]
// grid    one invocation per position
// pair    none; sample_append follows after the forward pass
@group(0) @binding(0) var<storage, read> written: array<u32>;
@group(0) @binding(1) var<storage, read> writing: array<u32>;
@group(0) @binding(2) var<storage, read_write> inp: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let t = id.x;
  if (t >= T) { return; }
  let have = writing[0];
  let place = max(have, T) - T + t;
  var token = 0u;
  if (place < have) { token = written[place]; }
  inp[t] = token;
}
