// The loss, and its gradient back through the logits and the last LayerNorm. With TRAINING = 0, it stops at the loss.
//   nll[n] = -ln softmax(logits[n])[targets[n]]     dlogits = (softmax(logits) - onehot(targets)) / N
//   dx[n, c] = sum over v of dlogits[n, v] wte[v, c]     dinp: as in layernorm_backward, no dstream
// reads   logits [N, V], targets [N], weights: the flat vector, with wte at 0 and gain at LN_F; inp [N, C]: of the LayerNorm
// writes  nll [N]; dlogits [N, V'], with V rounded up to V', a multiple of 64: its last columns stay 0; dx [N, C],
//         dinp [N, C]
// grid    one workgroup per ROWS rows
// pair    tiled/head_forward; cross_entropy_forward and cross_entropy_backward do the loss alone
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
@group(0) @binding(3) var<storage, read> inp: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> nll: array<f32>;
@group(0) @binding(5) var<storage, read_write> dlogits: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dinp: array<vec4f>;

const LANES = 256u / ROWS; // invocations that share a row
const CHARACTERS = (V + 3u) / 4u; // vec4 in a row of logits
const CHANNELS = C / 4u; // and of the stream
const OWN_CHARACTERS = (CHARACTERS + LANES - 1u) / LANES; // vec4 that an invocation has
const OWN_CHANNELS = (CHANNELS + LANES - 1u) / LANES;
// For the product, each group of invocations takes a few rows at all channels.
const GROUPS = 256u / CHANNELS;
const GROUP_ROWS = (ROWS + GROUPS - 1u) / GROUPS;
const PER_CHANNEL = 1.0 / f32(C);

// Gradients of logits, a row of CHARACTERS for each row; then of the LayerNorm's output, a row of CHANNELS.
var<workgroup> memory: array<vec4f, ROWS * max(CHARACTERS, CHANNELS)>;
var<workgroup> shared_by_row: array<vec2f, 256>;

// Sum over a row, returned to each of its invocations.
fn row_sum(value: vec2f, i: u32) -> vec2f {
  workgroupBarrier();
  shared_by_row[i] = value;
  workgroupBarrier();
  var sum = vec2f();
  for (var j = 0u; j < LANES; j++) { sum += shared_by_row[i / LANES * LANES + j]; }
  return sum;
}

fn row_largest(value: f32, i: u32) -> f32 {
  workgroupBarrier();
  shared_by_row[i].x = value;
  workgroupBarrier();
  var largest = value;
  for (var j = 0u; j < LANES; j++) { largest = max(largest, shared_by_row[i / LANES * LANES + j].x); }
  return largest;
}

fn total(x: vec4f) -> f32 { return (x.x + x.y) + (x.z + x.w); }

// The characters of vec4 j.
fn characters_of(j: u32) -> vec4u { return 4u * j + vec4u(0u, 1u, 2u, 3u); }

// The loss of row n. With TRAINING = 1, it writes the gradient of the logits to memory: wait at a barrier before you read
// another invocation's.
fn loss(n: u32, exists: bool, i: u32) {
  let lane = i % LANES;
  let target_ = targets[n];
  var powers: array<vec4f, OWN_CHARACTERS>;
  var top = -1e30;
  var broken = false;
  for (var k = 0u; k < OWN_CHARACTERS; k++) {
    let v = characters_of(lane + LANES * k);
    let at = n * V + min(v, vec4u(V - 1u)); // past the end, the last one again
    let x = vec4f(logits[at.x], logits[at.y], logits[at.z], logits[at.w]);
    broken = broken || any(is_broken(x));
    let seen = select(x, vec4f(-1e30), is_broken(x));
    top = max(top, max(max(seen.x, seen.y), max(seen.z, seen.w)));
    powers[k] = x;
  }
  let largest = row_largest(top, i);
  var sum = 0.0;
  for (var k = 0u; k < OWN_CHARACTERS; k++) {
    let real = characters_of(lane + LANES * k) < vec4u(V);
    powers[k] = select(vec4f(), exp(powers[k] - largest), real);
    sum += total(powers[k]);
  }
  let whole = row_sum(vec2f(select(sum, BROKEN, broken), 0.0), i).x;
  if (lane == 0u && exists) {
    // The two logits are subtracted first: beside a large number, log(whole) would be rounded away.
    var bits = bitcast<u32>(log(whole) - (logits[n * V + target_] - largest));
    if (whole >= BROKEN) { bits = EXPONENT; }
    nll[n] = bitcast<f32>(bits);
  }
  if (TRAINING == 0u) { return; }
  for (var k = 0u; k < OWN_CHARACTERS; k++) {
    let j = lane + LANES * k;
    if (j < CHARACTERS) {
      let right = select(vec4f(), vec4f(1.0), characters_of(j) == vec4u(target_));
      let d = (powers[k] / whole - right) * (1.0 / f32(N));
      memory[i / LANES * CHARACTERS + j] = d;
      if (exists) { dlogits[n * ((V + 63u) / 64u * 16u) + j] = d; }
    }
  }
}

