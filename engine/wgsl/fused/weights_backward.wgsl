// The gradients of all weights in one dispatch: together they keep a whole GPU busy. Each is a sum over all rows; a
// workgroup adds PART_ROWS of them, and update_and_finish adds the parts. There are three kinds of workgroups:
// - below SQUARES, 64 x 64 numbers of a matrix:  dweight[a, b] = sum over n of left[n, a] right[n, b]
//   A layer has twelve such squares: three of QKV, one of O, four of FC, four of PROJ. Then come those of wte, once as
//   head, where left is the gradient of the logits, and once as embedding, where left is 1 if row n has that character.
// - one for the positions:  dwpe[t] = sum over n at position t of the stream's gradient
// - one for each LayerNorm, which adds the sums that fused/mlp_backward began
// reads   weights: the flat vector of params.ts, statistics and streams (see fused_plan.ts), hidden [L, 2, N, FF]: GELU's
//         input, and its gradient; dqkv [L, N, 3C], dlogits [N, V], characters [2, N]
// writes  partials [PARTS, SIZE + V C]: laid out as the flat vector, followed by wte as embedding
// grid    x: SQUARES, the positions, 2L + 1 LayerNorms; y: parts
// pair    fused/block_forward, fused/embedding_forward, fused/head; matmul_backward_weight does one matrix
@group(0) @binding(0) var<storage, read> weights: array<vec4f>;
@group(0) @binding(1) var<storage, read> statistics: array<f32>;
@group(0) @binding(2) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(3) var<storage, read> dqkv: array<vec4f>;
@group(0) @binding(4) var<storage, read> streams: array<vec4f>;
@group(0) @binding(5) var<storage, read> dlogits: array<f32>;
@group(0) @binding(6) var<storage, read> characters: array<u32>;
@group(0) @binding(7) var<storage, read_write> partials: array<vec4f>;

const PART_4 = (SIZE + V * 64u) / 4u; // a part in vec4

// 32 rows of 64 numbers each.
var<workgroup> left: array<vec4f, 512>;
var<workgroup> right: array<vec4f, 512>;

// Gain and bias of a LayerNorm, at one vec4 of channels.
struct Affine { gain: vec4f, bias: vec4f }

fn affine_at(place: u32, c: u32) -> Affine { return Affine(weights[place / 4u + c], weights[place / 4u + 16u + c]); }

// Those of the LayerNorm that makes a square's left side (for wte, its right side); unused where there is none.
fn affine_of(square: u32, c: u32) -> Affine {
  let h = FIRST_LAYER + square / 12u * LAYER_SIZE;
  if (square >= 12u * L) { return affine_at(LN_F, c); }
  if (square % 12u < 3u) { return affine_at(h + LN_1, c); }
  return affine_at(h + LN_2, c);
}

// LayerNorm's output, computed again from what it made before gain and bias.
fn normed(which: u32, affine: Affine, n: u32, c: u32) -> vec4f {
  return streams[((NORM + which) * N + n) * 16u + c] * affine.gain + affine.bias;
}

// Loads vec4 c of row n into left and right.
fn fetch(square: u32, affine: Affine, n: u32, c: u32, place: u32) {
  let l = square / 12u;
  let s = square % 12u;
  if (square >= 12u * L) {
    let other = square - 12u * L;
    let embedding = other >= WTE_SQUARES;
    let v = other % WTE_SQUARES * 64u + 4u * c;
    let own = characters[n];
    var share = vec4f();
    for (var e = 0u; e < 4u; e++) {
      if (embedding) { share[e] = select(0.0, 1.0, own == v + e); }
      else if (v + e < V) { share[e] = dlogits[n * V + v + e]; }
    }
    left[place] = share;
    if (embedding) { right[place] = streams[n * 16u + c]; }
    else { right[place] = normed(2u * L, affine, n, c); }
  } else if (s < 3u) {
    left[place] = normed(2u * l, affine, n, c);
    right[place] = dqkv[(l * N + n) * 48u + s * 16u + c];
  } else if (s < 4u) {
    left[place] = streams[((MIXED + l) * N + n) * 16u + c];
    right[place] = streams[((DPROJ + 2u * l) * N + n) * 16u + c];
  } else if (s < 8u) {
    left[place] = normed(2u * l + 1u, affine, n, c);
    right[place] = hidden[((2u * l + 1u) * N + n) * 64u + (s - 4u) * 16u + c];
  } else {
    left[place] = gelu(hidden[(2u * l * N + n) * 64u + (s - 8u) * 16u + c]);
    right[place] = streams[((DPROJ + 2u * l + 1u) * N + n) * 16u + c];
  }
}

