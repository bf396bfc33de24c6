// The end of the forward pass and the start of the backward pass, for ROWS rows: they meet at the loss.
//   logits = LN_f(stream) wte^T     nll[n] = -ln softmax(logits[n])[targets[n]]
//   dlogits = (softmax(logits) - onehot(targets)) / N     stream's gradient = LN_f backward of (dlogits wte)
//   and then the last layer's MLP and O: see fused/mlp_backward
// With TRAINING = 0, it stops at nll and logits. Logits pass through shared memory, up to 128 at a time.
// reads   weights: transposed (see weights_transpose), characters [2, N]: targets at 1
// writes  streams [STREAMS, N, C]: at 0 the stream becomes its gradient; what LN_f makes before gain and bias at
//         NORM + 2L; the rest of streams, statistics and hidden as in fused/block_backward; nll [N]; logits [N, V]: with
//         TRAINING = 1 their gradient instead
// grid    one workgroup per ROWS rows
// pair    itself; cross_entropy_forward and cross_entropy_backward do the loss alone
@group(0) @binding(0) var<storage, read> weights: array<vec4f, TRANSPOSED_4>;
@group(0) @binding(1) var<storage, read> characters: array<u32>;
@group(0) @binding(2) var<storage, read_write> streams: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(4) var<storage, read_write> hidden: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> nll: array<f32>;
@group(0) @binding(6) var<storage, read_write> logits: array<f32>;

const COLUMNS = (V + 3u) / 4u; // vec4 in a row of logits
const PASSES = (COLUMNS + 31u) / 32u; // of 32 vec4 each

// Of each row, the logit of the character that follows.
var<workgroup> right_ones: array<f32, ROWS>;

fn row_largest(value: f32, i: u32) -> f32 {
  workgroupBarrier();
  sums[i] = value;
  workgroupBarrier();
  var largest = sums[i / 16u * 16u];
  for (var j = 1u; j < 16u; j++) { largest = max(largest, sums[i / 16u * 16u + j]); }
  return largest;
}

// Writes the logits of up to 32 vec4, from vec4 `skip` on, into WIDE. Of each 256 invocations, half sum over the first 32
// channels and half over the others.
fn multiply_by_wte(i: u32, skip: u32) {
  let half = i / 128u % 2u;
  let mine = i % 128u / 4u; // vec4 of columns
  let lane = i / 256u * 16u + i % 4u; // unlike line(), it differs between neighbours
  var block = EMPTY;
  let row = lane * STRIDE;
  if (skip + mine < COLUMNS) {
    for (var k = 8u * half; k < 8u * half + 8u + zero; k++) {
      block = multiply(block, row + k, STRIDE, weights_at(WTE_TRANSPOSED / 4u + 4u * k * COLUMNS + skip + mine, COLUMNS));
    }
  }
  let place = WIDE + lane * WIDE_STRIDE + mine;
  workgroupBarrier();
  if (half == 1u) { put_at(place, block); }
  workgroupBarrier();
  if (half == 0u) {
    put_at(place, Block(
      memory[place] + block.a,
      memory[place + 4u * WIDE_STRIDE] + block.b,
      memory[place + 8u * WIDE_STRIDE] + block.c,
      memory[place + 12u * WIDE_STRIDE] + block.d,
    ));
  }
  workgroupBarrier();
}

fn put_at(place: u32, block: Block) {
  memory[place] = block.a;
  memory[place + 4u * WIDE_STRIDE] = block.b;
  memory[place + 8u * WIDE_STRIDE] = block.c;
  memory[place + 12u * WIDE_STRIDE] = block.d;
}

// Loads one vec4 of each two of `transposed`: a GPU's cache takes 32 bytes at once, or more. The workgroups of 26 sequences
// together load all of it. This kernel and the next ones need these weights soon, and in a large batch other data have
// displaced them since they were written. On an H200, the lesson is 1.015 times as fast. The compiler would leave out a load
// whose result is not used, so the result is multiplied by `zero`, bit by bit, and added.
fn touch(which: u32) -> u32 {
  if (TRAINING == 0u) { return 0u; }
  return bitcast<u32>(weights[min(2u * which, TRANSPOSED_4 - 1u)].x);
}

