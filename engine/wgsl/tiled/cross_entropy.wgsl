// The loss at each position, and in training its gradient.
//   nll[n] = lse - logits[n, targets[n]]     with lse = ln of the sum over v of e^logits[n, v]
//   dlogits[n, v] = (e^(logits[n, v] - lse) - (1 if v = targets[n], else 0)) / N
// reads   logits [N, V], targets [N]
// writes  nll [N]; if TRAINING = 1 dlogits [N, V'], V' is V rounded up to a multiple of 64, with zeros from V on
// grid    one workgroup per 4 rows; 64 invocations share a row
// pair    none; cross_entropy_forward and cross_entropy_backward are its two halves
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> nll: array<f32>;
@group(0) @binding(3) var<storage, read_write> dlogits: array<f32>;

const EXPONENT = 0x7f800000u; // these bits are all set in infinity and NaN only
const WIDTH = (V + 63u) / 64u; // logits per invocation

var<workgroup> tops: array<f32, 256>;
var<workgroup> sums: array<f32, 256>;
var<workgroup> broken: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let n = min(4u * id.x + i / 64u, N - 1u); // invocations without a row repeat the last one
  let lane = i % 64u;
  let first = i - lane;
  var top = -3e38;
  var bad = 0u;
  for (var v = lane; v < V; v += 64u) {
    let x = logits[n * V + v];
    // WGSL lets compilers assume that NaN never occurs; some then lose it in max or exp. Testing the bits is safe.
    if ((bitcast<u32>(x) & EXPONENT) == EXPONENT) { bad = 1u; }
    top = max(top, x);
  }
  tops[i] = top;
  broken[i] = bad;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      tops[i] = max(tops[i], tops[i + half]);
      broken[i] |= broken[i + half];
    }
  }
  workgroupBarrier();
  let largest = tops[first];
  var sum = 0.0;
  for (var v = lane; v < V; v += 64u) { sum += exp(logits[n * V + v] - largest); }
  sums[i] = sum;
  for (var half = 32u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { sums[i] += sums[i + half]; }
  }
  workgroupBarrier();
  let rest = log(sums[first]);
  let target_character = targets[n];
  if (lane == 0u) {
    // Large logits are subtracted from each other first: their difference may be 0, and nothing small gets lost.
    var bits = bitcast<u32>(rest - (logits[n * V + target_character] - largest));
    if (broken[i] == 1u) { bits = EXPONENT; }
    nll[n] = bitcast<f32>(bits);
  }
  if (TRAINING == 0u) { return; }
  for (var j = 0u; j < WIDTH; j++) {
    let v = lane + 64u * j;
    var d = 0.0;
    if (v < V) { d = exp(logits[n * V + v] - (largest + rest)); }
    if (v == target_character) { d -= 1.0; }
    dlogits[n * 64u * WIDTH + v] = d * (1.0 / f32(N));
  }
}
