// GELU and its slope, for four numbers: not a kernel, but appended to those that use it. The plain kernels gelu_forward
// and gelu_backward explain the formulas.
const ROOT = 0.7978845608028654; // sqrt(2 / pi)
const CUBIC = 0.044715;

fn gelu(x: vec4f) -> vec4f {
  let u = ROOT * x * (1.0 + CUBIC * x * x);
  return x / (1.0 + exp(-2.0 * u));
}

fn gelu_slope(x: vec4f) -> vec4f {
  let u = ROOT * x * (1.0 + CUBIC * x * x);
  let s = 1.0 / (1.0 + exp(-2.0 * u));
  // Far from 0, s is 0 or 1 and this term is 0; x^3 would overflow there, and 0 times infinity is NaN.
  let near = clamp(x, vec4f(-20.0), vec4f(20.0));
  let bend = 2.0 * near * s * (1.0 - s) * ROOT * (1.0 + 3.0 * CUBIC * near * near);
  return s + select(vec4f(), bend, abs(x) < vec4f(20.0));
}
