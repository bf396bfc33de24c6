// The backward pass through fused/attention_forward; one workgroup handles one head of one sequence.
//   att[t, j] = e^(q[t] . k[j] scale - lse[t])     datt[t, j] = dmixed[t] . v[j]
//   dscore = att (datt - sum over j of att datt) scale, and that sum is mixed[t] . dmixed[t]
//   dq[t] = sum over j <= t of dscore k[j]     dk[j] = sum over t >= j of dscore q[t]     dv[j] = sum of att dmixed[t]
// Weights are recomputed rather than stored (Dao et al., 2022). Four invocations share a row, as in the forward pass.
// reads   layer [1], qkv [L, N, 3C], lse [L, B NH, T], streams [STREAMS, N, C]: mixed at MIXED + l, dmixed at DMIXED
// writes  dqkv [L, N, 3C]
// grid    one workgroup per head and sequence
// pair    fused/attention_forward
@group(0) @binding(0) var<storage, read> layer: array<u32, 1>;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read> streams: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dqkv: array<vec4f>;

// Two vectors of HS = 16 channels per position: keys and values, later queries and dmixed; in between partial sums.
var<workgroup> rows: array<vec4f, 512>;
const SECOND = 256u;
var<workgroup> norms: array<f32, 64>; // lse
var<workgroup> means: array<f32, 64>; // mixed . dmixed

struct Head { a: vec4f, b: vec4f, c: vec4f, d: vec4f }

fn fetch(place: u32) -> Head { return Head(rows[place], rows[place + 1u], rows[place + 2u], rows[place + 3u]); }

fn inner(x: Head, y: Head) -> f32 { return (dot(x.a, y.a) + dot(x.b, y.b)) + (dot(x.c, y.c) + dot(x.d, y.d)); }

fn plus(x: Head, factor: f32, y: Head) -> Head {
  return Head(x.a + factor * y.a, x.b + factor * y.b, x.c + factor * y.c, x.d + factor * y.d);
}

fn keep(x: Head, place: u32) {
  rows[place] = x.a;
  rows[place + 1u] = x.b;
  rows[place + 2u] = x.c;
  rows[place + 3u] = x.d;
}

// Adds up the sums of a row's four invocations, (0 + 2) + (1 + 3), and writes the result to dqkv.
fn finish(x: Head, row: u32, part: u32, out: u32) {
  let place = (2u * row + part % 2u) * 4u;
  workgroupBarrier();
  if (part >= 2u) { keep(x, place); }
  workgroupBarrier();
  var sum = x;
  if (part < 2u) { sum = plus(x, 1.0, fetch(place)); }
  workgroupBarrier();
  if (part == 1u) { keep(sum, place); }
  workgroupBarrier();
  if (part == 0u) {
    sum = plus(sum, 1.0, fetch(place + 4u));
    dqkv[out] = sum.a;
    dqkv[out + 1u] = sum.b;
    dqkv[out + 2u] = sum.c;
    dqkv[out + 3u] = sum.d;
  }
  workgroupBarrier();
}

// An attention weight is at most 1. When a run explodes, scores are so large that rounding alone would raise a weight's
// logarithm far above 0, and an infinite weight would spread.
fn weight_of(product: f32, norm: f32) -> f32 {
  return exp(min(product * scale - norm, 0.0));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let row = i / 4u;
  let part = i % 4u;
  let first = layer[0] * N + id.x / NH * T;
  let head = id.x % NH * 4u;
  let own = (first + row) * 48u + head;
  let narrow = (DMIXED * N + id.x / NH * T + row) * 16u + head;
  let mix = (MIXED * N + first + row) * 16u + head;

  let q = Head(qkv[own], qkv[own + 1u], qkv[own + 2u], qkv[own + 3u]);
  let d = Head(streams[narrow], streams[narrow + 1u], streams[narrow + 2u], streams[narrow + 3u]);
  rows[i] = qkv[own + 16u + part];
  rows[SECOND + i] = qkv[own + 32u + part];
  if (part == 0u) {
    norms[row] = lse[(layer[0] * B * NH + id.x) * T + row];
    means[row] = inner(d, Head(streams[mix], streams[mix + 1u], streams[mix + 2u], streams[mix + 3u]));
  }
  workgroupBarrier();

  // This row as the position that attends: row is t.
  let k = fetch(4u * row);
  let v = fetch(SECOND + 4u * row);
  var dq = Head(vec4f(), vec4f(), vec4f(), vec4f());
  for (var j = part; j <= row; j += 4u) {
    let key = fetch(4u * j);
    let att = weight_of(inner(q, key), norms[row]);
    dq = plus(dq, att * (inner(d, fetch(SECOND + 4u * j)) - means[row]) * scale, key);
  }
  finish(dq, row, part, own);

  // This row as the position that is attended to: row is j.
  if (part == 0u) {
    keep(q, 4u * row);
    keep(d, SECOND + 4u * row);
  }
  workgroupBarrier();
  var dk = Head(vec4f(), vec4f(), vec4f(), vec4f());
  var dv = dk;
  for (var t = row + part; t < T; t += 4u) {
    let query = fetch(4u * t);
    let dout = fetch(SECOND + 4u * t);
    let att = weight_of(inner(query, k), norms[t]);
    dv = plus(dv, att, dout);
    dk = plus(dk, att * (inner(dout, v) - means[t]) * scale, query);
  }
  finish(dk, row, part, own + 16u);
  finish(dv, row, part, own + 32u);
}
