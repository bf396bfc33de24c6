// Reads the stream early, as if the model ended here: which character would come next? ("logit lens"; nostalgebraist,
// 2020)
//   early[place] = LN(stream[row]) wte^T     with row = min(have, T) - 1 and place = have - prompt
// Each further workgroup takes the next row, and the next place.
// reads   writing [4]: characters written so far (have), those of them that are the prompt; stream [.., C],
//         weight [C] and bias [C] of the last LayerNorm, wte [V, C]
// writes  early [.., V]
// grid    one workgroup per row: an invocation for each channel, and then for each character of the vocabulary
// pair    none; layernorm_forward and matmul_backward do the same at the model's end
@group(0) @binding(0) var<storage, read> writing: array<u32>;
@group(0) @binding(1) var<storage, read> stream: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> wte: array<f32>;
@group(0) @binding(5) var<storage, read_write> early: array<f32>;

const PER_CHANNEL = 1.0 / f32(C);

var<workgroup> sums: array<f32, 256>;
var<workgroup> row: array<f32, 256>; // the row after LayerNorm

// The sum over all invocations, added in pairs until one number is left.
fn total(x: f32, i: u32) -> f32 {
  workgroupBarrier();
  sums[i] = x;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (i < half) { sums[i] += sums[i + half]; }
  }
  workgroupBarrier();
  return sums[0];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let have = writing[0];
  let n = min(have, T) - 1u + id.x;
  var x = 0.0;
  if (i < C) { x = stream[n * C + i]; }
  let mu = total(x, i) * PER_CHANNEL;
  var centred = 0.0;
  if (i < C) { centred = x - mu; }
  let r = 1.0 / sqrt(total(centred * centred, i) * PER_CHANNEL + eps);
  if (i < C) { row[i] = centred * r * weight[i] + bias[i]; }
  workgroupBarrier();

  if (i >= V) { return; }
  var sum = 0.0;
  for (var c = 0u; c < C; c++) { sum += row[c] * wte[i * C + c]; }
  early[(have - writing[1] + id.x) * V + i] = sum;
}
