// The gradient through a GELU: nearly all of it passes where x is large, almost none where x is far below zero.
//   forward: out = x s     with s = 1 / (1 + e^(-2u)) and u = sqrt(2 / pi) (x + 0.044715 x^3)
//   dinp = dout (s + 2 x s (1 - s) du/dx)     with du/dx = sqrt(2 / pi) (1 + 3 * 0.044715 x^2)
// reads   dout [SIZE], inp [SIZE]
// writes  dinp [SIZE]
// grid    one invocation per number
// pair    gelu_forward
@group(0) @binding(0) var<storage, read> dout: array<f32>;
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(2) var<storage, read_write> dinp: array<f32>;

const ROOT = 0.7978845608028654; // sqrt(2 / pi)
const CUBIC = 0.044715;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= SIZE) { return; }
  let x = inp[id.x];
  let u = ROOT * x * (1.0 + CUBIC * x * x);
  let s = 1.0 / (1.0 + exp(-2.0 * u));
  // Far from 0, s is 0 or 1 and this term is 0; x^3 would overflow there, and 0 times infinity is NaN.
  var bend = 0.0;
  if (abs(x) < 20.0) { bend = 2.0 * x * s * (1.0 - s) * ROOT * (1.0 + 3.0 * CUBIC * x * x); }
  dinp[id.x] = dout[id.x] * (s + bend);
}
