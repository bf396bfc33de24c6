// Each position sums the values of the positions up to itself, weighted by how well its query matches their keys. Keys
// and values are loaded 16 at a time, so nothing of size T x T is ever stored.
//   mixed[t] = sum over j <= t of att[t, j] v[j]     att[t] = softmax over j of (q[t] . k[j] scale)
// A running maximum of the scores keeps the exponentials in range: when it grows, the sums so far are scaled down
// (Milakov and Gimelshein, 2018). Four invocations share a position: invocation 32 p + t takes four of each 16 keys,
// from 4p on. At the end their sums are brought to one scale and added in a fixed order.
// reads   qkv [N, 3C]
// writes  mixed [N, C]; lse [B NH, T]: ln of the sum of exponentials, for the backward pass
// grid    x: 32 positions, the last ones first because they have most keys; y: heads of all sequences
// pair    tiled/attention_backward
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> mixed: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> lse: array<f32>;

const H = HS / 4u; // vec4 of a head
const WIDTH = NH * H; // and of a row of all heads
const LOADS = (H + 3u) / 4u; // vec4 of 16 keys and values that an invocation loads

// 16 keys, then 16 values; at the end a sum for each position.
var<workgroup> rows: array<array<vec4f, H>, 32>;
var<workgroup> tops: array<f32, 128>;
var<workgroup> sums: array<f32, 128>;

// Invocation i's share of 16 keys and values from a position on. Past the end, it loads the last one again.
fn load(first: u32, head: u32, keys: u32, i: u32) -> array<vec4f, LOADS> {
  var x: array<vec4f, LOADS>;
  for (var k = 0u; k < LOADS; k++) {
    let at = i + 128u * k;
    let row = (first + min(keys + at / H % 16u, T - 1u)) * 3u * WIDTH + head + at % H;
    if (at < 16u * H) { x[k] = qkv[row + WIDTH]; } else if (at < 32u * H) { x[k] = qkv[row + 2u * WIDTH]; }
  }
  return x;
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let part = i / 32u;
  let begin = ((T - 1u) / 32u - id.x) * 32u;
  let t = begin + i % 32u;
  let first = id.y / NH * T; // the sequence's first row
  let head = id.y % NH * H;
  let own = (first + min(t, T - 1u)) * 3u * WIDTH + head;
  var q: array<vec4f, H>;
  var mix: array<vec4f, H>;
  for (var c = 0u; c < H; c++) { q[c] = qkv[own + c] * scale; }
  var top = -1e30;
  var sum = 0.0;
  let end = min(T, begin + 32u);
  var next = load(first, head, 0u, i);
  for (var keys = 0u; keys < end; keys += 16u) {
    workgroupBarrier();
    for (var k = 0u; k < LOADS; k++) {
      let at = i + 128u * k;
      if (at < 32u * H) { rows[at / H][at % H] = next[k]; }
    }
    workgroupBarrier();
    if (keys + 16u < end) { next = load(first, head, keys + 16u, i); }
    let key = 4u * part;
    var scores = vec4f();
    for (var c = 0u; c < H; c++) {
      let x = q[c];
      scores += vec4f(
        dot(x, rows[key][c]),
        dot(x, rows[key + 1u][c]),
        dot(x, rows[key + 2u][c]),
        dot(x, rows[key + 3u][c]),
      );
    }
    let j = keys + 4u * part + vec4u(0u, 1u, 2u, 3u);
    let seen = j <= vec4u(t);
    scores = select(vec4f(-1e30), scores, seen);
    let new_top = max(top, max(max(scores.x, scores.y), max(scores.z, scores.w)));
    let shrink = exp(top - new_top);
    let weights = select(vec4f(), exp(scores - new_top), seen);
    top = new_top;
    sum = sum * shrink + ((weights.x + weights.y) + (weights.z + weights.w));
    let value = 16u + key;
    for (var c = 0u; c < H; c++) {
      mix[c] = mix[c] * shrink + weights.x * rows[value][c] + weights.y * rows[value + 1u][c] +
        weights.z * rows[value + 2u][c] + weights.w * rows[value + 3u][c];
    }
  }

  let p = i % 32u;
  tops[i] = top;
  workgroupBarrier();
  let summit = max(max(tops[p], tops[p + 32u]), max(tops[p + 64u], tops[p + 96u]));
  let share = exp(top - summit);
  sums[i] = sum * share;
  for (var c = 0u; c < H; c++) { mix[c] *= share; }
  for (var other = 1u; other < 4u; other++) {
    workgroupBarrier();
    if (part == other) {
      for (var c = 0u; c < H; c++) { rows[p][c] = mix[c]; }
    }
    workgroupBarrier();
    if (part == 0u) {
      for (var c = 0u; c < H; c++) { mix[c] += rows[p][c]; }
    }
  }
  if (part > 0u || t >= T) { return; }
  let total = (sums[p] + sums[p + 32u]) + (sums[p + 64u] + sums[p + 96u]);
  let out = (first + t) * WIDTH + head;
  for (var c = 0u; c < H; c++) { mixed[out + c] = mix[c] / total; }
  lse[id.y * T + t] = summit + log(total);
}
