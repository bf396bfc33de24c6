// The gradients of the embeddings, in parts of PART_ROWS rows; adamw_update_partials adds them.
//   dwte[v] = sum over n of dlogits[n, v] LN_f(stream)[n] + sum over n with inp[n] = v of dstream[n]
//   dwpe[t] = sum over n at position t of dstream[n]
// wte serves twice: as head, whose part is a matrix product, and as embedding, whose part is one too, with a matrix that
// has a one where row n's character is v. Workgroups below V / 64 do 64 characters each, as layers_backward_weight does
// a square; the last one does the positions.
// reads   weights: the flat vector of params.ts, norms [2L + 1, N, C], dlogits [N, V], inp [N], dstream [N, C]
// writes  partials [PARTS, SIZE]
// grid    x: V / 64 rounded up, and one more; y: parts
// pair    fused/embedding_forward, fused/head_forward
@group(0) @binding(0) var<storage, read> weights: array<vec4f>;
@group(0) @binding(1) var<storage, read> norms: array<vec4f>;
@group(0) @binding(2) var<storage, read> dlogits: array<f32>;
@group(0) @binding(3) var<storage, read> inp: array<u32>;
@group(0) @binding(4) var<storage, read> dstream: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

const SQUARES = (V + 63u) / 64u;

var<workgroup> left: array<vec4f, 512>; // [32, 64]
var<workgroup> right: array<vec4f, 512>;

// Four characters' share of row n, from character v on.
fn share(embedding: bool, n: u32, v: u32) -> vec4f {
  var result = vec4f();
  for (var e = 0u; e < 4u; e++) {
    if (embedding) { result[e] = select(0.0, 1.0, inp[n] == v + e); }
    else if (v + e < V) { result[e] = dlogits[n * V + v + e]; }
  }
  return result;
}

fn positions(part: u32, i: u32) {
  for (var j = i; j < T * 16u; j += 256u) {
    var sum = vec4f();
    for (var n = part * PART_ROWS; n < min(N, (part + 1u) * PART_ROWS); n += T) { sum += dstream[n * 16u + j]; }
    partials[part * (SIZE / 4u) + V * 16u + j] = sum;
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) i: u32) {
  if (id.x == SQUARES) {
    positions(id.y, i);
    return;
  }
  let a = i / 64u * 4u + i / 8u % 4u;
  let b = i / 32u % 2u * 8u + i % 8u;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var begin = 0u; begin < 2u * PART_ROWS; begin += 32u) {
    let embedding = begin >= PART_ROWS;
    workgroupBarrier();
    for (var j = i; j < 512u; j += 256u) {
      let n = id.y * PART_ROWS + begin % PART_ROWS + j / 16u;
      let c = j % 16u;
      left[j] = vec4f();
      right[j] = vec4f();
      if (n < N) {
        left[j] = share(embedding, n, id.x * 64u + 4u * c);
        if (embedding) { right[j] = dstream[n * 16u + c]; }
        else { right[j] = norms[(2u * L * N + n) * 16u + c] * weights[LN_F / 4u + c] + weights[LN_F / 4u + 16u + c]; }
      }
    }
    workgroupBarrier();
    for (var n = 0u; n < 32u; n++) {
      let x = left[n * 16u + a];
      let d = right[n * 16u + b];
      sum0 += x.x * d;
      sum1 += x.y * d;
      sum2 += x.z * d;
      sum3 += x.w * d;
    }
  }
  let v = id.x * 64u + 4u * a;
  let out = id.y * (SIZE / 4u) + v * 16u + b;
  if (v < V) { partials[out] = sum0; }
  if (v + 1u < V) { partials[out + 16u] = sum1; }
  if (v + 2u < V) { partials[out + 32u] = sum2; }
  if (v + 3u < V) { partials[out + 48u] = sum3; }
}
