// LayerNorm for kernels that load rows: not a kernel, but appended to those that use it. The kernel that wrote the rows
// also wrote moments [N, C / 64, 2]: the mean of each 64 channels, and the sum of their squared distances from that mean.
// Chan, Golub and LeVeque (1979) add such sums without losing digits.
const PIECES = C / 64u;

// mean and rstd of row n.
fn statistics_of(n: u32) -> vec2f {
  var mean = 0.0;
  for (var p = 0u; p < PIECES; p++) { mean += moments[n * PIECES + p].x; }
  mean *= 1.0 / f32(PIECES);
  var squares = 0.0;
  for (var p = 0u; p < PIECES; p++) {
    let piece = moments[n * PIECES + p];
    squares += piece.y + 64.0 * (piece.x - mean) * (piece.x - mean);
  }
  return vec2f(mean, 1.0 / sqrt(squares * (1.0 / f32(C)) + eps));
}

var<private> own_rows: vec4u; // those that an invocation loads

fn prepare(tile: vec3u, j: u32) {
  let first = tile.y * ROWS;
  own_rows = min(first + vec4u(across(j, 0u), across(j, 1u), across(j, 2u), across(j, 3u)), vec4u(N - 1u));
  own_statistics[0] = statistics_of(own_rows.x);
  own_statistics[1] = statistics_of(own_rows.y);
  if (ROWS == 64u) {
    own_statistics[2] = statistics_of(own_rows.z);
    own_statistics[3] = statistics_of(own_rows.w);
  }
  // The backward pass needs them, too.
  if (tile.x == 0u && quad(j) == 0u) {
    statistics[own_rows.x] = own_statistics[0];
    statistics[own_rows.y] = own_statistics[1];
    if (ROWS == 64u) {
      statistics[own_rows.z] = own_statistics[2];
      statistics[own_rows.w] = own_statistics[3];
    }
  }
}

// Four channels of these rows before LayerNorm.
fn load_left(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let c = term / 4u + quad(j);
  gain = norm[c];
  bias = norm[C / 4u + c];
  let rows = own_rows * (C / 4u) + c;
  var x = mat4x4f(inp[rows.x], inp[rows.y], vec4f(), vec4f());
  if (ROWS == 64u) {
    x[2] = inp[rows.z];
    x[3] = inp[rows.w];
  }
  return x;
}

// And after it.
fn made_left(x: mat4x4f) -> mat4x4f { return normed(x); }
