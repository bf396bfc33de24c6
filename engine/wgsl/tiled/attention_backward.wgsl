// The gradients of queries, keys and values, 64 positions of a head in a workgroup. As queries, they meet the keys of their
// own 64 positions and of all before; as keys, the queries of their own and of all after. The attention weights of 64
// queries and 64 keys are computed again from lse (Dao et al., 2022).
//   forward: mixed[t] = sum over j <= t of att[t, j] v[j]     att[t, j] = e^(q[t] . k[j] scale - lse[t])
//   dv[j] = sum over t >= j of att[t, j] dmixed[t]
//   dk[j] = sum over t >= j of dscore[t, j] q[t]     dq[t] = sum over j <= t of dscore[t, j] k[j]
//   dscore[t, j] = att[t, j] (dmixed[t] . v[j] - mean[t]) scale
//   mean[t] = sum over j of att[t, j] (dmixed[t] . v[j]) = mixed[t] . dmixed[t]
// 256 invocations share each product. For scores, invocation 16y + x has queries 4y .. 4y + 3 and keys 4x .. 4x + 3. For
// gradients, an invocation has four positions and one vec4 of channels. A small head needs fewer than 256 invocations for
// this: then several teams share the terms.
// reads   qkv [N, 3C], mixed [N, C], dmixed [N, C], lse [B NH, T]
// writes  dqkv [N, 3C]
// grid    x: 64 positions; y: heads of all sequences
// pair    tiled/attention_forward
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> mixed: array<vec4f>;
@group(0) @binding(2) var<storage, read> dmixed: array<vec4f>;
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read_write> dqkv: array<vec4f>;

const H = HS / 4u; // vec4 of a head
const WIDTH = NH * H; // and of a row of all heads
const STEPS = (H + 3u) / 4u; // a step takes 16 channels
const BLOCKS = (T + 63u) / 64u;
const TEAM = 16u * H; // invocations that have a gradient's 64 positions
const TEAMS = 256u / TEAM; // invocations that are left over only load

// In turn: a step's channels of 64 queries, keys, dmixed and values, as place_of says; parts of the queries' means; a number
// for each query and key; at the end, the teams' sums. Of the numbers, row t has vec4 x of keys at x ^ (t / 4), so that
// neighbours read different memory banks, along rows and along columns.
var<workgroup> block: array<array<vec4f, 16>, 64>;

// This invocation's head: its first row in all tensors, and its first vec4 in a row of mixed.
var<private> first: u32;
var<private> head: u32;

// A position's row in all tensors; past the end, the last one.
fn row_at(position: u32) -> u32 { return first + min(position, T - 1u); }

// A vec4 of a query, a key and so on.
struct Loaded { query: vec4f, key: vec4f, dmixed: vec4f, value: vec4f, mixed: vec4f }

// Invocation i's share of a step: vec4 i % 4 of position i / 4.
fn load(queries: u32, keys: u32, step: u32, i: u32) -> Loaded {
  var x: Loaded;
  let c = 4u * step + i % 4u;
  if (c < H) {
    let query = row_at(queries + i / 4u);
    let key = row_at(keys + i / 4u) * 3u * WIDTH + head + c;
    x.query = qkv[query * 3u * WIDTH + head + c];
    x.key = qkv[key + WIDTH];
    x.dmixed = dmixed[query * WIDTH + head + c];
    x.value = qkv[key + 2u * WIDTH];
    x.mixed = mixed[query * WIDTH + head + c];
  }
  return x;
}

// Where vec4 c of the four in a step is, of position 4p + e; array_: 0 queries, 1 keys, 2 dmixed, 3 values.
fn place_of(array_: u32, e: u32, p: u32, c: u32) -> vec2u {
  return vec2u(16u * array_ + 4u * e + p / 4u, p % 4u * 4u + (c ^ (p / 2u % 4u)));
}

fn keep(array_: u32, x: vec4f, i: u32) {
  let place = place_of(array_, i / 4u % 4u, i / 16u, i % 4u);
  block[place.x][place.y] = x;
}

