// Stores the batch's mean loss and counts the iteration; the last dispatch of each iteration.
//   losses[iteration mod RING] = mean over n of nll[n]     iteration = iteration + 1
// Losses are stored as bits, so that NaN and infinity cannot get lost. The engine reads them back now and then.
// reads   nll [N]
// writes  losses [RING], counter [4]: iteration
// grid    one workgroup; each invocation sums every 256th number, then the sums are added in pairs until one is left
// pair    none
@group(0) @binding(0) var<storage, read> nll: array<f32>;
@group(0) @binding(1) var<storage, read_write> losses: array<u32>;
@group(0) @binding(2) var<storage, read_write> counter: array<u32>;

const EXPONENT = 0x7f800000u; // these bits are all set in infinity and NaN only

var<workgroup> sums: array<f32, 256>;
var<workgroup> broken: array<u32, 256>;

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
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (i < half) {
      sums[i] += sums[i + half];
      broken[i] |= broken[i + half];
    }
  }
  if (i > 0u) { return; }
  let iteration = counter[0];
  losses[iteration % RING] = select(bitcast<u32>(sums[0] * (1.0 / f32(N))), EXPONENT, broken[0] == 1u);
  counter[0] = iteration + 1u;
}
