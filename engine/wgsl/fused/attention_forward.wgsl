// Each position sums the values of the positions up to itself, weighted by how well its query matches their keys; one
// workgroup handles one head of one sequence.
//   mixed[t] = sum over j <= t of att[t, j] v[j]     att[t] = softmax over j of (q[t] . k[j] / sqrt(HS))
// Four invocations share a position t: part p takes j = p, p + 4, ... A running maximum of the scores keeps the
// exponentials in range: when it grows, the sums so far are scaled down (Milakov and Gimelshein, 2018). Then the four
// parts are brought to one scale and added in a fixed order.
// reads   layer [1], qkv [L, N, 3C]
// writes  streams [STREAMS, N, C]: mixed at MIXED + l; for the backward pass lse [L, B NH, T]: ln of the sum of
//         exponentials
// grid    one workgroup per head and sequence
// pair    fused/attention_backward
@group(0) @binding(0) var<storage, read> layer: array<u32, 1>;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> streams: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> lse: array<f32>;

// Keys [T, HS], then values [T, HS], where HS is four vec4; at the end the sums of two of the four parts, [T, 2, HS].
var<workgroup> rows: array<vec4f, 512>;
const VALUES = 256u;
var<workgroup> largest: array<f32, 256>;
var<workgroup> sums: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let t = i / 4u;
  let part = i % 4u;
  let first = layer[0] * N + id.x / NH * T; // the sequence's first row
  let head = id.x % NH * 4u;
  let own = (first + t) * 48u + head;
  rows[i] = qkv[own + 16u + part];
  rows[VALUES + i] = qkv[own + 32u + part];
  let q0 = qkv[own] * scale;
  let q1 = qkv[own + 1u] * scale;
  let q2 = qkv[own + 2u] * scale;
  let q3 = qkv[own + 3u] * scale;
  workgroupBarrier();

  var top = -1e30;
  var sum = 0.0;
  var m0 = vec4f();
  var m1 = vec4f();
  var m2 = vec4f();
  var m3 = vec4f();
  for (var j = part; j <= t; j += 4u) {
    let k = 4u * j;
    let score = dot(q0, rows[k]) + dot(q1, rows[k + 1u]) + dot(q2, rows[k + 2u]) + dot(q3, rows[k + 3u]);
    let new_top = max(top, score);
    let shrink = exp(top - new_top);
    let weight = exp(score - new_top);
    top = new_top;
    sum = sum * shrink + weight;
    m0 = m0 * shrink + weight * rows[VALUES + k];
    m1 = m1 * shrink + weight * rows[VALUES + k + 1u];
    m2 = m2 * shrink + weight * rows[VALUES + k + 2u];
    m3 = m3 * shrink + weight * rows[VALUES + k + 3u];
  }

  largest[i] = top;
  workgroupBarrier();
  let summit = max(max(largest[4u * t], largest[4u * t + 1u]), max(largest[4u * t + 2u], largest[4u * t + 3u]));
  let shrink = exp(top - summit);
  sums[i] = sum * shrink;
  if (part >= 2u) {
    let place = (2u * t + part - 2u) * 4u;
    rows[place] = m0 * shrink;
    rows[place + 1u] = m1 * shrink;
    rows[place + 2u] = m2 * shrink;
    rows[place + 3u] = m3 * shrink;
  }
  workgroupBarrier();
  let total = (sums[4u * t] + sums[4u * t + 1u]) + (sums[4u * t + 2u] + sums[4u * t + 3u]);
  let place = (2u * t + part) * 4u;
  if (part < 2u) {
    m0 = m0 * shrink + rows[place];
    m1 = m1 * shrink + rows[place + 1u];
    m2 = m2 * shrink + rows[place + 2u];
    m3 = m3 * shrink + rows[place + 3u];
  }
  workgroupBarrier();
  if (part == 1u) {
    rows[place] = m0;
    rows[place + 1u] = m1;
    rows[place + 2u] = m2;
    rows[place + 3u] = m3;
  }
  workgroupBarrier();
  if (part == 0u) {
    let out = (MIXED * N + first + t) * 16u + head;
    streams[out] = (m0 + rows[place + 4u]) / total;
    streams[out + 1u] = (m1 + rows[place + 5u]) / total;
    streams[out + 2u] = (m2 + rows[place + 6u]) / total;
    streams[out + 3u] = (m3 + rows[place + 7u]) / total;
    lse[(layer[0] * B * NH + id.x) * T + t] = summit + log(total);
  }
}
