// The gradients of queries, of keys and of values, each in its own workgroups: one that computed all three would need more
// registers than a GPU gives to an invocation. The attention weights are computed again from lse (Dao et al., 2022), for 16
// other positions at a time.
//   forward: mixed[t] = sum over j <= t of att[t, j] v[j]     att[t, j] = e^(q[t] . k[j] scale - lse[t])
//   dv[j] = sum over t >= j of att[t, j] dmixed[t]
//   dk[j] = sum over t >= j of dscore[t, j] q[t]     dq[t] = sum over j <= t of dscore[t, j] k[j]
//   dscore[t, j] = att[t, j] (dmixed[t] . v[j] - mean[t]) scale
//   mean[t] = sum over j of att[t, j] (dmixed[t] . v[j]) = mixed[t] . dmixed[t]
// Four invocations share a position, as in the forward pass: each takes four of 16 others. Where a head has more than
// 32 channels, eight do, each with half of the channels.
// reads   qkv [N, 3C], mixed [N, C], dmixed [N, C], lse [B NH, T]
// writes  dqkv [N, 3C]
// grid    x: 32 positions, or 16 of large heads, those with most others first; y: heads of all sequences; z: queries,
//         keys, values
// pair    tiled/attention_forward
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> mixed: array<vec4f>;
@group(0) @binding(2) var<storage, read> dmixed: array<vec4f>;
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read_write> dqkv: array<vec4f>;

const H = HS / 4u; // vec4 of a head
const WIDTH = NH * H; // and of a row of all heads
const HALVES = (HS + 31u) / 32u;
const OWN = H / HALVES; // vec4 of a head that an invocation has
const POSITIONS = 32u / HALVES;

const LOADS = (H + 3u) / 4u; // vec4 of 16 others that an invocation loads

// Of 16 other positions: keys and values, or queries and dmixed. At the end a sum for each own position.
var<workgroup> rows: array<array<vec4f, H>, 32>;
var<workgroup> norms: array<vec2f, T>; // lse, mean
var<workgroup> of_halves: array<vec4f, 128>;

// This invocation's head: its first row in all tensors, and its first vec4 in a row of mixed. Its place: which of the
// own positions, which four of the others, and where its channels begin.
var<private> first: u32;
var<private> head: u32;
var<private> own: u32;
var<private> part: u32;
var<private> begin: u32;

// Adds up what the two halves of a head's channels contribute.
fn both_halves(x: vec4f, i: u32) -> vec4f {
  if (HALVES == 1u) { return x; }
  workgroupBarrier();
  of_halves[i] = x;
  workgroupBarrier();
  return x + of_halves[(i + 64u) % 128u];
}

// Dot products of x with vec4 c of four rows, from row n on.
fn dots(x: vec4f, n: u32, c: u32) -> vec4f {
  return vec4f(dot(x, rows[n][c]), dot(x, rows[n + 1u][c]), dot(x, rows[n + 2u][c]), dot(x, rows[n + 3u][c]));
}

fn weighted(weights: vec4f, n: u32, c: u32) -> vec4f {
  return weights.x * rows[n][c] + weights.y * rows[n + 1u][c] + weights.z * rows[n + 2u][c] +
    weights.w * rows[n + 3u][c];
}

// Invocation i's share of 16 keys and values from a position on, or of queries and dmixed. Past the end, it loads the
// last position again.
fn load(for_queries: bool, others: u32, i: u32) -> array<vec4f, LOADS> {
  var x: array<vec4f, LOADS>;
  for (var k = 0u; k < LOADS; k++) {
    let at = i + 128u * k;
    let row = first + min(others + at / H % 16u, T - 1u);
    let place = row * 3u * WIDTH + head + at % H;
    if (at < 16u * H) {
      x[k] = qkv[place + select(0u, WIDTH, for_queries)];
    } else if (at < 32u * H) {
      if (for_queries) { x[k] = qkv[place + 2u * WIDTH]; } else { x[k] = dmixed[row * WIDTH + head + at % H]; }
    }
  }
  return x;
}

fn keep(x: array<vec4f, LOADS>, i: u32) {
  var loaded = x;
  workgroupBarrier();
  for (var k = 0u; k < LOADS; k++) {
    let at = i + 128u * k;
    if (at < 32u * H) { rows[at / H][at % H] = loaded[k]; }
  }
  workgroupBarrier();
}

