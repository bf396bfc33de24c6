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
const LEFT_ALONG = false;
const RIGHT_ALONG = true;

fn dlogits_at(row: u32, v: u32) -> vec4f { return dlogits[min(row, N - 1u) * WIDTH + v]; }

fn load_left(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let n = tile.y * ROWS;
  let v = term / 4u + quad(j);
  var x = mat4x4f();
  x[0] = dlogits_at(n + across(j, 0u), v);
  x[1] = dlogits_at(n + across(j, 1u), v);
  if (ROWS == 64u) {
    x[2] = dlogits_at(n + across(j, 2u), v);
    x[3] = dlogits_at(n + across(j, 3u), v);
  }
  return x;
}

// Beyond the last character dlogits is 0, so it does not matter what is read.
fn wte_at(v: u32, c: u32) -> vec4f { return wte[min(v, V - 1u) * (C / 4u) + c]; }

fn load_right(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let v = term + along_term(j, 0u);
  let c = tile.x * 16u + j % 16u;
  return mat4x4f(wte_at(v, c), wte_at(v + 4u, c), wte_at(v + 8u, c), wte_at(v + 12u, c));
}

fn made_left(x: mat4x4f) -> mat4x4f { return x; }
fn made_right(x: mat4x4f) -> mat4x4f { return x; }

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  var sums = product(tile, i, 0u, (V + 31u) / 32u * 32u);
  if (!has_sums(i)) { return; }
  for (var s = 0u; s < OWN; s++) {
    let n = row_of(tile, i, s);
    if (n < N) { dx[n * (C / 4u) + column_of(tile, i, s)] = sums[s]; }
  }
}