// x: index of a square in a part; y: width of its matrix; both in vec4.
fn square_place(square: u32) -> vec2u {
  if (square >= 12u * L) {
    let other = square - 12u * L;
    let begin = select(0u, SIZE / 4u, other >= WTE_SQUARES);
    return vec2u(begin + other % WTE_SQUARES * 64u * 16u, 16u);
  }
  let h = (FIRST_LAYER + square / 12u * LAYER_SIZE) / 4u;
  let s = square % 12u;
  if (s < 3u) { return vec2u(h + QKV / 4u + s * 16u, 48u); }
  if (s < 4u) { return vec2u(h + ATTN_PROJ / 4u, 16u); }
  if (s < 8u) { return vec2u(h + FC / 4u + (s - 4u) * 16u, 64u); }
  return vec2u(h + MLP_PROJ / 4u + (s - 8u) * 64u * 16u, 16u);
}

fn square_gradient(square: u32, part: u32, i: u32) {
  let a = i / 64u * 4u + i / 8u % 4u; // vec4 of rows and of columns of the square
  let b = i / 32u % 2u * 8u + i % 8u;
  let affine = affine_of(square, i % 16u);
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var begin = part * PART_ROWS; begin < min(N, (part + 1u) * PART_ROWS); begin += 32u) {
    workgroupBarrier();
    fetch(square, affine, begin + i / 16u, i % 16u, i);
    fetch(square, affine, begin + 16u + i / 16u, i % 16u, i + 256u);
    workgroupBarrier();
    for (var n = 0u; n < 32u; n++) {
      let x = left[n * 16u + a];
      let d = right[n * 16u + b];
      sum0 += x.x * d;
      sum1 += x.y * d;
      sum2 += x.z * d;
      sum3 += x.w * d;
    }
  }
  let spot = square_place(square);
  let out = part * PART_4 + spot.x + 4u * a * spot.y + b;
  // wte's last square may have more rows than there are characters.
  var rows = 64u;
  if (square >= 12u * L) { rows = V - (square - 12u * L) % WTE_SQUARES * 64u; }
  if (4u * a < rows) { partials[out] = sum0; }
  if (4u * a + 1u < rows) { partials[out + spot.y] = sum1; }
  if (4u * a + 2u < rows) { partials[out + 2u * spot.y] = sum2; }
  if (4u * a + 3u < rows) { partials[out + 3u * spot.y] = sum3; }
}

fn position_gradient(part: u32, i: u32) {
  for (var j = i; j < T * 16u; j += 256u) {
    var sum = vec4f();
    for (var n = part * PART_ROWS; n < min(N, (part + 1u) * PART_ROWS); n += T) { sum += streams[n * 16u + j]; }
    partials[part * PART_4 + V * 16u + j] = sum;
  }
}

// Adds what fused/mlp_backward has summed over 16 rows each.
fn layernorm_gradient(which: u32, part: u32, i: u32) {
  if (i >= 32u) { return; }
  var sum = vec4f();
  for (var set_ = part * PART_ROWS / 16u; set_ < min(N, (part + 1u) * PART_ROWS) / 16u; set_++) {
    let place = SUMS + (which * SETS + set_) * 128u + 4u * i;
    sum += vec4f(statistics[place], statistics[place + 1u], statistics[place + 2u], statistics[place + 3u]);
  }
  var place = LN_F;
  if (which < 2u * L) { place = FIRST_LAYER + which / 2u * LAYER_SIZE + select(LN_1, LN_2, which % 2u == 1u); }
  partials[part * PART_4 + place / 4u + i] = sum;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  if (id.x < SQUARES) {
    square_gradient(id.x, id.y, i);
  } else if (id.x == SQUARES) {
    position_gradient(id.y, i);
  } else {
    layernorm_gradient(id.x - SQUARES - 1u, id.y, i);
  }
}
