// The gradient of wte as output head, summed over PART_ROWS rows; tiled/partials_sum adds the parts.
//   forward: logits[n, v] = x[n] . wte[v]     with x = LN(inp)
//   dwte[v, c] = sum over n of dlogits[n, v] x[n, c]
// reads   dlogits [N, V'], with V rounded up to V', a multiple of 64; inp [N, C], statistics [N, 2]: mean, rstd; norm
//         [2, C]: gain, bias
// writes  partials [PARTS, STRIDE]: laid out as the weights, so wte is at 0
// grid    x: 64 columns, y: 64 characters, z: a part
// pair    tiled/head_forward
@group(0) @binding(0) var<storage, read> dlogits: array<vec4f>;
@group(0) @binding(1) var<storage, read> inp: array<vec4f>;
@group(0) @binding(2) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;

const WIDTH = (V + 63u) / 64u * 16u; // of dlogits, in vec4

fn dlogits_at(n: u32, v: u32) -> vec4f {
  if (n >= N) { return vec4f(); }
  return dlogits[n * WIDTH + v];
}

fn normed(row: u32, c: u32) -> vec4f {
  let n = min(row, N - 1u);
  let s = statistics[n];
  return (inp[n * (C / 4u) + c] - s.x) * s.y * norm[c] + norm[C / 4u + c];
}

fn fetch(tile: vec3u, i: u32, term: u32) -> Four {
  let j = i % 64u;
  let n = term + j / 16u;
  if (i < 64u) {
    let v = tile.y * 16u + j % 16u;
    return Four(dlogits_at(n, v), dlogits_at(n + 4u, v), dlogits_at(n + 8u, v), dlogits_at(n + 12u, v));
  }
  let c = column_of(tile, j);
  return Four(normed(n, c), normed(n + 4u, c), normed(n + 8u, c), normed(n + 12u, c));
}

fn keep(i: u32, x: Four) { keep_along(select(RIGHT, LEFT, i < 64u), i % 64u, x); }

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  var sums = product(tile, i, tile.z * PART_ROWS, (tile.z + 1u) * PART_ROWS);
  for (var r = 0u; r < OWN; r++) {
    let v = row_of(tile, i, r);
    if (v < V) { partials[tile.z * (STRIDE / 4u) + v * (C / 4u) + column_of(tile, i)] = sums[r]; }
  }
}
