// A number for each iteration and sequence: not a kernel, but appended to those that draw batches. The same arithmetic as
// hash32 in engine/training/rng.ts, so all engines train on the same batches.

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
