// The gradient of each query. The attention weights are computed again from lse (Dao et al., 2022), from 16 keys and
// values at a time.
//   forward: mixed[t] = sum over j <= t of att[t, j] v[j]     att[t, j] = e^(q[t] . k[j] scale - lse[t])
//   dq[t] = sum over j <= t of dscore[t, j] k[j]
//   dscore[t, j] = att[t, j] (dmixed[t] . v[j] - mean[t]) scale
//   mean[t] = sum over j of att[t, j] (dmixed[t] . v[j]) = mixed[t] . dmixed[t]
// Four invocations share a position, as in the forward pass.
// reads   qkv [N, 3C], mixed [N, C], dmixed [N, C], lse [B NH, T]
// writes  dqkv [N, 3C]: its queries; means [B NH, T], for the gradient of the keys
// grid    x: 32 positions, the last ones first because they have most keys; y: heads of all sequences
// pair    tiled/attention_forward
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> mixed: array<vec4f>;
@group(0) @binding(2) var<storage, read> dmixed: array<vec4f>;
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read_write> dqkv: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> means: array<f32>;

const H = HS / 4u; // vec4 of a head
const WIDTH = NH * H; // and of a row of all heads
const VALUES = 16u * H;

var<workgroup> rows: array<vec4f, 32u * H>; // 16 keys, then 16 values; at the end a sum for each position

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let part = i / 32u;
  let begin = ((T - 1u) / 32u - id.x) * 32u;
  let t = begin + i % 32u;
  let first = id.y / NH * T; // the sequence's first row
  let head = id.y % NH * H;
  let row = first + min(t, T - 1u);
  var q: array<vec4f, H>;
  var d: array<vec4f, H>;
  var dq: array<vec4f, H>;
  var mean = 0.0;
  for (var c = 0u; c < H; c++) {
    q[c] = qkv[row * 3u * WIDTH + head + c] * scale;
    d[c] = dmixed[row * WIDTH + head + c];
    mean += dot(d[c], mixed[row * WIDTH + head + c]);
  }
  let norm = lse[id.y * T + min(t, T - 1u)];
  for (var keys = 0u; keys < min(T, begin + 32u); keys += 16u) {
    workgroupBarrier();
    for (var at = i; at < VALUES; at += 128u) {
      let place = (first + min(keys + at / H, T - 1u)) * 3u * WIDTH + head + at % H;
      rows[at] = qkv[place + WIDTH];
      rows[VALUES + at] = qkv[place + 2u * WIDTH];
    }
    workgroupBarrier();
    let key = 4u * part * H;
    let value = VALUES + key;
    var scores = vec4f();
    var datt = vec4f();
    for (var c = 0u; c < H; c++) {
      let x = q[c];
      scores += vec4f(
        dot(x, rows[key + c]),
        dot(x, rows[key + H + c]),
        dot(x, rows[key + 2u * H + c]),
        dot(x, rows[key + 3u * H + c]),
      );
      let y = d[c];
      datt += vec4f(
        dot(y, rows[value + c]),
        dot(y, rows[value + H + c]),
        dot(y, rows[value + 2u * H + c]),
        dot(y, rows[value + 3u * H + c]),
      );
    }
    let seen = keys + 4u * part + vec4u(0u, 1u, 2u, 3u) <= vec4u(t);
    // An attention weight is at most 1. When a run explodes, rounding alone would raise its logarithm far above 0.
    let att = select(vec4f(), exp(min(scores - norm, vec4f())), seen);
    let dscores = att * (datt - mean) * scale;
    for (var c = 0u; c < H; c++) {
      dq[c] += dscores.x * rows[key + c] + dscores.y * rows[key + H + c] + dscores.z * rows[key + 2u * H + c] +
        dscores.w * rows[key + 3u * H + c];
    }
  }

  let p = i % 32u;
  for (var other = 1u; other < 4u; other++) {
    workgroupBarrier();
    if (part == other) {
      for (var c = 0u; c < H; c++) { rows[p * H + c] = dq[c]; }
    }
    workgroupBarrier();
    if (part == 0u) {
      for (var c = 0u; c < H; c++) { dq[c] += rows[p * H + c]; }
    }
  }
  if (part > 0u || t >= T) { return; }
  for (var c = 0u; c < H; c++) { dqkv[row * 3u * WIDTH + head + c] = dq[c]; }
  means[id.y * T + t] = mean;
}
