// The batch's mean loss: not a kernel, but appended to those that finish an iteration, which read nll [N].

const EXPONENT = 0x7f800000u; // these bits are all set in infinity and NaN only

var<workgroup> sums: array<f32, 256>;
var<workgroup> broken: array<u32, 256>;

// The mean over n of nll[n], as bits, so that NaN and infinity cannot get lost; only invocation 0 receives it. Each of the
// workgroup's 256 invocations sums every 256th number, then the sums are added in pairs until one is left.
fn mean_loss(i: u32) -> u32 {
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
  return select(bitcast<u32>(sums[0] * (1.0 / f32(N))), EXPONENT, broken[0] == 1u);
}
