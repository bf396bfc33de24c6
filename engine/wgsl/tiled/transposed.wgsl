// How tiled products with transposed weights load: not a kernel, but appended to those that use it.
const RIGHT_ALONG = false;

fn left_at(row: u32, c: u32) -> vec4f { return dout[min(row, N - 1u) * (M / 4u) + c]; }

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
