// Draws where in the training text each sequence of this iteration's batch begins.
//   starts[b] = hash32(key, iteration, b) mod STARTS
// The same arithmetic as hash32 and batchStart in engine/training/rng.ts, so all engines train on the same batches. A
// hash of the iteration needs no state, so any iteration's batch can be drawn at any time.
// reads   counter [4]: iteration, key of the batches
// writes  starts [B]
// grid    one invocation per sequence
// pair    none
@group(0) @binding(0) var<storage, read> counter: array<u32>;
@group(0) @binding(1) var<storage, read_write> starts: array<u32>;

// Wellons' lowbias32: each bit of x affects every bit of the result.
fn mix_bits(word: u32) -> u32 {
  var x = word;
  x = (x ^ (x >> 16u)) * 0x7feb352du;
  x = (x ^ (x >> 15u)) * 0x846ca68bu;
  return x ^ (x >> 16u);
}

fn hash32(key: u32, a: u32, b: u32) -> u32 {
  return mix_bits(mix_bits(mix_bits(key) + a) + b);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let b = id.x;
  if (b >= B) { return; }
  starts[b] = hash32(counter[1], counter[0], b) % STARTS;
}
