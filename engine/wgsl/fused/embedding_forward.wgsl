// The start of the forward pass, for ROWS rows: from characters to the first queries, keys and values.
//   inp[b, t] = text[starts[b] + t]     targets[b, t] = text[starts[b] + t + 1]
//   x = wte[inp] + wpe[position]     qkv = LN_1(x) QKV     of the first layer
// FROM says where the characters are. 0: in the text, at starts drawn here as in batch_draw; 1: in the text, at given
// starts; 2: already in `characters`, because the model is writing.
// reads   tokens [ceil(n / 4)]: the text, four one-byte characters per number; weights: the flat vector of params.ts;
//         places: starts [B]; or, if the batch is drawn, counter [4]: iteration, key of the batches
// writes  places: if it is counter, at 2 the present iteration; characters [2, N]: inp and targets; streams
//         [STREAMS, N, C]: x at 0, and for the backward pass what LN_1 makes before gain and bias at NORM, and its rstd
//         in statistics; qkv [L, N, 3C]
// grid    one workgroup per ROWS rows
// pair    fused/block_backward of the first layer; fused/weights_backward
@group(0) @binding(0) var<storage, read> tokens: array<u32>;
@group(0) @binding(1) var<storage, read_write> places: array<u32>;
@group(0) @binding(2) var<storage, read> weights: array<vec4f, WEIGHTS_4>;
@group(0) @binding(3) var<storage, read_write> characters: array<u32>;
@group(0) @binding(4) var<storage, read_write> streams: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(6) var<storage, read_write> qkv: array<vec4f>;

// Values of FROM.
const DRAWN = 0u;
const WRITTEN = 2u;

// Where sequence b of the batch begins.
fn start_of(b: u32) -> u32 {
  if (FROM == DRAWN) { return hash32(places[1], places[0], b) % STARTS; }
  return places[b];
}

fn token(place: u32) -> u32 {
  return (tokens[place / 4u] >> (8u * (place % 4u))) & 255u;
}

// The character of row n. One of the row's invocations also stores it, and the next character as its target.
fn character(n: u32, writes: bool) -> u32 {
  if (FROM == WRITTEN) { return characters[n]; }
  let place = start_of(n / T) + n % T;
  let inp = token(place);
  if (writes) {
    characters[n] = inp;
    characters[N + n] = token(place + 1u);
  }
  return inp;
}

@compute @workgroup_size(16u * ROWS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  zero = tile.x >> 24u;
  let n = tile.x * ROWS + i / 16u;
  let c = i % 16u;
  // At the iteration's end, one workgroup of update_and_finish stores the next number at 0 while others read this one at 2.
  if (FROM == DRAWN && tile.x == 0u && i == 0u) { places[2] = places[0]; }
  let wide = column(i);
  let first = (FIRST_LAYER + QKV) / 4u + min(wide, 47u);
  let first_steps = steps_at(first, 48u);
  let x = weights[character(n, c == 0u) * 16u + c] + weights[(V + n % T) * 16u + c];
  streams[n * 16u + c] = x;

  let centred = x - row_sum(total(x), i) / 64.0;
  let rstd = 1.0 / sqrt(row_sum(dot(centred, centred), i) / 64.0 + eps);
  let norm = centred * rstd;
  streams[(NORM * N + n) * 16u + c] = norm;
  if (c == 0u) { statistics[n] = rstd; }
  let gain = (FIRST_LAYER + LN_1) / 4u + c;
  memory[i / 16u * STRIDE + c] = norm * weights[gain] + weights[gain + 16u];
  workgroupBarrier();

  if (wide < 48u) {
    let block = product(EMPTY, line(i) * STRIDE, STRIDE, 64u, first, 48u, first_steps);
    let place = (tile.x * ROWS + line(i)) * 48u + wide;
    qkv[place] = block.a;
    qkv[place + 192u] = block.b;
    qkv[place + 384u] = block.c;
    qkv[place + 576u] = block.d;
  }
}
