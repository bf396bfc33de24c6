// The weights of a row compete: a score gains only if its weight's gradient is above the row's weighted average.
//   forward: att = softmax(scale * q k^T), row by row
//   dscore[t, j] = scale att[t, j] (datt[t, j] - sum over i <= t of att[t, i] datt[t, i])     for j <= t
// reads   att [ROWS, T], datt [ROWS, T]
// writes  datt [ROWS, T] as dscore, in place
// grid    one invocation per row
// pair    attention_forward_softmax, attention_forward_scores
@group(0) @binding(0) var<storage, read> att: array<f32>;
@group(0) @binding(1) var<storage, read_write> datt: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= ROWS) { return; }
  let t = id.x % T;
  let row = id.x * T;
  var average = 0.0;
  for (var j = 0u; j <= t; j++) { average += att[row + j] * datt[row + j]; }
  for (var j = 0u; j <= t; j++) { datt[row + j] = scale * att[row + j] * (datt[row + j] - average); }
}
