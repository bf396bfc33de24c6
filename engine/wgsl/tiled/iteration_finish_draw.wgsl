// The last dispatch of an iteration: does iteration_finish, and batch_draw for the next iteration.
//   losses[iteration mod RING] = mean over n of nll[n]     iteration = iteration + 1
//   starts[b] = hash32(key, iteration, b) mod STARTS
// reads   nll [N]
// writes  losses [RING], counter [4]: iteration, key of the batches; starts [B]
// grid    one workgroup
// pair    none
@group(0) @binding(0) var<storage, read> nll: array<f32>;
@group(0) @binding(1) var<storage, read_write> losses: array<u32>;
@group(0) @binding(2) var<storage, read_write> counter: array<u32>;
@group(0) @binding(3) var<storage, read_write> starts: array<u32>;

const EXPONENT = 0x7f800000u; // these bits are all set in infinity and NaN only

var<workgroup> sums: array<f32, 256>;
var<workgroup> broken: array<u32, 256>;

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

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) i: u32) {
  var sum = 0.0;
  var bad = 0u;
  for (var n = i; n < N; n += 256u) {
    sum += nll[n];
    if ((bitcast<u32>(nll[n]) & EXPONENT) == EXPONENT) { bad = 1u; }
  }
  sums[i] = sum;
  broken[i] = bad;
  let iteration = counter[0];
  for (var b = i; b < B; b += 256u) { starts[b] = hash32(counter[1], iteration + 1u, b) % STARTS; }
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (i < half) {
      sums[i] += sums[i + half];
      broken[i] |= broken[i + half];
    }
  }
  if (i > 0u) { return; }
  losses[iteration % RING] = select(bitcast<u32>(sums[0] * (1.0 / f32(N))), EXPONENT, broken[0] == 1u);
  counter[0] = iteration + 1u;
}
