// The gradient through a product and the LayerNorm before it, for rows that are one tile wide: tiled/matmul_backward,
// then tiled/layernorm_backward.
//   forward: out[n, m] = sum over k of x[n, k] weight[k, m]     with x = norm gain + bias, norm = (inp - mean) rstd
//   dx[n, k] = sum over m of dout[n, m] weight[k, m]
//   dinp = dstream + rstd (dnorm - mean of dnorm - norm * mean of dnorm norm)     with dnorm = dx gain
// reads   dout [N, M], weight [K, M] with K = 64, inp [N, K], statistics [N, 2]: mean, rstd; norm [2, K]: gain, bias;
//         dstream [N, K]
// writes  dx [N, K], for the gradients of gain and bias; dinp [N, K]
// grid    y: ROWS rows of dinp
// pair    tiled/layernorm_matmul_forward
@group(0) @binding(0) var<storage, read> dout: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> inp: array<vec4f>;
@group(0) @binding(3) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(4) var<storage, read> norm: array<vec4f>;
@group(0) @binding(5) var<storage, read> dstream: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dinp: array<vec4f>;

@compute @workgroup_size(64 * TEAMS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) i: u32) {
  through_layernorm(tile, i, product(tile, i, 0u, M));
}

fn stream_at(at: u32) -> vec4f { return dstream[at]; }
