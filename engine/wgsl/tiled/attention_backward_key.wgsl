// The gradients of each key and of each value. The attention weights are computed again from lse (Dao et al., 2022),
// for 16 of the positions that look back at a time.
//   forward: mixed[t] = sum over j <= t of att[t, j] v[j]     att[t, j] = e^(q[t] . k[j] scale - lse[t])
//   dv[j] = sum over t >= j of att[t, j] dmixed[t]
//   dk[j] = sum over t >= j of dscore[t, j] q[t]     dscore[t, j] = att[t, j] (dmixed[t] . v[j] - means[t]) scale
// Four invocations share a position, as in the forward pass. One workgroup computes dk, another dv: together they need
// more registers than a GPU gives to an invocation.
// reads   qkv [N, 3C], dmixed [N, C], lse [B NH, T], means [B NH, T]
// writes  dqkv [N, 3C]: its keys and values
// grid    x: 32 positions; y: heads of all sequences; z: keys, values
// pair    tiled/attention_forward
@group(0) @binding(0) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(1) var<storage, read> dmixed: array<vec4f>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read> means: array<f32>;
@group(0) @binding(4) var<storage, read_write> dqkv: array<vec4f>;

const H = HS / 4u; // vec4 of a head
const WIDTH = NH * H; // and of a row of all heads
const OUTPUTS = 16u * H;

var<workgroup> rows: array<vec4f, 32u * H>; // 16 queries, then 16 of dmixed; at the end a sum for each position
var<workgroup> norms: array<vec2f, 16>; // lse, means

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let part = i / 32u;
  let j = id.x * 32u + i % 32u;
  let for_values = id.z == 1u;
  let first = id.y / NH * T; // the sequence's first row
  let head = id.y % NH * H;
  let own = (first + min(j, T - 1u)) * 3u * WIDTH + head;
  var k: array<vec4f, H>;
  var v: array<vec4f, H>;
  var sum: array<vec4f, H>;
  for (var c = 0u; c < H; c++) {
    k[c] = qkv[own + WIDTH + c] * scale;
    v[c] = qkv[own + 2u * WIDTH + c];
  }
  for (var begin = id.x * 32u; begin < T; begin += 16u) {
    workgroupBarrier();
    for (var at = i; at < OUTPUTS; at += 128u) {
      let row = first + min(begin + at / H, T - 1u);
      rows[at] = qkv[row * 3u * WIDTH + head + at % H];
      rows[OUTPUTS + at] = dmixed[row * WIDTH + head + at % H];
    }
    if (i < 16u) {
      let t = id.y * T + min(begin + i, T - 1u);
      norms[i] = vec2f(lse[t], means[t]);
    }
    workgroupBarrier();
    let query = 4u * part * H;
    let output = OUTPUTS + query;
    var scores = vec4f();
    for (var c = 0u; c < H; c++) {
      let x = k[c];
      scores += vec4f(
        dot(x, rows[query + c]),
        dot(x, rows[query + H + c]),
        dot(x, rows[query + 2u * H + c]),
        dot(x, rows[query + 3u * H + c]),
      );
    }
    let n = 4u * part;
    let t = begin + n + vec4u(0u, 1u, 2u, 3u);
    let sees = (t >= vec4u(j)) & (t < vec4u(T));
    let norm = vec4f(norms[n].x, norms[n + 1u].x, norms[n + 2u].x, norms[n + 3u].x);
    // An attention weight is at most 1. When a run explodes, rounding alone would raise its logarithm far above 0.
    var factors = select(vec4f(), exp(min(scores - norm, vec4f())), sees);
    var source = output;
    if (!for_values) {
      var datt = vec4f();
      for (var c = 0u; c < H; c++) {
        let x = v[c];
        datt += vec4f(
          dot(x, rows[output + c]),
          dot(x, rows[output + H + c]),
          dot(x, rows[output + 2u * H + c]),
          dot(x, rows[output + 3u * H + c]),
        );
      }
      factors *= (datt - vec4f(norms[n].y, norms[n + 1u].y, norms[n + 2u].y, norms[n + 3u].y)) * scale;
      source = query;
    }
    for (var c = 0u; c < H; c++) {
      sum[c] += factors.x * rows[source + c] + factors.y * rows[source + H + c] +
        factors.z * rows[source + 2u * H + c] + factors.w * rows[source + 3u * H + c];
    }
  }

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
  if (part > 0u || j >= T) { return; }
  let out = own + select(WIDTH, 2u * WIDTH, for_values);
  for (var c = 0u; c < H; c++) { dqkv[out + c] = sum[c]; }
}
