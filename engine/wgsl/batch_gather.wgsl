// Copies a batch from the text: each sequence, and as its targets the same sequence shifted by one character.
//   inp[b, t] = text[starts[b] + t]     targets[b, t] = text[starts[b] + t + 1]
// reads   tokens [ceil(n / 4)]: the text, four one-byte characters per number; starts [B]
// writes  inp [B, T], targets [B, T]
// grid    one invocation per position
// pair    none: characters have no gradient
@group(0) @binding(0) var<storage, read> tokens: array<u32>;
@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read_write> inp: array<u32>;
@group(0) @binding(3) var<storage, read_write> targets: array<u32>;

fn token(place: u32) -> u32 {
  return (tokens[place / 4u] >> (8u * (place % 4u))) & 255u;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= B * T) { return; }
  let place = starts[i / T] + i % T;
  inp[i] = token(place);
  targets[i] = token(place + 1u);
}
