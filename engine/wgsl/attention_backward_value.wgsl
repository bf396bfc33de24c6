// The gradient of a value collects those of all positions that attended to it, in proportion to their attention.
//   forward: out[b, t, h, c] = sum over j <= t of att[b, h, t, j] v[b, j, h, c]
//   dv[b, j, h, c] = sum over t >= j of att[b, h, t, j] dout[b, t, h, c]
// reads   att [B, NH, T, T], dout [B, T, NH, HS]
// writes  dqkv [B, T, 3, NH, HS], its last third
// grid    one invocation per number of dv
// pair    attention_forward_mix
@group(0) @binding(0) var<storage, read> att: array<f32>;
@group(0) @binding(1) var<storage, read> dout: array<f32>;
@group(0) @binding(2) var<storage, read_write> dqkv: array<f32>;

const C = NH * HS;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= N * C) { return; }
  let n = id.x / C;
  let c = id.x % C;
  let b = n / T;
  let j = n % T;
  let share = (b * NH + c / HS) * T * T + j;
  var sum = 0.0;
  for (var t = j; t < T; t++) { sum += att[share + t * T] * dout[(b * T + t) * C + c]; }
  dqkv[n * 3u * C + 2u * C + c] = sum;
}
