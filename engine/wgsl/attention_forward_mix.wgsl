// Each position sums the values of the positions up to itself, weighted by attention.
//   out[b, t, h, c] = sum over j <= t of att[b, h, t, j] v[b, j, h, c]
// reads   att [B, NH, T, T], qkv [B, T, 3, NH, HS]
// writes  out [N, C], the heads side by side; N = B T, C = NH HS
// grid    one invocation per number of out
// pair    attention_backward_att, attention_backward_value
@group(0) @binding(0) var<storage, read> att: array<f32>;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

const C = NH * HS;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= N * C) { return; }
  let n = id.x / C;
  let c = id.x % C;
  let b = n / T;
  let t = n % T;
  let share = ((b * NH + c / HS) * T + t) * T;
  let value = b * T * 3u * C + 2u * C + c;
  var sum = 0.0;
  for (var j = 0u; j <= t; j++) { sum += att[share + j] * qkv[value + j * 3u * C]; }
  out[id.x] = sum;
}