// The gradient of the LayerNorm's output, from that of the logits; both are in memory.
fn multiply_by_wte(i: u32) {
  let c = i % CHANNELS;
  let first = i / CHANNELS * GROUP_ROWS;
  var sums: array<vec4f, GROUP_ROWS>;
  for (var j = 0u; j < CHARACTERS; j++) {
    var wte: array<vec4f, 4>;
    for (var e = 0u; e < 4u; e++) { wte[e] = weights[min(4u * j + e, V - 1u) * CHANNELS + c]; }
    for (var r = 0u; r < GROUP_ROWS; r++) {
      let d = memory[min(first + r, ROWS - 1u) * CHARACTERS + j]; // zeros past the last character
      sums[r] += d.x * wte[0] + d.y * wte[1] + d.z * wte[2] + d.w * wte[3];
    }
  }
  workgroupBarrier();
  for (var r = 0u; r < GROUP_ROWS; r++) {
    if (first + r < ROWS) { memory[(first + r) * CHANNELS + c] = sums[r]; }
  }
  workgroupBarrier();
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  let exists = tile.x * ROWS + i / LANES < N;
  let n = min(tile.x * ROWS + i / LANES, N - 1u); // invocations without a row repeat the last one
  loss(n, exists, i);
  if (TRAINING == 0u) { return; }
  workgroupBarrier();
  multiply_by_wte(i);

  // tiled/head_forward has stored mean and rstd, but a ninth storage buffer would exceed WebGPU's limit.
  let lane = i % LANES;
  var norms: array<vec4f, OWN_CHANNELS>;
  var dnorms: array<vec4f, OWN_CHANNELS>;
  var sum = 0.0;
  for (var k = 0u; k < OWN_CHANNELS; k++) {
    let c = lane + LANES * k;
    if (c < CHANNELS) {
      norms[k] = inp[n * CHANNELS + c];
      sum += total(norms[k]);
    }
  }
  let mean = row_sum(vec2f(sum, 0.0), i).x * PER_CHANNEL;
  var squares = 0.0;
  for (var k = 0u; k < OWN_CHANNELS; k++) {
    if (lane + LANES * k < CHANNELS) {
      norms[k] -= mean;
      squares += dot(norms[k], norms[k]);
    }
  }
  let rstd = 1.0 / sqrt(row_sum(vec2f(squares, 0.0), i).x * PER_CHANNEL + eps);
  var own = vec2f();
  for (var k = 0u; k < OWN_CHANNELS; k++) {
    let c = lane + LANES * k;
    if (c < CHANNELS) {
      let dout = memory[i / LANES * CHANNELS + c];
      if (exists) { dx[n * CHANNELS + c] = dout; }
      norms[k] *= rstd;
      dnorms[k] = dout * weights[LN_F / 4u + c];
      own += vec2f(total(dnorms[k]), dot(dnorms[k], norms[k]));
    }
  }
  let means = row_sum(own, i) * PER_CHANNEL;
  if (!exists) { return; }
  for (var k = 0u; k < OWN_CHANNELS; k++) {
    let c = lane + LANES * k;
    if (c < CHANNELS) { dinp[n * CHANNELS + c] = rstd * (dnorms[k] - means.x - norms[k] * means.y); }
  }
}
