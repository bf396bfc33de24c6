// Draws where in the training text each sequence of this iteration's batch begins.
//   starts[b] = hash32(key, iteration, b) mod STARTS
// As batchStart in engine/training/rng.ts. A hash of the iteration needs no state, so any iteration's batch can be drawn at
// any time.
// reads   counter [4]: iteration, key of the batches
// writes  starts [B]
// grid    one invocation per sequence
// pair    none
@group(0) @binding(0) var<storage, read> counter: array<u32>;
@group(0) @binding(1) var<storage, read_write> starts: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let b = id.x;
  if (b >= B) { return; }
  starts[b] = hash32(counter[1], counter[0], b) % STARTS;
}
