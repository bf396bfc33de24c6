// The backward pass through an MLP and the O before it, for the rows of a tile: not a kernel, but a part of fused/head,
// where the gradients begin, and of fused/block_backward. dx is the stream's gradient:
//   dfc = (dx PROJ^T) slope     dx += LN_2 backward of (dfc FC^T)     dmixed = dx O^T     means = mixed . dmixed
// pair    fused/block_forward

// Gradient of a LayerNorm's input; the first tile holds the gradient of its output. For the gradients of its gain and
// bias, it stores a sum over each 16 rows; fused/weights_backward adds them all. Overwrites WIDE.
fn layernorm_backward(i: u32, n: u32, which: u32, gain: u32) -> vec4f {
  let dout = memory[i / 16u * STRIDE + i % 16u];
  let norm = streams[((NORM + which) * N + n) * 16u + i % 16u];
  memory[WIDE + i] = dout * norm;
  memory[WIDE + PARTIAL + i] = dout;
  let dnorm = dout * weights[gain + i % 16u];
  let mean = row_sum(total(dnorm), i) / 64.0;
  if (i < 2u * ROWS) {
    let first = WIDE + i / 16u % 2u * PARTIAL + i / 32u * 256u + i % 16u;
    var sum = vec4f();
    for (var row = 0u; row < 16u; row++) { sum += memory[first + row * 16u]; }
    let out = SUMS + (which * SETS + (n - i / 16u) / 16u + i / 32u) * 128u + 4u * (i % 32u);
    statistics[out] = sum.x;
    statistics[out + 1u] = sum.y;
    statistics[out + 2u] = sum.z;
    statistics[out + 3u] = sum.w;
  }
  let along = row_sum(dot(dnorm, norm), i) / 64.0;
  return statistics[which * N + n] * (dnorm - mean - norm * along);
}

// Gradient before the GELU: d times the slope. hidden has GELU's input, and N rows further this gradient.
fn bend(d: vec4f, place: u32) -> vec4f {
  let result = d * gelu_slope(hidden[place]);
  hidden[place + N * 64u] = result;
  return result;
}

// The weights of the first two steps of mlp_backward().
fn mlp_first_steps(i: u32, l: u32) -> Steps {
  return steps_at((FIRST_LAYER + l * LAYER_SIZE + MLP_PROJ) / 4u + column(i), 64u);
}

// @returns the gradient of the stream between layer l's attention and MLP. after: that after its MLP
fn mlp_backward(after: vec4f, i: u32, n: u32, l: u32, proj_first: Steps) -> vec4f {
  let own = i / 16u * STRIDE + i % 16u;
  let h = (FIRST_LAYER + l * LAYER_SIZE) / 4u;
  let quarter = quarter_of(i);
  let narrow = quarter_column(i);
  let wide = column(i);
  let row = line(i) * STRIDE;
  let wide_row = WIDE + line(i) * WIDE_STRIDE + 8u * quarter;
  streams[((DPROJ + 2u * l + 1u) * N + n) * 16u + i % 16u] = after;
  memory[own] = after;
  workgroupBarrier();
  let dgelu = product(EMPTY, row, STRIDE, 64u, h + MLP_PROJ / 4u + wide, 64u, proj_first);
  let fc = h + FC / 4u + 32u * quarter * 16u + narrow;
  let fc_first = steps_at(fc, 16u);
  let kept = (2u * l * N + n - i / 16u + line(i)) * 64u + wide;
  let dfc = Block(bend(dgelu.a, kept), bend(dgelu.b, kept + 256u), bend(dgelu.c, kept + 512u),
    bend(dgelu.d, kept + 768u));
  workgroupBarrier();
  if (i / 128u % 2u == 0u) { put(dfc, i, WIDE, WIDE_STRIDE, wide); }
  workgroupBarrier();
  let half = product(EMPTY, wide_row, WIDE_STRIDE, 32u, fc, 16u, fc_first);
  let fc_second = steps_at(fc + 128u * 16u, 16u);
  workgroupBarrier();
  if (i / 128u % 2u == 1u) { put(dfc, i, WIDE, WIDE_STRIDE, wide - 32u); }
  workgroupBarrier();
  let sum = product(half, wide_row, WIDE_STRIDE, 32u, fc + 128u * 16u, 16u, fc_second);
  let o = h + ATTN_PROJ / 4u + 16u * quarter * 16u + narrow;
  let o_first = steps_at(o, 16u);
  sum_quarters(sum, i);
  let dx = after + layernorm_backward(i, n, 2u * l + 1u, h + LN_2 / 4u);

  streams[((DPROJ + 2u * l) * N + n) * 16u + i % 16u] = dx;
  memory[own] = dx;
  workgroupBarrier();
  sum_quarters(product(EMPTY, row + 4u * quarter, STRIDE, 16u, o, 16u, o_first), i);
  let dmixed = memory[own];
  streams[((DMIXED + l % 2u) * N + n) * 16u + i % 16u] = dmixed;
  sums[i] = dot(dmixed, streams[((MIXED + l) * N + n) * 16u + i % 16u]);
  workgroupBarrier();
  if (i % 4u == 0u) {
    statistics[MEANS + (l * N + n) * NH + i % 16u / 4u] = (sums[i] + sums[i + 1u]) + (sums[i + 2u] + sums[i + 3u]);
  }
  return dx;
}
