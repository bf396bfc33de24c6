// The gradients of queries, keys and values, in three workgroups: together they need more registers than a GPU gives to
// an invocation. The attention weights are computed again from lse (Dao et al., 2022), for 16 other positions at a
// time.
//   forward: mixed[t] = sum over j <= t of att[t, j] v[j]     att[t, j] = e^(q[t] . k[j] scale - lse[t])
//   dv[j] = sum over t >= j of att[t, j] dmixed[t]
//   dk[j] = sum over t >= j of dscore[t, j] q[t]     dq[t] = sum over j <= t of dscore[t, j] k[j]
//   dscore[t, j] = att[t, j] (dmixed[t] . v[j] - mean[t]) scale
//   mean[t] = sum over j of att[t, j] (dmixed[t] . v[j]) = mixed[t] . dmixed[t]
// Four invocations share a position, as in the forward pass: each takes four of 16 others.
// reads   qkv [N, 3C], mixed [N, C], dmixed [N, C], lse [B NH, T]
// writes  dqkv [N, 3C]
// grid    x: 32 positions, those with most others first; y: heads of all sequences; z: queries, keys, values
// pair    tiled/attention_forward
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> mixed: array<vec4f>;
@group(0) @binding(2) var<storage, read> dmixed: array<vec4f>;
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read_write> dqkv: array<vec4f>;

const H = HS / 4u; // vec4 of a head
const WIDTH = NH * H; // and of a row of all heads
const SECOND = 16u * H;

// Of 16 other positions: keys, then values; or queries, then dmixed. At the end a sum for each own position.
var<workgroup> rows: array<vec4f, 32u * H>;
var<workgroup> norms: array<vec2f, 16>; // lse, mean

// This workgroup's head: its first row in all tensors, and its first vec4 in a row of mixed.
var<private> first: u32;
var<private> head: u32;

// x . of four rows from `at` on.
fn dots(x: vec4f, at: u32) -> vec4f {
  return vec4f(dot(x, rows[at]), dot(x, rows[at + H]), dot(x, rows[at + 2u * H]), dot(x, rows[at + 3u * H]));
}

fn weighted(weights: vec4f, at: u32) -> vec4f {
  return weights.x * rows[at] + weights.y * rows[at + H] + weights.z * rows[at + 2u * H] + weights.w * rows[at + 3u * H];
}

fn mean_of(n: u32) -> f32 {
  var mean = 0.0;
  for (var c = 0u; c < H; c++) { mean += dot(dmixed[n * WIDTH + head + c], mixed[n * WIDTH + head + c]); }
  return mean;
}

fn query_gradient(begin: u32, which: u32, i: u32) {
  let part = i / 32u;
  let t = begin + i % 32u;
  let row = first + min(t, T - 1u);
  var q: array<vec4f, H>;
  var d: array<vec4f, H>;
  var dq: array<vec4f, H>;
  for (var c = 0u; c < H; c++) {
    q[c] = qkv[row * 3u * WIDTH + head + c] * scale;
    d[c] = dmixed[row * WIDTH + head + c];
  }
  let mean = mean_of(row);
  let norm = lse[which * T + min(t, T - 1u)];
  for (var keys = 0u; keys < min(T, begin + 32u); keys += 16u) {
    workgroupBarrier();
    for (var at = i; at < SECOND; at += 128u) {
      let place = (first + min(keys + at / H, T - 1u)) * 3u * WIDTH + head + at % H;
      rows[at] = qkv[place + WIDTH];
      rows[SECOND + at] = qkv[place + 2u * WIDTH];
    }
    workgroupBarrier();
    let key = 4u * part * H;
    var scores = vec4f();
    var datt = vec4f();
    for (var c = 0u; c < H; c++) {
      scores += dots(q[c], key + c);
      datt += dots(d[c], SECOND + key + c);
    }
    let seen = keys + 4u * part + vec4u(0u, 1u, 2u, 3u) <= vec4u(t);
    // An attention weight is at most 1. When a run explodes, rounding alone would raise its logarithm far above 0.
    let att = select(vec4f(), exp(min(scores - norm, vec4f())), seen);
    let dscores = att * (datt - mean) * scale;
    for (var c = 0u; c < H; c++) { dq[c] += weighted(dscores, key + c); }
  }
  add_up(dq, i, row * 3u * WIDTH + head, t < T);
}

fn key_or_value_gradient(begin: u32, which: u32, for_values: bool, i: u32) {
  let part = i / 32u;
  let j = begin + i % 32u;
  let own = (first + min(j, T - 1u)) * 3u * WIDTH + head;
  var k: array<vec4f, H>;
  var v: array<vec4f, H>;
  var sum: array<vec4f, H>;
  for (var c = 0u; c < H; c++) {
    k[c] = qkv[own + WIDTH + c] * scale;
    v[c] = qkv[own + 2u * WIDTH + c];
  }
  for (var queries = begin; queries < T; queries += 16u) {
    workgroupBarrier();
    for (var at = i; at < SECOND; at += 128u) {
      let row = first + min(queries + at / H, T - 1u);
      rows[at] = qkv[row * 3u * WIDTH + head + at % H];
      rows[SECOND + at] = dmixed[row * WIDTH + head + at % H];
    }
    if (i < 16u) {
      let t = min(queries + i, T - 1u);
      norms[i].x = lse[which * T + t];
      if (!for_values) { norms[i].y = mean_of(first + t); }
    }
    workgroupBarrier();
    let n = 4u * part;
    let query = n * H;
    var scores = vec4f();
    for (var c = 0u; c < H; c++) { scores += dots(k[c], query + c); }
    let t = queries + n + vec4u(0u, 1u, 2u, 3u);
    let sees = (t >= vec4u(j)) & (t < vec4u(T));
    let norm = vec4f(norms[n].x, norms[n + 1u].x, norms[n + 2u].x, norms[n + 3u].x);
    var factors = select(vec4f(), exp(min(scores - norm, vec4f())), sees); // as for queries
    if (for_values) {
      for (var c = 0u; c < H; c++) { sum[c] += weighted(factors, SECOND + query + c); }
    } else {
      var datt = vec4f();
      for (var c = 0u; c < H; c++) { datt += dots(v[c], SECOND + query + c); }
      factors *= (datt - vec4f(norms[n].y, norms[n + 1u].y, norms[n + 2u].y, norms[n + 3u].y)) * scale;
      for (var c = 0u; c < H; c++) { sum[c] += weighted(factors, query + c); }
    }
  }
  add_up(sum, i, own + select(WIDTH, 2u * WIDTH, for_values), j < T);
}

// Adds the sums of the four that share a position, in their order, and stores them from `out` on.
fn add_up(own: array<vec4f, H>, i: u32, out: u32, exists: bool) {
  var sum = own;
  let part = i / 32u;
  let p = i % 32u;
  for (var other = 1u; other < 4u; other++) {
    workgroupBarrier();
    if (part == other) {
      for (var c = 0u; c < H; c++) { rows[p * H + c] = sum[c]; }
    }
    workgroupBarrier();
    if (part == 0u) {
      for (var c = 0u; c < H; c++) { sum[c] += rows[p * H + c]; }
    }
  }
  if (part > 0u || !exists) { return; }
  for (var c = 0u; c < H; c++) { dqkv[out + c] = sum[c]; }
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  first = id.y / NH * T;
  head = id.y % NH * H;
  if (id.z == 0u) {
    query_gradient(((T - 1u) / 32u - id.x) * 32u, id.y, i);
  } else {
    key_or_value_gradient(id.x * 32u, id.y, id.z == 2u, i);
  }
}
