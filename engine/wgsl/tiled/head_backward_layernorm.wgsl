// The gradient through the output head and the last LayerNorm, for rows that are one tile wide: tiled/head_backward,
// then tiled/layernorm_backward without a stream beside it.
//   forward: logits[n, v] = x[n] . wte[v]     with x = norm gain + bias, norm = (inp - mean) rstd
//   dx[n, c] = sum over v of dlogits[n, v] wte[v, c]
//   dinp = rstd (dnorm - mean of dnorm - norm * mean of dnorm norm)     with dnorm = dx gain
// reads   dlogits [N, V'], with V rounded up to V', a multiple of 64; wte [V, C] with C = 64, inp [N, C], statistics
//         [N, 2]: mean, rstd; norm [2, C]: gain, bias
// writes  dx [N, C], for the gradients of gain and bias; dinp [N, C]
// grid    y: ROWS rows of dinp
// pair    tiled/head_forward
@group(0) @binding(0) var<storage, read> dlogits: array<vec4f>;
@group(0) @binding(1) var<storage, read> wte: array<vec4f>;
@group(0) @binding(2) var<storage, read> inp: array<vec4f>;
@group(0) @binding(3) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(4) var<storage, read> norm: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dinp: array<vec4f>;

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  through_layernorm(tile, i, product(tile, i, 0u, (V + 31u) / 32u * 32u));
}

fn stream_at(at: u32) -> vec4f { return vec4f(); }
