// A key moves towards the queries that should have given it a higher score: its gradient is a sum over queries.
//   forward: score[t, j] = scale * sum over c of q[t, c] k[j, c]
//   dk[b, j, h, c] = sum over t >= j of dscore[b, h, t, j] q[b, t, h, c]; the scale is in dscore already
// reads   dscore [B, NH, T, T], qkv [B, T, 3, NH, HS]
// writes  dqkv [B, T, 3, NH, HS], its second third
// grid    one invocation per number of dk
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
  let j = n % T;
  let column = (b * NH + c / HS) * T * T + j;
  let query = b * T * 3u * C + c;
  var sum = 0.0;
  for (var t = j; t < T; t++) { sum += dscore[column + t * T] * qkv[query + t * 3u * C]; }
  dqkv[n * 3u * C + C + c] = sum;
}
