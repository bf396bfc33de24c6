// The gradient of the output head's input: the characters' vectors, weighted by the gradients of their logits.
//   forward: logits[n, v] = x[n] . wte[v]
//   dx[n, c] = sum over v of dlogits[n, v] wte[v, c]
// reads   dlogits [N, V'], with V rounded up to V', a multiple of 64; wte [V, C]
// writes  dx [N, C]
// grid    x: 64 columns, y: ROWS rows of dx
// pair    tiled/head_forward
@group(0) @binding(0) var<storage, read> dlogits: array<vec4f>;
@group(0) @binding(1) var<storage, read> wte: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;

const WIDTH = (V + 63u) / 64u * 16u; // of dlogits, in vec4

fn dlogits_at(n: u32, v: u32) -> vec4f { return dlogits[min(n, N - 1u) * WIDTH + v]; }

// Beyond the last character dlogits is 0, so it does not matter what is read.
fn wte_at(v: u32, c: u32) -> vec4f { return wte[min(v, V - 1u) * (C / 4u) + c]; }

fn fetch(tile: vec3u, i: u32, term: u32) -> Four {
  let j = i % 64u;
  if (is_spare(i)) { return Four(); }
  if (i < 64u) {
    let n = tile.y * ROWS + j / 4u * 4u;
    let v = term / 4u + j % 4u;
    return Four(dlogits_at(n, v), dlogits_at(n + 1u, v), dlogits_at(n + 2u, v), dlogits_at(n + 3u, v));
  }
  let v = term + j / 16u;
  let c = column_of(tile, j);
  return Four(wte_at(v, c), wte_at(v + 4u, c), wte_at(v + 8u, c), wte_at(v + 12u, c));
}

fn keep(i: u32, x: Four) {
  if (i < 64u) { keep_across(LEFT, i, x); } else { keep_along(RIGHT, i - 64u, x); }
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  var sums = product(tile, i, 0u, (V + 15u) / 16u * 16u);
  for (var r = 0u; r < OWN; r++) {
    let n = row_of(tile, i, r);
    if (n < N) { dx[n * (C / 4u) + column_of(tile, i)] = sums[r]; }
  }
}
