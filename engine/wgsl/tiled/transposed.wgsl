// How tiled products with transposed weights load: not a kernel, but appended to those that use it.
const LEFT_ALONG = false;
const RIGHT_ALONG = false;

fn dout_at(row: u32, c: u32) -> vec4f { return dout[min(row, N - 1u) * (M / 4u) + c]; }

fn load_left(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let n = tile.y * ROWS;
  let c = term / 4u + quad(j);
  var x = mat4x4f();
  x[0] = dout_at(n + across(j, 0u), c);
  x[1] = dout_at(n + across(j, 1u), c);
  if (ROWS == 64u) {
    x[2] = dout_at(n + across(j, 2u), c);
    x[3] = dout_at(n + across(j, 3u), c);
  }
  return x;
}

fn load_right(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let k = tile.x * 64u;
  let c = term / 4u + quad(j);
  return mat4x4f(
    weight[(k + across(j, 0u)) * (M / 4u) + c],
    weight[(k + across(j, 1u)) * (M / 4u) + c],
    weight[(k + across(j, 2u)) * (M / 4u) + c],
    weight[(k + across(j, 3u)) * (M / 4u) + c],
  );
}

fn made_left(x: mat4x4f) -> mat4x4f { return x; }
fn made_right(x: mat4x4f) -> mat4x4f { return x; }
