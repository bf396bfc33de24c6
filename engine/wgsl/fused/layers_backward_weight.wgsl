// The gradients of all matrices in all layers at once: much work of one kind keeps a whole GPU busy.
//   dweight[a, b] = sum over rows n of inp[n, a] dout[n, b]
// A workgroup does 64 x 64 numbers of one matrix for PART_ROWS of the rows; adamw_update_partials adds the parts. Twelve
// such squares make a layer: three of QKV, one of O, four of FC, four of PROJ. It takes 32 rows at a time into shared
// memory, and each invocation does 4 x 4 numbers.
// reads   weights: the flat vector of params.ts, for gains and biases; norms [2L + 1, N, C], mixed [L, N, C], hidden
//         [L, 2, N, FF], dqkv [L, N, 3C], dstreams [4L + 2, N, C]: see fused/block_backward
// writes  partials [PARTS, SIZE]
// grid    x: 12 L squares, y: parts
// pair    fused/block_forward; matmul_backward_weight does one matrix
@group(0) @binding(0) var<storage, read> weights: array<vec4f>;
@group(0) @binding(1) var<storage, read> norms: array<vec4f>;
@group(0) @binding(2) var<storage, read> mixed: array<vec4f>;
@group(0) @binding(3) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(4) var<storage, read> dqkv: array<vec4f>;
@group(0) @binding(5) var<storage, read> dstreams: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;

var<workgroup> inp: array<vec4f, 512>; // [32, 64]
var<workgroup> dout: array<vec4f, 512>;

// LayerNorm's output, made again from what it kept.
fn normed(which: u32, gain: u32, n: u32, c: u32) -> vec4f {
  return norms[(which * N + n) * 16u + c] * weights[gain + c] + weights[gain + 16u + c];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let l = id.x / 12u;
  let square = id.x % 12u;
  let h = (FIRST_LAYER + l * LAYER_SIZE) / 4u;
  let a = i / 64u * 4u + i / 8u % 4u; // vec4 of rows and of columns of the square
  let b = i / 32u % 2u * 8u + i % 8u;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var begin = 0u; begin < PART_ROWS; begin += 32u) {
    workgroupBarrier();
    for (var j = i; j < 512u; j += 256u) {
      let n = id.y * PART_ROWS + begin + j / 16u;
      let c = j % 16u;
      var left = vec4f();
      var right = vec4f();
      if (n < N) {
        if (square < 3u) {
          left = normed(2u * l, h + LN_1 / 4u, n, c);
          right = dqkv[(l * N + n) * 48u + square * 16u + c];
        } else if (square < 4u) {
          left = mixed[(l * N + n) * 16u + c];
          right = dstreams[((2u * L + 1u + 2u * l) * N + n) * 16u + c];
        } else if (square < 8u) {
          left = normed(2u * l + 1u, h + LN_2 / 4u, n, c);
          right = hidden[((2u * l + 1u) * N + n) * 64u + (square - 4u) * 16u + c];
        } else {
          left = hidden[(2u * l * N + n) * 64u + (square - 8u) * 16u + c];
          right = dstreams[((2u * L + 2u + 2u * l) * N + n) * 16u + c];
        }
      }
      inp[j] = left;
      dout[j] = right;
    }
    workgroupBarrier();
    for (var n = 0u; n < 32u; n++) {
      let x = inp[n * 16u + a];
      let d = dout[n * 16u + b];
      sum0 += x.x * d;
      sum1 += x.y * d;
      sum2 += x.z * d;
      sum3 += x.w * d;
    }
  }
  // Where the square lies in its matrix, and the matrix in the flat vector, in vec4.
  var place = h + QKV / 4u + square * 16u;
  var width = 48u;
  if (square >= 8u) {
    place = h + MLP_PROJ / 4u + (square - 8u) * 64u * 16u;
    width = 16u;
  } else if (square >= 4u) {
    place = h + FC / 4u + (square - 4u) * 16u;
    width = 64u;
  } else if (square == 3u) {
    place = h + ATTN_PROJ / 4u;
    width = 16u;
  }
  let out = id.y * (SIZE / 4u) + place + 4u * a * width + b;
  partials[out] = sum0;
  partials[out + width] = sum1;
  partials[out + 2u * width] = sum2;
  partials[out + 3u * width] = sum3;
}
