// A query moves towards the keys whose scores should rise: its gradient is a sum over keys.
//   forward: score[t, j] = scale * sum over c of q[t, c] k[j, c]
//   dq[b, t, h, c] = sum over j <= t of dscore[b, h, t, j] k[b, j, h, c]; the scale is in dscore already
// reads   dscore [B, NH, T, T], qkv [B, T, 3, NH, HS]
// writes  dqkv [B, T, 3, NH, HS], its first third
// grid    one invocation per number of dq
// pair    attention_forward_scores
@group(0) @binding(0) var<storage, read> dscore: array<f32>;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read_write> dqkv: array<f32>;

const C = NH * HS;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= N * C) { return; }
  let n = id.x / C;
  let c = id.x % C;
  let b = n / T;
  let t = n % T;
  let row = ((b * NH + c / HS) * T + t) * T;
  let key = b * T * 3u * C + C + c;
  var sum = 0.0;
  for (var j = 0u; j <= t; j++) { sum += dscore[row + j] * qkv[key + j * 3u * C]; }
  dqkv[n * 3u * C + c] = sum;
}
