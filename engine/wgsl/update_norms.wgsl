// Measures an update: how long are the gradient, the step, and the weights before it?
//   norms[i] = |grads|, |params - before|, |before|     with |x| = scale sqrt(sum of (x / scale)^2), over tensor i
// The scale is about the largest number, so that no square overflows or vanishes; it costs a first pass. Infinity and
// NaN make a norm infinite: comparisons could lose them, so they are found by their bits.
// reads   places [tensors, 2]: where tensor i begins, and its size; grads [SIZE], before [SIZE], params [SIZE]
// writes  norms [tensors, 3]
// grid    one workgroup per tensor; each invocation takes every 256th number, then results are combined in pairs
// pair    none
@group(0) @binding(0) var<storage, read> places: array<vec2u>;
@group(0) @binding(1) var<storage, read> grads: array<f32>;
@group(0) @binding(2) var<storage, read> before: array<f32>;
@group(0) @binding(3) var<storage, read> params: array<f32>;
@group(0) @binding(4) var<storage, read_write> norms: array<f32>;

const EXPONENT = vec3u(0x7f800000u); // these bits are all set in infinity and NaN only

var<workgroup> largest: array<vec3f, 256>;
var<workgroup> broken: array<vec3u, 256>;
var<workgroup> sums: array<vec3f, 256>;

// The gradient, the step and the weight at one place.
fn numbers(k: u32) -> vec3f { return vec3f(grads[k], params[k] - before[k], before[k]); }

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  let begin = places[id.x].x + i;
  let end = places[id.x].x + places[id.x].y;
  var most = vec3f();
  var bad = vec3u();
  for (var k = begin; k < end; k += 256u) {
    let x = numbers(k);
    most = max(most, abs(x));
    bad |= select(vec3u(), vec3u(1u), (bitcast<vec3u>(x) & EXPONENT) == EXPONENT);
  }
  largest[i] = most;
  broken[i] = bad;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (i < half) {
      largest[i] = max(largest[i], largest[i + half]);
      broken[i] |= broken[i + half];
    }
  }
  workgroupBarrier();
  // Within these bounds, dividing by the scale is exact enough on every device, and no square overflows.
  let scale = clamp(largest[0], vec3f(1e-30), vec3f(1e30));
  var sum = vec3f();
  for (var k = begin; k < end; k += 256u) {
    let x = numbers(k) / scale;
    sum += x * x;
  }
  sums[i] = sum;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (i < half) { sums[i] += sums[i + half]; }
  }
  if (i > 0u) { return; }
  var bits = select(bitcast<vec3u>(scale * sqrt(sums[0])), EXPONENT, broken[0] > vec3u());
  for (var j = 0u; j < 3u; j++) { norms[3u * id.x + j] = bitcast<f32>(bits[j]); }
}
