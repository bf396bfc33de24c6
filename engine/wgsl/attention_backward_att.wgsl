// How does the loss change when position t attends more to position j? By the product of t's gradient and j's value.
//   forward: out[b, t, h, c] = sum over j <= t of att[b, h, t, j] v[b, j, h, c]
//   datt[b, h, t, j] = sum over c of dout[b, t, h, c] v[b, j, h, c]     for j <= t
// reads   dout [B, T, NH, HS], qkv [B, T, 3, NH, HS]
// writes  datt [B, NH, T, T], its lower triangle
// grid    x: 16 keys, y: 16 queries, z: one head of one sequence; one invocation per number
// pair    attention_forward_mix
@group(0) @binding(0) var<storage, read> dout: array<f32>;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read_write> datt: array<f32>;

const C = NH * HS;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x;
  let t = id.y;
  if (t >= T || j > t) { return; }
  let b = id.z / NH;
  let h = id.z % NH;
  let d = (b * T + t) * C + h * HS;
  let v = (b * T + j) * 3u * C + 2u * C + h * HS;
  var sum = 0.0;
  for (var c = 0u; c < HS; c++) { sum += dout[d + c] * qkv[v + c]; }
  datt[(id.z * T + t) * T + j] = sum;
}
