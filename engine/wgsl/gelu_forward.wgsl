// Passes positive numbers and suppresses negative ones, with a smooth bend in between.
//   out = x s     with s = 1 / (1 + e^(-2u)) and u = sqrt(2 / pi) (x + 0.044715 x^3)
// This equals x/2 (1 + tanh u), but avoids tanh, which some GPUs get wrong for large numbers.
// reads   inp [SIZE]
// writes  out [SIZE]
// grid    one invocation per number
// pair    gelu_backward
@group(0) @binding(0) var<storage, read> inp: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

const ROOT = 0.7978845608028654; // sqrt(2 / pi)
const CUBIC = 0.044715;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= SIZE) { return; }
  let x = inp[id.x];
  let u = ROOT * x * (1.0 + CUBIC * x * x);
  out[id.x] = x / (1.0 + exp(-2.0 * u));
}
