// The start of the forward pass: from characters to the stream.
//   inp[b, t] = text[starts[b] + t]     targets[b, t] = text[starts[b] + t + 1]
//   out[b, t] = wte[inp[b, t]] + wpe[t]
// With GATHER = 0, inp is already set: the text that the model is writing.
// reads   tokens [ceil(n / 4)]: the text, four one-byte characters per number; starts [B], wte [V, C], wpe [T, C];
//         with GATHER = 0 inp [N]
// writes  inp [N], targets [N], out [N, C], and its moments [N, C / 64, 2] for the first LayerNorm: see
//         tiled/layernorm
// grid    one workgroup per 16 rows; 16 invocations share a row
// pair    tiled/wte_backward, tiled/vectors_backward_weight
@group(0) @binding(0) var<storage, read> tokens: array<u32>;
@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read> wte: array<vec4f>;
@group(0) @binding(3) var<storage, read> wpe: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> inp: array<u32>;
@group(0) @binding(5) var<storage, read_write> targets: array<u32>;
@group(0) @binding(6) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> moments: array<vec2f>;

var<workgroup> sums: array<f32, 256>;

// Sum over a row's 16 invocations, returned to each of them.
fn row_sum(x: vec4f, i: u32) -> f32 {
  workgroupBarrier();
  sums[i] = (x.x + x.y) + (x.z + x.w);
  workgroupBarrier();
  var sum = 0.0;
  for (var j = i / 16u * 16u; j < i / 16u * 16u + 16u; j++) { sum += sums[j]; }
  return sum;
}

fn token(place: u32) -> u32 {
  return (tokens[place / 4u] >> (8u * (place % 4u))) & 255u;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let row = id.x * 16u + i / 16u;
  let n = min(row, N - 1u); // invocations without a row repeat the last one
  let lane = i % 16u;
  var character = 0u;
  if (GATHER == 1u) {
    let place = starts[n / T] + n % T;
    character = token(place);
    if (lane == 0u && row < N) {
      inp[n] = character;
      targets[n] = token(place + 1u);
    }
  } else {
    character = inp[n];
  }
  for (var piece = 0u; piece < C / 64u; piece++) {
    let c = piece * 16u + lane;
    let x = wte[character * (C / 4u) + c] + wpe[n % T * (C / 4u) + c];
    if (row < N) { out[n * (C / 4u) + c] = x; }
    let mean = row_sum(x, i) * (1.0 / 64.0);
    let squares = row_sum((x - mean) * (x - mean), i);
    if (lane == 0u && row < N) { moments[n * (C / 64u) + piece] = vec2f(mean, squares); }
  }
}
