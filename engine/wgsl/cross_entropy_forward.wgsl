// The loss at each position: -ln of the probability that the model gave to the actual next character, in nats.
//   nll[n] = lse[n] - logits[n, targets[n]]     with lse = ln of the sum over v of e^logits[n, v]
// reads   logits [N, V], targets [N]
// writes  nll [N], lse [N]; the latter for the backward pass
// grid    one invocation per row
// pair    cross_entropy_backward
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> nll: array<f32>;
@group(0) @binding(3) var<storage, read_write> lse: array<f32>;

const EXPONENT = 0x7f800000u; // these bits are all set in infinity and NaN only

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= N) { return; }
  let row = n * V;
  // WGSL lets shaders assume that NaN never occurs, and some then lose it in max or exp. A test of the bits is safe.
  var broken = false;
  var largest = logits[row];
  for (var v = 0u; v < V; v++) {
    let x = logits[row + v];
    broken |= (bitcast<u32>(x) & EXPONENT) == EXPONENT;
    largest = max(largest, x);
  }
  var sum = 0.0;
  for (var v = 0u; v < V; v++) { sum += exp(logits[row + v] - largest); }
  let total = largest + log(sum);
  lse[n] = total;
  // Large logits are subtracted from each other first: their difference may be 0, and nothing small gets lost.
  var bits = bitcast<u32>(log(sum) - (logits[row + targets[n]] - largest));
  if (broken) { bits = EXPONENT; }
  nll[n] = bitcast<f32>(bits);
}
