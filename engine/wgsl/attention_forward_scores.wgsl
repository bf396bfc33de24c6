// How well does what position t looks for (its query) match what position j offers (its key)?
//   att[b, h, t, j] = scale * sum over c of q[b, t, h, c] k[b, j, h, c]     for j <= t, with scale = 1 / sqrt(HS)
// Positions after t are left out: they contain the answer.
// reads   qkv [B, T, 3, NH, HS]
// writes  att [B, NH, T, T], its lower triangle
// grid    x: 16 keys, y: 16 queries, z: one head of one sequence; one invocation per score
// pair    attention_backward_att
@group(0) @binding(0) var<storage, read> qkv: array<f32>;
@group(0) @binding(1) var<storage, read_write> att: array<f32>;

const C = NH * HS;

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x;
  let t = id.y;
  if (t >= T || j > t) { return; }
  let b = id.z / NH;
  let h = id.z % NH;
  let q = (b * T + t) * 3u * C + h * HS;
  let k = (b * T + j) * 3u * C + C + h * HS;
  var sum = 0.0;
  for (var c = 0u; c < HS; c++) { sum += qkv[q + c] * qkv[k + c]; }
  att[(id.z * T + t) * T + j] = scale * sum;
}
