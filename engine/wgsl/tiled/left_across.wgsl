// How tiled products load rows that are contiguous: not a kernel, but appended to those that use it. left_at(row, c) gives
// four terms of a row.
const LEFT_ALONG = false;

fn load_left(tile: vec3u, j: u32, term: u32) -> mat4x4f {
  let n = tile.y * ROWS;
  let c = term / 4u + quad(j);
  var x = mat4x4f();
  x[0] = left_at(n + across(j, 0u), c);
  x[1] = left_at(n + across(j, 1u), c);
  if (ROWS == 64u) {
    x[2] = left_at(n + across(j, 2u), c);
    x[3] = left_at(n + across(j, 3u), c);
  }
  return x;
}