// Which of the characters 4j .. 4j + 3 exist.
fn existing(j: u32) -> vec4<bool> { return 4u * j + vec4u(0u, 1u, 2u, 3u) < vec4u(V); }

@compute @workgroup_size(16u * ROWS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  zero = tile.x >> 24u;
  let row = i / 16u;
  let c = i % 16u;
  let n = tile.x * ROWS + row;
  let gain = LN_F / 4u + c;

  let touched = touch(tile.x * 16u * ROWS + i);
  let x = streams[n * 16u + c];
  let target_ = characters[N + n];
  let centred = x - row_sum(total(x), i) / 64.0;
  let rstd = 1.0 / sqrt(row_sum(dot(centred, centred), i) / 64.0 + eps);
  let norm = centred * rstd;
  memory[row * STRIDE + c] = norm * weights[gain] + weights[gain + 16u];
  workgroupBarrier();

  // Invocation c of a row keeps the logits of vec4 c, c + 16 and so on.
  let origin = WIDE + row * WIDE_STRIDE + c;
  var own: array<vec4f, 2u * PASSES>;
  for (var pass_ = 0u; pass_ < PASSES; pass_++) {
    multiply_by_wte(i, 32u * pass_);
    own[2u * pass_] = memory[origin];
    own[2u * pass_ + 1u] = memory[origin + 16u];
  }
  var top = -1e30;
  var broken = false;
  for (var part = 0u; part < 2u * PASSES; part++) {
    let j = c + 16u * part;
    let logit = own[part];
    let real = existing(j);
    let bad = real & is_broken(logit);
    broken = broken || any(bad);
    let seen = select(vec4f(-1e30), logit, real & !bad);
    top = max(top, max(max(seen.x, seen.y), max(seen.z, seen.w)));
    if (j == target_ / 4u) { right_ones[row] = logit[target_ % 4u]; }
    if (TRAINING == 0u) {
      for (var e = 0u; e < 4u; e++) {
        if (real[e]) { logits[n * V + 4u * j + e] = logit[e]; }
      }
    }
  }
  let largest = row_largest(top, i);
  var sum = 0.0;
  for (var part = 0u; part < 2u * PASSES; part++) {
    let powers = select(vec4f(), exp(own[part] - largest), existing(c + 16u * part));
    own[part] = powers;
    sum += total(powers);
  }
  let whole = row_sum(select(sum, BROKEN, broken), i);
  if (c == 0u) {
    var bits = bitcast<u32>(log(whole) - (right_ones[row] - largest));
    if (whole >= BROKEN) { bits = EXPONENT; }
    nll[n] = bitcast<f32>(bits);
  }
  if (TRAINING == 0u) { return; }

  var block = EMPTY;
  let quarter = quarter_of(i);
  for (var pass_ = 0u; pass_ < PASSES; pass_++) {
    workgroupBarrier();
    for (var part = 2u * pass_; part < 2u * pass_ + 2u; part++) {
      let j = c + 16u * part;
      let places = 4u * j + vec4u(0u, 1u, 2u, 3u);
      let right = select(vec4f(), vec4f(1.0), places == vec4u(target_));
      let d = select(vec4f(), (own[part] / whole - right) * scale, existing(j));
      for (var e = 0u; e < 4u; e++) {
        if (places[e] < V) { logits[n * V + places[e]] = d[e]; }
      }
      memory[origin + 16u * (part % 2u)] = d;
    }
    workgroupBarrier();
    let skip = 32u * pass_;
    let terms = min(COLUMNS - skip, 32u);
    let first = quarter * terms / 4u;
    let last = (quarter + 1u) * terms / 4u;
    for (var k = first; k < last; k++) {
      let w = weights_at((skip + k) * 64u + quarter_column(i), 16u);
      block = multiply(block, WIDE + line(i) * WIDE_STRIDE + k, WIDE_STRIDE, w);
    }
  }
  let mlp_first = mlp_first_steps(i, L - 1u);
  sum_quarters(block, i);

  streams[((NORM + 2u * L) * N + n) * 16u + c] = norm;
  if (c == 0u) { statistics[2u * L * N + n] = rstd; }
  storageBarrier();
  let dx = mlp_backward(layernorm_backward(i, n, 2u * L, LN_F / 4u), i, n, L - 1u, mlp_first);
  streams[n * 16u + c] = dx + f32(zero & touched);
}
