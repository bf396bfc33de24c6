// The gradients of queries, keys and values, in three workgroups: together they need more registers than a GPU gives to
// an invocation. The attention weights are computed again from lse (Dao et al., 2022), for 16 other positions at a
// time.
//   forward: mixed[t] = sum over j <= t of att[t, j] v[j]     att[t, j] = e^(q[t] . k[j] scale - lse[t])
//   dv[j] = sum over t >= j of att[t, j] dmixed[t]
//   dk[j] = sum over t >= j of dscore[t, j] q[t]     dq[t] = sum over j <= t of dscore[t, j] k[j]
//   dscore[t, j] = att[t, j] (dmixed[t] . v[j] - mean[t]) scale
//   mean[t] = sum over j of att[t, j] (dmixed[t] . v[j]) = mixed[t] . dmixed[t]
// Four invocations share a position, as in the forward pass: each takes four of 16 others. Where a head has more than 32
// channels, two times four do, and each has half of the channels.
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

// Of 16 other positions: keys or queries, and values or dmixed. At the end a sum for each own position.
var<workgroup> first_rows: array<array<vec4f, H>, 16>;
var<workgroup> second_rows: array<array<vec4f, H>, 16>;
var<workgroup> norms: array<vec2f, 16>; // lse, mean
var<workgroup> of_halves: array<vec4f, 128>;

// This invocation's head: its first row in all tensors, and its first vec4 in a row of mixed. Its place: which of the
// own positions, which four of the others, and where its channels begin.
var<private> first: u32;
var<private> head: u32;
var<private> own: u32;
var<private> part: u32;
var<private> begin: u32;

// Adds what the two halves of a head have.
fn both_halves(x: vec4f, i: u32) -> vec4f {
  if (HALVES == 1u) { return x; }
  workgroupBarrier();
  of_halves[i] = x;
  workgroupBarrier();
  return x + of_halves[(i + 64u) % 128u];
}

fn first_dots(x: vec4f, c: u32) -> vec4f {
  let n = 4u * part;
  return vec4f(
    dot(x, first_rows[n][c]), dot(x, first_rows[n + 1u][c]), dot(x, first_rows[n + 2u][c]), dot(x, first_rows[n + 3u][c]),
  );
}

fn second_dots(x: vec4f, c: u32) -> vec4f {
  let n = 4u * part;
  return vec4f(
    dot(x, second_rows[n][c]),
    dot(x, second_rows[n + 1u][c]),
    dot(x, second_rows[n + 2u][c]),
    dot(x, second_rows[n + 3u][c]),
  );
}

fn weighted_first(weights: vec4f, c: u32) -> vec4f {
  let n = 4u * part;
  return weights.x * first_rows[n][c] + weights.y * first_rows[n + 1u][c] + weights.z * first_rows[n + 2u][c] +
    weights.w * first_rows[n + 3u][c];
}

fn weighted_second(weights: vec4f, c: u32) -> vec4f {
  let n = 4u * part;
  return weights.x * second_rows[n][c] + weights.y * second_rows[n + 1u][c] + weights.z * second_rows[n + 2u][c] +
    weights.w * second_rows[n + 3u][c];
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
  for (var keys = 0u; keys < min(T, block + POSITIONS); keys += 16u) {
    workgroupBarrier();
    for (var at = i; at < 16u * H; at += 128u) {
      let place = (first + min(keys + at / H, T - 1u)) * 3u * WIDTH + head + at % H;
      first_rows[at / H][at % H] = qkv[place + WIDTH];
      second_rows[at / H][at % H] = qkv[place + 2u * WIDTH];
    }
    workgroupBarrier();
    var scores = vec4f();
    var datt = vec4f();
    for (var c = 0u; c < OWN; c++) {
      scores += first_dots(q[c], begin + c);
      datt += second_dots(d[c], begin + c);
    }
    scores = both_halves(scores, i);
    datt = both_halves(datt, i);
    let seen = keys + 4u * part + vec4u(0u, 1u, 2u, 3u) <= vec4u(t);
    // An attention weight is at most 1. When a run explodes, rounding alone would raise its logarithm far above 0.
    let att = select(vec4f(), exp(min(scores - norm, vec4f())), seen);
    let dscores = att * (datt - mean) * scale;
    for (var c = 0u; c < OWN; c++) { dq[c] += weighted_first(dscores, begin + c); }
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
  for (var queries = block; queries < T; queries += 16u) {
    workgroupBarrier();
    for (var at = i; at < 16u * H; at += 128u) {
      let place = first + min(queries + at / H, T - 1u);
      first_rows[at / H][at % H] = qkv[place * 3u * WIDTH + head + at % H];
      second_rows[at / H][at % H] = dmixed[place * WIDTH + head + at % H];
    }
    if (i < 16u) {
      let t = min(queries + i, T - 1u);
      var products = vec4f();
      if (!for_values) {
        let n = (first + t) * WIDTH + head;
        for (var c = 0u; c < H; c++) { products += dmixed[n + c] * mixed[n + c]; }
      }
      norms[i] = vec2f(lse[which * T + t], (products.x + products.y) + (products.z + products.w));
    }
    workgroupBarrier();
    var scores = vec4f();
    for (var c = 0u; c < OWN; c++) { scores += first_dots(k[c], begin + c); }
    scores = both_halves(scores, i);
    let n = 4u * part;
    let t = queries + n + vec4u(0u, 1u, 2u, 3u);
    let sees = (t >= vec4u(j)) & (t < vec4u(T));
    let norm = vec4f(norms[n].x, norms[n + 1u].x, norms[n + 2u].x, norms[n + 3u].x);
    var factors = select(vec4f(), exp(min(scores - norm, vec4f())), sees); // as for queries
    if (for_values) {
      for (var c = 0u; c < OWN; c++) { sum[c] += weighted_second(factors, begin + c); }
    } else {
      var datt = vec4f();
      for (var c = 0u; c < OWN; c++) { datt += second_dots(v[c], begin + c); }
      datt = both_halves(datt, i);
      factors *= (datt - vec4f(norms[n].y, norms[n + 1u].y, norms[n + 2u].y, norms[n + 3u].y)) * scale;
      for (var c = 0u; c < OWN; c++) { sum[c] += weighted_first(factors, begin + c); }
    }
  }
  add_up(sum, row + select(WIDTH, 2u * WIDTH, for_values), j < T);
}

// Adds the sums of the four that share a position, in their order, and stores them. Shared memory has room for 16
// positions in each of two arrays.
fn add_up(sums: array<vec4f, OWN>, out: u32, exists: bool) {
  var sum = sums;
  for (var other = 1u; other < 4u; other++) {
    workgroupBarrier();
    if (part == other) {
      for (var c = 0u; c < OWN; c++) {
        if (own < 16u) { first_rows[own][begin + c] = sum[c]; } else { second_rows[own - 16u][begin + c] = sum[c]; }
      }
    }
    workgroupBarrier();
    if (part == 0u) {
      for (var c = 0u; c < OWN; c++) {
        if (own < 16u) { sum[c] += first_rows[own][begin + c]; } else { sum[c] += second_rows[own - 16u][begin + c]; }
      }
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
  begin = i / (4u * POSITIONS) * OWN;
  if (id.z == 0u) {
    query_gradient(((T - 1u) / POSITIONS - id.x) * POSITIONS, id.y, i);
  } else {
    key_or_value_gradient(id.x * POSITIONS, id.y, id.z == 2u, i);
  }
}
