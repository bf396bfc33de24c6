// The gradients of the characters' and the positions' vectors, summed over PART_ROWS rows; tiled/partials_sum adds the
// parts.
//   forward: out[n] = wte[inp[n]] + wpe[t]     with t = n mod T
//   dwte[v, c] = sum of dout[n, c] over all n with inp[n] = v     dwpe[t, c] = the same over all n at position t
// reads   inp [N], dout [N, C]
// writes  partials [PARTS, STRIDE]: dwpe where wpe is among the weights; dwte behind all weights, because its place is
//         taken by wte as output head
// grid    x: one invocation per four channels of wte, then of wpe; y: a part
// pair    embedding_forward
@group(0) @binding(0) var<storage, read> inp: array<u32>;
@group(0) @binding(1) var<storage, read> dout: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

const WIDTH = C / 4u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x / WIDTH;
  let c = id.x % WIDTH;
  if (row >= V + T) { return; }
  let begin = id.y * PART_ROWS;
  let end = min(N, begin + PART_ROWS);
  var sum = vec4f();
  if (row < V) {
    for (var n = begin; n < end; n++) {
      if (inp[n] == row) { sum += dout[n * WIDTH + c]; }
    }
    partials[(id.y * STRIDE + SIZE) / 4u + row * WIDTH + c] = sum;
  } else {
    let t = row - V;
    // The first row of the part at position t.
    for (var n = begin + (t + T - begin % T) % T; n < end; n += T) { sum += dout[n * WIDTH + c]; }
    partials[(id.y * STRIDE + WPE) / 4u + t * WIDTH + c] = sum;
  }
}
