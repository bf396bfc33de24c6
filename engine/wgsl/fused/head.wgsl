// The end of the forward pass and the start of the backward pass, for 16 rows: they meet at the loss.
//   logits = LN_f(stream) wte^T     nll[n] = -ln softmax(logits[n])[targets[n]]
//   dlogits = (softmax(logits) - onehot(targets)) / N     stream's gradient = LN_f backward of (dlogits wte)
// Without TRAINING, it stops at nll and writes the logits.
// reads   weights: transposed (see weights_transpose), characters [2, N]: targets at 1
// writes  streams [STREAMS, N, C]: at 0 the stream becomes its gradient; LN_f's output gradient at DNORM + 2L;
//         norms and rstds as in fused/block_forward; nll [N]; logits [N, V], then their gradient
// grid    one workgroup per 16 rows
// pair    itself; cross_entropy_forward and cross_entropy_backward do the loss alone
@group(0) @binding(0) var<storage, read> weights: array<vec4f, TRANSPOSED_4>;
@group(0) @binding(1) var<storage, read> characters: array<u32>;
@group(0) @binding(2) var<storage, read_write> streams: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> norms: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> rstds: array<f32>;
@group(0) @binding(5) var<storage, read_write> nll: array<f32>;
@group(0) @binding(6) var<storage, read_write> logits: array<f32>;

const EXPONENT = 0x7f800000u; // these bits are all set in infinity and NaN only
const COLUMNS = (V + 3u) / 4u; // vec4 in a row of logits

fn row_largest(value: f32, i: u32) -> f32 {
  workgroupBarrier();
  sums[i] = value;
  workgroupBarrier();
  var largest = sums[i / 16u * 16u];
  for (var j = 1u; j < 16u; j++) { largest = max(largest, sums[i / 16u * 16u + j]); }
  return largest;
}

// Writes logits into WIDE. The sums are split in two: 128 invocations add the first 32 channels, 128 the others.
fn multiply_by_wte(i: u32) {
  let half = i / 128u;
  let lane = i % 128u;
  let mine = lane / 4u; // vec4 of columns; rows go by lane here, as line() is constant over eight invocations
  var block = EMPTY;
  let row = lane % 4u * STRIDE;
  if (mine < COLUMNS) {
    for (var k = 8u * half; k < 8u * half + 8u; k++) {
      let place = (WTE_TRANSPOSED / 4u) + 4u * k * COLUMNS + mine;
      let w = weights[place];
      let x = weights[place + COLUMNS];
      let y = weights[place + 2u * COLUMNS];
      let z = weights[place + 3u * COLUMNS];
      let a = memory[row + k];
      let b = memory[row + 4u * STRIDE + k];
      let c = memory[row + 8u * STRIDE + k];
      let d = memory[row + 12u * STRIDE + k];
      block.a += a.x * w + a.y * x + a.z * y + a.w * z;
      block.b += b.x * w + b.y * x + b.z * y + b.w * z;
      block.c += c.x * w + c.y * x + c.z * y + c.w * z;
      block.d += d.x * w + d.y * x + d.z * y + d.w * z;
    }
  }
  let place = WIDE + lane % 4u * WIDE_STRIDE + mine;
  if (half == 1u) {
    memory[place] = block.a;
    memory[place + 4u * WIDE_STRIDE] = block.b;
    memory[place + 8u * WIDE_STRIDE] = block.c;
    memory[place + 12u * WIDE_STRIDE] = block.d;
  }
  workgroupBarrier();
  if (half == 0u) {
    memory[place] += block.a;
    memory[place + 4u * WIDE_STRIDE] += block.b;
    memory[place + 8u * WIDE_STRIDE] += block.c;
    memory[place + 12u * WIDE_STRIDE] += block.d;
  }
  workgroupBarrier();
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  let row = i / 16u;
  let c = i % 16u;
  let n = tile.x * 16u + row;
  let gain = LN_F / 4u + c;

  let x = streams[n * 16u + c];
  let centred = x - row_sum(total(x), i) / 64.0;
  let rstd = 1.0 / sqrt(row_sum(dot(centred, centred), i) / 64.0 + eps);
  let norm = centred * rstd;
  memory[row * STRIDE + c] = norm * weights[gain] + weights[gain + 16u];
  workgroupBarrier();
  multiply_by_wte(i);

  // Invocation c of a row takes vec4 c and, where V is above 64, vec4 c + 16.
  let target_ = characters[N + n];
  let origin = WIDE + row * WIDE_STRIDE;
  var top = -1e30;
  var broken = 0.0;
  for (var j = c; j < COLUMNS; j += 16u) {
    for (var e = 0u; e < 4u; e++) {
      if (4u * j + e < V) {
        let logit = memory[origin + j][e];
        if ((bitcast<u32>(logit) & EXPONENT) == EXPONENT) { broken = 1.0; }
        top = max(top, logit);
        if (TRAINING == 0u) { logits[n * V + 4u * j + e] = logit; }
      }
    }
  }
  let largest = row_largest(top, i);
  var sum = 0.0;
  for (var j = c; j < COLUMNS; j += 16u) {
    for (var e = 0u; e < 4u; e++) {
      if (4u * j + e < V) { sum += exp(memory[origin + j][e] - largest); }
    }
  }
  let whole = row_sum(sum, i);
  let damage = row_sum(broken, i);
  if (c == 0u) {
    var bits = bitcast<u32>(log(whole) - (memory[origin + target_ / 4u][target_ % 4u] - largest));
    if (damage > 0.0) { bits = EXPONENT; }
    nll[n] = bitcast<f32>(bits);
  }
  if (TRAINING == 0u) { return; }

  workgroupBarrier();
  for (var j = c; j < COLUMNS; j += 16u) {
    var d = vec4f();
    for (var e = 0u; e < 4u; e++) {
      let v = 4u * j + e;
      if (v < V) {
        d[e] = (exp(memory[origin + j][e] - largest) / whole - select(0.0, 1.0, v == target_)) * scale;
        logits[n * V + v] = d[e];
      }
    }
    memory[origin + j] = d;
  }
  workgroupBarrier();
  let quarter = i / 64u;
  let first = quarter * COLUMNS / 4u;
  let last = (quarter + 1u) * COLUMNS / 4u;
  sum_quarters(product(EMPTY, i, WIDE, WIDE_STRIDE, first, last, 0u, 16u, quarter_column(i)), i);

  let dnorm_out = memory[row * STRIDE + c];
  norms[(2u * L * N + n) * 16u + c] = norm;
  if (c == 0u) { rstds[2u * L * N + n] = rstd; }
  streams[((DNORM + 2u * L) * N + n) * 16u + c] = dnorm_out;
  let dnorm = dnorm_out * weights[gain];
  let mean = row_sum(total(dnorm), i) / 64.0;
  let along = row_sum(dot(dnorm, norm), i) / 64.0;
  streams[n * 16u + c] = rstd * (dnorm - mean - norm * along);
}
