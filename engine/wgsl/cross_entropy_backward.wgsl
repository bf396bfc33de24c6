// Training lowers every logit in proportion to its probability, and raises that of the actual next character.
//   forward: nll[n] = lse[n] - logits[n, targets[n]]; the loss is the mean over n
//   dlogits[n, v] = (e^(logits[n, v] - lse[n]) - (1 if v = targets[n], else 0)) / N
// reads   logits [N, V], targets [N], lse [N]
// writes  dlogits [N, V]
// grid    one invocation per number
// pair    cross_entropy_forward
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read_write> dlogits: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= N * V) { return; }
  let n = id.x / V;
  let v = id.x % V;
  var d = exp(logits[id.x] - lse[n]);
  if (v == targets[n]) { d -= 1.0; }
  dlogits[id.x] = d * (1.0 / f32(N));
}