// Vec4 c of positions 4p .. 4p + 3.
fn kept(array_: u32, p: u32, c: u32) -> mat4x4f {
  let place = place_of(array_, 0u, p, c);
  return mat4x4f(block[place.x][place.y], block[place.x + 4u][place.y], block[place.x + 8u][place.y],
    block[place.x + 12u][place.y]);
}

// Attention weights and the scores' gradients, for four queries (one row each) and four keys.
struct Weights { att: mat4x4f, dscores: mat4x4f }

// An attention weight is at most 1. When a run explodes, rounding alone would raise its logarithm far above 0.
fn weights_of(scores: vec4f, t: u32, j: u32, norm: f32) -> vec4f {
  let seen = (j + vec4u(0u, 1u, 2u, 3u) <= vec4u(t)) & vec4<bool>(t < T);
  return select(vec4f(), exp(min(scores * scale - norm, vec4f())), seen);
}

// Invocation i's weights, for the 64 queries from `queries` on and the 64 keys from `keys` on.
fn attend(queries: u32, keys: u32, row_of_lse: u32, i: u32) -> Weights {
  let y = i / 16u;
  let x = i % 16u;
  let t = queries + 4u * y;
  let own = row_of_lse * T;
  let norms = vec4f(lse[own + min(t, T - 1u)], lse[own + min(t + 1u, T - 1u)], lse[own + min(t + 2u, T - 1u)],
    lse[own + min(t + 3u, T - 1u)]);
  var scores = mat4x4f();
  var datt = mat4x4f();
  var products = vec4f();
  var next = load(queries, keys, 0u, i);
  for (var step = 0u; step < STEPS; step++) {
    workgroupBarrier();
    keep(0u, next.query, i);
    keep(1u, next.key, i);
    keep(2u, next.dmixed, i);
    keep(3u, next.value, i);
    products += next.dmixed * next.mixed;
    workgroupBarrier();
    if (step + 1u < STEPS) { next = load(queries, keys, step + 1u, i); }
    for (var c = 0u; c < 4u; c++) {
      scores = plus(scores, kept(0u, y, c), transpose(kept(1u, x, c)));
      datt = plus(datt, kept(2u, y, c), transpose(kept(3u, x, c)));
    }
  }
  // Four invocations have a part of a query's mean each.
  workgroupBarrier();
  block[y][x].x = (products.x + products.y) + (products.z + products.w);
  workgroupBarrier();
  var means = vec4f();
  for (var part = 0u; part < 4u; part++) {
    means += vec4f(block[y][part].x, block[y][4u + part].x, block[y][8u + part].x, block[y][12u + part].x);
  }
  let j = keys + 4u * x;
  let att = mat4x4f(weights_of(scores[0], t, j, norms.x), weights_of(scores[1], t + 1u, j, norms.y),
    weights_of(scores[2], t + 2u, j, norms.z), weights_of(scores[3], t + 3u, j, norms.w));
  return Weights(att, mat4x4f(
    att[0] * (datt[0] - means.x) * scale,
    att[1] * (datt[1] - means.y) * scale,
    att[2] * (datt[2] - means.z) * scale,
    att[3] * (datt[3] - means.w) * scale,
  ));
}

// Gives all invocations what each has of four queries and four keys.
fn share(x: mat4x4f, i: u32) {
  let y = i / 16u;
  let column = (i % 16u) ^ y;
  workgroupBarrier();
  block[4u * y][column] = x[0];
  block[4u * y + 1u][column] = x[1];
  block[4u * y + 2u][column] = x[2];
  block[4u * y + 3u][column] = x[3];
  workgroupBarrier();
}

// Vec4 `column` of keys, of queries 4y .. 4y + 3.
fn shared_rows(y: u32, column: u32) -> mat4x4f {
  let x = column ^ y;
  return mat4x4f(block[4u * y][x], block[4u * y + 1u][x], block[4u * y + 2u][x], block[4u * y + 3u][x]);
}

// The invocation's four positions of a gradient, 4p .. 4p + 3, its vec4 of channels and its team.
var<private> p: u32;
var<private> channel: u32;
var<private> team: u32;

