// Turns a row of scores into weights that sum to 1. The largest score is subtracted first, so that exp cannot overflow.
//   att[t, j] = e^(score[t, j] - largest) / sum over i <= t of e^(score[t, i] - largest)     for j <= t
// reads   att [ROWS, T] as scores, one row per head and position
// writes  att [ROWS, T] as weights, in place
// grid    one invocation per row
// pair    attention_backward_softmax
@group(0) @binding(0) var<storage, read_write> att: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= ROWS) { return; }
  let t = id.x % T;
  let row = id.x * T;
  var largest = att[row];
  for (var j = 1u; j <= t; j++) { largest = max(largest, att[row + j]); }
  var sum = 0.0;
  for (var j = 0u; j <= t; j++) {
    let e = exp(att[row + j] - largest);
    att[row + j] = e;
    sum += e;
  }
  let reciprocal = 1.0 / sum;
  for (var j = 0u; j <= t; j++) { att[row + j] *= reciprocal; }
}
