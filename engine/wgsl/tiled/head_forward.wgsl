// The output head: LayerNorm, then each row's product with every character's vector.
//   logits[n, v] = LN(inp)[n] . wte[v]     with LN(inp) = (inp - mean) rstd gain + bias
// reads   inp [N, C], statistics [N, 2]: mean, rstd; norm [2, C]: gain, bias; wte [V, C]
// writes  logits [N, V]
// grid    x: 64 characters, y: ROWS rows of logits
// pair    tiled/head_backward, tiled/head_backward_weight
@group(0) @binding(0) var<storage, read> inp: array<vec4f>;
@group(0) @binding(1) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;
@group(0) @binding(3) var<storage, read> wte: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> logits: array<f32>;

// Four channels of a row after LayerNorm.
fn normed(row: u32, c: u32) -> vec4f {
  let n = min(row, N - 1u);
  let s = statistics[n];
  return (inp[n * (C / 4u) + c] - s.x) * s.y * norm[c] + norm[C / 4u + c];
}

fn wte_at(v: u32, c: u32) -> vec4f { return wte[min(v, V - 1u) * (C / 4u) + c]; }

fn fetch(tile: vec3u, i: u32, term: u32) -> Four {
  let j = i % 64u;
  let c = term / 4u + j % 4u;
  if (is_spare(i)) { return Four(); }
  if (i < 64u) {
    let n = tile.y * ROWS + j / 4u * 4u;
    return Four(normed(n, c), normed(n + 1u, c), normed(n + 2u, c), normed(n + 3u, c));
  }
  let v = tile.x * 64u + j / 4u * 4u;
  return Four(wte_at(v, c), wte_at(v + 1u, c), wte_at(v + 2u, c), wte_at(v + 3u, c));
}

fn keep(i: u32, x: Four) { keep_across(select(RIGHT, LEFT, i < 64u), i % 64u, x); }

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  var sums = product(tile, i, 0u, C);
  let v = 4u * column_of(tile, i);
  for (var r = 0u; r < OWN; r++) {
    let n = row_of(tile, i, r);
    for (var e = 0u; e < 4u; e++) {
      if (n < N && v + e < V) { logits[n * V + v + e] = sums[r][e]; }
    }
  }
}