// The queries, keys or values of four positions, or their dmixed, at the invocation's vec4 of channels. which: 0 queries,
// 1 keys, 2 values, as in qkv.
fn four_of_qkv(position: u32, which: u32) -> mat4x4f {
  let place = which * WIDTH + head + channel;
  return mat4x4f(qkv[row_at(position) * 3u * WIDTH + place], qkv[row_at(position + 1u) * 3u * WIDTH + place],
    qkv[row_at(position + 2u) * 3u * WIDTH + place], qkv[row_at(position + 3u) * 3u * WIDTH + place]);
}
fn four_of_dmixed(position: u32) -> mat4x4f {
  return mat4x4f(dmixed[row_at(position) * WIDTH + head + channel], dmixed[row_at(position + 1u) * WIDTH + head + channel],
    dmixed[row_at(position + 2u) * WIDTH + head + channel], dmixed[row_at(position + 3u) * WIDTH + head + channel]);
}

// Adds the teams' sums, always in the same order; the first team has the result.
fn of_teams(sums: mat4x4f, i: u32) -> mat4x4f {
  if (TEAMS == 1u) { return sums; }
  workgroupBarrier();
  block[i / 16u][i % 16u] = sums[0];
  block[16u + i / 16u][i % 16u] = sums[1];
  block[32u + i / 16u][i % 16u] = sums[2];
  block[48u + i / 16u][i % 16u] = sums[3];
  workgroupBarrier();
  var sum = mat4x4f();
  for (var other = 0u; other < TEAMS; other++) {
    let j = i % TEAM + other * TEAM;
    sum += mat4x4f(block[j / 16u][j % 16u], block[16u + j / 16u][j % 16u], block[32u + j / 16u][j % 16u],
      block[48u + j / 16u][j % 16u]);
  }
  return sum;
}

fn store(sums: mat4x4f, position: u32, which: u32) {
  let place = (first + position) * 3u * WIDTH + which * WIDTH + head + channel;
  if (position < T) { dqkv[place] = sums[0]; }
  if (position + 1u < T) { dqkv[place + 3u * WIDTH] = sums[1]; }
  if (position + 2u < T) { dqkv[place + 6u * WIDTH] = sums[2]; }
  if (position + 3u < T) { dqkv[place + 9u * WIDTH] = sums[3]; }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  first = id.y / NH * T;
  head = id.y % NH * H;
  p = i % TEAM / H;
  channel = i % H;
  team = i / TEAM;
  let works = team < TEAMS;
  var dq = mat4x4f();
  var dk = mat4x4f();
  var dv = mat4x4f();
  for (var other = 0u; other < BLOCKS; other++) {
    let queries = 64u * max(id.x, other);
    let keys = 64u * min(id.x, other);
    let weights = attend(queries, keys, id.y, i);
    // In a block of its own, a position sees no later keys, so some fours are skipped. Teams take the others in turn.
    let own = other == id.x;
    let begin = select(0u, p / TEAMS * TEAMS, own) + team;
    let end = select(16u, p + 1u, own);
    if (other >= id.x) {
      share(weights.att, i);
      if (works) {
        for (var y = begin; y < 16u; y += TEAMS) {
          dv = plus(dv, transpose(shared_rows(y, p)), four_of_dmixed(queries + 4u * y));
        }
      }
    }
    share(weights.dscores, i);
    if (works && other >= id.x) {
      for (var y = begin; y < 16u; y += TEAMS) {
        dk = plus(dk, transpose(shared_rows(y, p)), four_of_qkv(queries + 4u * y, 0u));
      }
    }
    if (works && other <= id.x) {
      for (var x = team; x < end; x += TEAMS) {
        dq = plus(dq, shared_rows(p, x), four_of_qkv(keys + 4u * x, 1u));
      }
    }
  }
  dq = of_teams(dq, i);
  dk = of_teams(dk, i);
  dv = of_teams(dv, i);
  if (i >= TEAM) { return; }
  let position = 64u * id.x + 4u * p;
  store(dq, position, 0u);
  store(dk, position, 1u);
  store(dv, position, 2u);
}