fn query_gradient(block: u32, which: u32, i: u32) {
  let t = block + own;
  let row = first + min(t, T - 1u);
  var q: array<vec4f, OWN>;
  var d: array<vec4f, OWN>;
  var dq: array<vec4f, OWN>;
  var products = vec4f();
  for (var c = 0u; c < OWN; c++) {
    q[c] = qkv[row * 3u * WIDTH + head + begin + c] * scale;
    d[c] = dmixed[row * WIDTH + head + begin + c];
    products += d[c] * mixed[row * WIDTH + head + begin + c];
  }
  products = both_halves(products, i);
  let mean = (products.x + products.y) + (products.z + products.w);
  let norm = lse[which * T + min(t, T - 1u)];
  let n = 4u * part;
  let end = min(T, block + POSITIONS);
  var next = load(true, 0u, i);
  for (var keys = 0u; keys < end; keys += 16u) {
    keep(next, i);
    if (keys + 16u < end) { next = load(true, keys + 16u, i); }
    var scores = vec4f();
    var datt = vec4f();
    for (var c = 0u; c < OWN; c++) {
      scores += dots(q[c], n, begin + c);
      datt += dots(d[c], 16u + n, begin + c);
    }
    scores = both_halves(scores, i);
    datt = both_halves(datt, i);
    let seen = keys + n + vec4u(0u, 1u, 2u, 3u) <= vec4u(t);
    // An attention weight is at most 1. When a run explodes, rounding alone would raise its logarithm far above 0.
    let att = select(vec4f(), exp(min(scores - norm, vec4f())), seen);
    let dscores = att * (datt - mean) * scale;
    for (var c = 0u; c < OWN; c++) { dq[c] += weighted(dscores, n, begin + c); }
  }
  add_up(dq, row * 3u * WIDTH + head, t < T);
}

fn key_or_value_gradient(block: u32, which: u32, for_values: bool, i: u32) {
  let j = block + own;
  let row = (first + min(j, T - 1u)) * 3u * WIDTH + head;
  var k: array<vec4f, OWN>;
  var v: array<vec4f, OWN>;
  var sum: array<vec4f, OWN>;
  for (var c = 0u; c < OWN; c++) {
    k[c] = qkv[row + WIDTH + begin + c] * scale;
    if (!for_values) { v[c] = qkv[row + 2u * WIDTH + begin + c]; }
  }
  for (var t = block + i; t < T; t += 128u) {
    var products = vec4f();
    if (!for_values) {
      let at = (first + t) * WIDTH + head;
      for (var c = 0u; c < H; c++) { products += dmixed[at + c] * mixed[at + c]; }
    }
    norms[t] = vec2f(lse[which * T + t], (products.x + products.y) + (products.z + products.w));
  }
  let n = 4u * part;
  var next = load(false, block, i);
  for (var queries = block; queries < T; queries += 16u) {
    keep(next, i);
    if (queries + 16u < T) { next = load(false, queries + 16u, i); }
    var scores = vec4f();
    for (var c = 0u; c < OWN; c++) { scores += dots(k[c], n, begin + c); }
    scores = both_halves(scores, i);
    let t = queries + n + vec4u(0u, 1u, 2u, 3u);
    let sees = (t >= vec4u(j)) & (t < vec4u(T));
    let at = min(t, vec4u(T - 1u));
    let norm = vec4f(norms[at.x].x, norms[at.y].x, norms[at.z].x, norms[at.w].x);
    var factors = select(vec4f(), exp(min(scores - norm, vec4f())), sees); // as for queries
    if (for_values) {
      for (var c = 0u; c < OWN; c++) { sum[c] += weighted(factors, 16u + n, begin + c); }
    } else {
      var datt = vec4f();
      for (var c = 0u; c < OWN; c++) { datt += dots(v[c], 16u + n, begin + c); }
      datt = both_halves(datt, i);
      factors *= (datt - vec4f(norms[at.x].y, norms[at.y].y, norms[at.z].y, norms[at.w].y)) * scale;
      for (var c = 0u; c < OWN; c++) { sum[c] += weighted(factors, n, begin + c); }
    }
  }
  add_up(sum, row + select(WIDTH, 2u * WIDTH, for_values), j < T);
}

// Adds the sums of the four that share a position, in their order, and stores them from `out` on.
fn add_up(sums: array<vec4f, OWN>, out: u32, exists: bool) {
  var sum = sums;
  for (var other = 1u; other < 4u; other++) {
    workgroupBarrier();
    if (part == other) {
      for (var c = 0u; c < OWN; c++) { rows[own][begin + c] = sum[c]; }
    }
    workgroupBarrier();
    if (part == 0u) {
      for (var c = 0u; c < OWN; c++) { sum[c] += rows[own][begin + c]; }
    }
  }
  if (part > 0u || !exists) { return; }
  for (var c = 0u; c < OWN; c++) { dqkv[out + begin + c] = sum[c]; }
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  first = id.y / NH * T;
  head = id.y % NH * H;
  own = i % POSITIONS;
  part = i / POSITIONS % 4u;
  if (HALVES == 2u) { begin = i / 64u * OWN; }
  if (id.z == 0u) {
    query_gradient(((T - 1u) / POSITIONS - id.x) * POSITIONS, id.y, i);
  } else {
    key_or_value_gradient(id.x * POSITIONS, id.y, id.z == 2u, i);
  }
}
