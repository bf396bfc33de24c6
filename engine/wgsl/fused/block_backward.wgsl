// The backward pass through fused/block_forward, for 16 rows. It has two parts, because at either end of the model only
// one is needed: FROM_QKV starts at the queries, keys and values of layer l + 1; THROUGH_MLP goes through the MLP and
// the O of layer l. dx is the stream's gradient:
//   dx += LN_1' backward of (dqkv QKV'^T)
//   dhidden = (dx PROJ^T) slope     dx += LN_2 backward of (dhidden FC^T)     dmixed = dx O^T
// reads   layer [1]: l + 1, weights: transposed (see weights_transpose), dqkv [L, N, 3C], norms [2L + 1, N, C], rstds
//         [2L + 1, N]
// writes  hidden [L, 2, N, FF]: the slope becomes dhidden; streams [STREAMS, N, C]: dx at 0, dmixed at DMIXED; and
//         for the weights' gradients, the output gradients of LN_1 and LN_2 at DNORM + 2l and DNORM + 2l + 1, and dx
//         after O and PROJ at DPROJ + 2l and DPROJ + 2l + 1
// grid    one workgroup per 16 rows
// pair    fused/block_forward
@group(0) @binding(0) var<storage, read> layer: array<u32, 1>;
@group(0) @binding(1) var<storage, read> weights: array<vec4f, TRANSPOSED_4>;
@group(0) @binding(2) var<storage, read> dqkv: array<vec4f>;
@group(0) @binding(3) var<storage, read> norms: array<vec4f>;
@group(0) @binding(4) var<storage, read> rstds: array<f32>;
@group(0) @binding(5) var<storage, read_write> hidden: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> streams: array<vec4f>;

// Gradient of a LayerNorm's input; the first tile holds the gradient of its output.
fn layernorm(i: u32, n: u32, which: u32, gain: u32) -> vec4f {
  let place = (which * N + n) * 16u + i % 16u;
  let dout = memory[i / 16u * STRIDE + i % 16u];
  streams[DNORM * N * 16u + place] = dout;
  let norm = norms[place];
  let dnorm = dout * weights[gain + i % 16u];
  let mean = row_sum(total(dnorm), i) / 64.0;
  let along = row_sum(dot(dnorm, norm), i) / 64.0;
  return rstds[which * N + n] * (dnorm - mean - norm * along);
}

// Gradient before the GELU: d times the slope. It replaces the slope in `hidden`.
fn bend(d: vec4f, place: u32) -> vec4f {
  let result = d * hidden[place];
  hidden[place] = result;
  return result;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  let above = layer[0];
  let n = tile.x * 16u + i / 16u;
  let own = i / 16u * STRIDE + i % 16u;
  let quarter = i / 64u;
  let narrow = quarter_column(i);
  var dx = streams[n * 16u + i % 16u];

  if (FROM_QKV == 1u) {
    // The 192 channels fill the shared memory: rows of 48 vec4 and one for padding.
    let h = (FIRST_LAYER + above * LAYER_SIZE) / 4u;
    for (var j = 0u; j < 3u; j++) {
      let place = i + 256u * j; // of 16 x 48
      memory[place / 48u * 49u + place % 48u] = dqkv[(above * N + tile.x * 16u) * 48u + place];
    }
    workgroupBarrier();
    let block = product(EMPTY, i, 0u, 49u, 12u * quarter, 12u * quarter + 12u, h + QKV / 4u, 16u, narrow);
    sum_quarters(block, i);
    dx += layernorm(i, n, 2u * above, h + LN_1 / 4u);
  }

  if (THROUGH_MLP == 1u) {
    let l = above - 1u;
    let h = (FIRST_LAYER + l * LAYER_SIZE) / 4u;
    let wide = column(i);
    streams[((DPROJ + 2u * l + 1u) * N + n) * 16u + i % 16u] = dx;
    memory[own] = dx;
    workgroupBarrier();
    let dgelu = product(EMPTY, i, 0u, STRIDE, 0u, 16u, h + MLP_PROJ / 4u, 64u, wide);
    let first = ((2u * l + 1u) * N + tile.x * 16u + line(i)) * 64u + wide;
    let dfc = Block(bend(dgelu.a, first), bend(dgelu.b, first + 256u), bend(dgelu.c, first + 512u),
      bend(dgelu.d, first + 768u));
    var sum = EMPTY;
    for (var half = 0u; half < 2u; half++) {
      workgroupBarrier();
      if (i / 128u == half) { put(dfc, i, WIDE, WIDE_STRIDE, wide - 32u * half); }
      workgroupBarrier();
      let fc = h + FC / 4u + half * 128u * 16u;
      sum = product(sum, i, WIDE, WIDE_STRIDE, 8u * quarter, 8u * quarter + 8u, fc, 16u, narrow);
    }
    sum_quarters(sum, i);
    dx += layernorm(i, n, 2u * l + 1u, h + LN_2 / 4u);

    streams[((DPROJ + 2u * l) * N + n) * 16u + i % 16u] = dx;
    memory[own] = dx;
    workgroupBarrier();
    sum_quarters(product(EMPTY, i, 0u, STRIDE, 4u * quarter, 4u * quarter + 4u, h + ATTN_PROJ / 4u, 16u, narrow), i);
    streams[(DMIXED * N + n) * 16u + i % 16u] = memory[own];
  }
  streams[n * 16u + i % 16u] = dx;
}
