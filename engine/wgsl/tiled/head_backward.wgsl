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

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  var sums = product(tile, i, 0u, (V + 31u) / 32u * 32u);
  if (!has_sums(i)) { return; }
  for (var s = 0u; s < OWN; s++) {
    let n = row_of(tile, i, s);
    if (n < N) { dx[n * (C / 4u) + column_of(tile, i, s)] = sums[s]; }
  }
}
