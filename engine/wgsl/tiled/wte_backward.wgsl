// The gradients of the characters' vectors, which serve twice, summed over PART_ROWS rows; tiled/adamw_update adds the
// parts. As output head:
//   forward: logits[n, v] = x[n] . wte[v]     with x = LN(inp)
//   dwte[v, c] = sum over n of dlogits[n, v] x[n, c]
// And as embedding, where a row that has the character adds its gradient once:
//   forward: stream[n] = wte[characters[n]] + wpe[t]
//   dwte[v, c] = sum over n of (1 if characters[n] = v, else 0) dstream[n, c]
// reads   dlogits [N, V'], with V rounded up to V', a multiple of 64; inp [N, C], statistics [N, 2]: mean, rstd; norm
//         [2, C]: gain, bias; characters [N], dstream [N, C]
// writes  partials [PARTS, STRIDE]: laid out as the weights, so wte is at 0; as embedding behind all weights
// grid    x: 64 columns, y: 64 characters as head, then as embedding; z: a part
// pair    tiled/head_forward, tiled/embedding_forward
@group(0) @binding(0) var<storage, read> dlogits: array<vec4f>;
@group(0) @binding(1) var<storage, read> inp: array<vec4f>;
@group(0) @binding(2) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read> characters: array<u32>;
@group(0) @binding(5) var<storage, read> dstream: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;

const WIDTH = (V + 63u) / 64u * 16u; // of dlogits, in vec4
const LEFT_ALONG = true;
const RIGHT_ALONG = true;
const ROWS = 64u;

const SQUARES = (V + 63u) / 64u; // for each of the two

var<private> as_embedding: bool;
var<private> first: u32; // character of the workgroup

fn left_at(n: u32, v: u32) -> vec4f {
  if (n >= N) { return vec4f(); }
  if (as_embedding) { return select(vec4f(), vec4f(1.0), vec4u(characters[n]) == v + vec4u(0u, 1u, 2u, 3u)); }
  return dlogits[n * WIDTH + v / 4u];
}

fn load_left(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let n = term + along_term(j, 0u);
  let v = first + j % 16u * 4u;
  return mat4x4f(left_at(n, v), left_at(n + 4u, v), left_at(n + 8u, v), left_at(n + 12u, v));
}

fn load_right(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let rows = min(term + along_term(j, 0u) + vec4u(0u, 4u, 8u, 12u), vec4u(N - 1u));
  let at = rows * (C / 4u) + tile.x * 16u + j % 16u;
  if (as_embedding) { return mat4x4f(dstream[at.x], dstream[at.y], dstream[at.z], dstream[at.w]); }
  own_statistics = mat4x2f(statistics[rows.x], statistics[rows.y], statistics[rows.z], statistics[rows.w]);
  return mat4x4f(inp[at.x], inp[at.y], inp[at.z], inp[at.w]);
}

fn made_left(x: mat4x4f) -> mat4x4f { return x; }

fn made_right(x: mat4x4f) -> mat4x4f {
  if (as_embedding) { return x; }
  return normed(x);
}

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  as_embedding = tile.y >= SQUARES;
  first = tile.y % SQUARES * 64u;
  if (!as_embedding) {
    let channel = tile.x * 16u + i % 16u;
    gain = norm[channel];
    bias = norm[C / 4u + channel];
  }
  var sums = product(tile, i, tile.z * PART_ROWS, (tile.z + 1u) * PART_ROWS);
  var begin = tile.z * STRIDE;
  if (as_embedding) { begin += SIZE; }
  if (!has_sums(i)) { return; }
  for (var s = 0u; s < OWN; s++) {
    let v = first + row_of(vec3u(), i, s);
    if (v < V) { partials[begin / 4u + v * (C / 4u) + column_of(tile, i, s)] = sums[s]; }
  }
}
