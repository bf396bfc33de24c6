// Logits that are infinite or NaN: not a kernel, but appended to those in which a row of logits meets its loss. WGSL lets
// compilers assume that NaN never occurs; some then lose it in max or exp. Testing the bits is safe.

const EXPONENT = 0x7f800000u; // these bits are all set in infinity and NaN only
const BROKEN = 1e30; // as a row's sum of exponentials: above every sum of 256, each at most 1

fn is_broken(x: vec4f) -> vec4<bool> { return (bitcast<vec4u>(x) & vec4u(EXPONENT)) == vec4u(EXPONENT); }
