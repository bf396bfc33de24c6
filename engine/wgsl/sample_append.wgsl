// Draws the next character: the one with the largest sum of logit and noise. With Gumbel noise that is a draw from the
// softmax of the logits. The noise is computed beforehand, so this kernel only compares.
//   written[have] = the v with the largest logits[last, v] + noise[have - prompt, v]; the first of them if they tie
//   expected[have - prompt] = logits[last], for readers who ask what else the model had in mind
// reads   logits [T, V], noise [.., V]
// writes  expected [.., V], written [..], writing [4]: have, incremented
// grid    one workgroup, one invocation per character of the vocabulary
// pair    none; sample_gather comes before the forward pass
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> noise: array<f32>;
@group(0) @binding(2) var<storage, read_write> expected: array<f32>;
@group(0) @binding(3) var<storage, read_write> written: array<u32>;
@group(0) @binding(4) var<storage, read_write> writing: array<u32>;

var<workgroup> values: array<f32, 256>;
var<workgroup> places: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) v: u32) {
  let have = writing[0];
  let place = (have - writing[1]) * V + v;
  places[v] = v;
  if (v < V) {
    let logit = logits[(min(have, T) - 1u) * V + v];
    expected[place] = logit;
    values[v] = logit + noise[place];
  }
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    // After the first round, values are no longer in the order of characters. On a tie, the first character wins.
    if (v < half && places[v + half] < V) {
      let better = values[v + half] > values[v];
      let tie = values[v + half] == values[v] && places[v + half] < places[v];
      if (better || tie) {
        values[v] = values[v + half];
        places[v] = places[v + half];
      }
    }
  }
  if (v > 0u) { return; }
  written[have] = places[0];
  writing[0] = have + 1u;
}
