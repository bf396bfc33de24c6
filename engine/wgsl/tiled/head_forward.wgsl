// The output head: LayerNorm, then each row's product with every character's vector.
//   logits[n, v] = LN(inp)[n] . wte[v]     with LN(inp) = (inp - mean) rstd gain + bias
// reads   inp [N, C], moments [N, C / 64, 2] of it: see tiled/layernorm; norm [2, C]: gain, bias; wte [V, C]
// writes  statistics [N, 2]: mean, rstd; logits [N, V]
// grid    x: 64 characters, y: ROWS rows of logits
// pair    tiled/head_backward, tiled/wte_backward
@group(0) @binding(0) var<storage, read> inp: array<vec4f>;
@group(0) @binding(1) var<storage, read> moments: array<vec2f>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;
@group(0) @binding(3) var<storage, read> wte: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> statistics: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> logits: array<f32>;

const LEFT_ALONG = false;
const RIGHT_ALONG = false;

fn wte_at(v: u32, c: u32) -> vec4f { return wte[min(v, V - 1u) * (C / 4u) + c]; }

fn load_right(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let v = tile.x * 64u;
  let c = term / 4u + quad(j);
  return mat4x4f(
    wte_at(v + across(j, 0u), c),
    wte_at(v + across(j, 1u), c),
    wte_at(v + across(j, 2u), c),
    wte_at(v + across(j, 3u), c),
  );
}
fn made_right(x: mat4x4f) -> mat4x4f { return x; }

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  prepare(tile, i % 64u);
  var sums = product(tile, i, 0u, C);
  if (!has_sums(i)) { return; }
  for (var s = 0u; s < OWN; s++) {
    let n = row_of(tile, i, s);
    let v = 4u * column_of(tile, i, s);
    for (var e = 0u; e < 4u; e++) {
      if (n < N && v + e < V) { logits[n * V + v + e] = sums[s][e]; }
    }
  }
}
