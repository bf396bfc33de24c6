// What tiled products share: not a kernel, but appended to those that use it. engine/wgsl/README.md explains tiles.
// A workgroup of 128 invocations computes ROWS x 64 sums over `terms`, 16 terms at a time. It keeps those terms of its
// rows and columns in shared memory, and loads the next 16 from the GPU's memory while it multiplies.
// A kernel that uses this has
// - fetch(tile, i, term): the four vec4 that invocation i loads for the 16 terms from `term` on. Invocations 0 to 63
//   load the left matrix, 64 to 127 the right one
// - keep(i, x): stores them, by keep_along if a vec4 is four rows or columns of one term, by keep_across if it is four
//   terms of one row or column

// Of each term: 16 vec4 of rows, and one of padding, so that fewer invocations write to one memory bank at a time; then
// the same of columns.
var<workgroup> terms: array<array<vec4f, 17>, 32>;
const LEFT = 0u;
const RIGHT = 16u;

struct Four { a: vec4f, b: vec4f, c: vec4f, d: vec4f }

// Number j of 64 has vec4 number j mod 16 of four terms: j / 16, 4 + j / 16 and so on.
fn keep_along(side: u32, j: u32, x: Four) {
  let term = side + j / 16u;
  terms[term][j % 16u] = x.a;
  terms[term + 4u][j % 16u] = x.b;
  terms[term + 8u][j % 16u] = x.c;
  terms[term + 12u][j % 16u] = x.d;
}

// Number j of 64 has the four terms from 4 (j mod 4) on, of the four rows or columns from 4 (j / 4) on.
fn keep_across(side: u32, j: u32, x: Four) {
  let term = side + 4u * (j % 4u);
  terms[term][j / 4u] = vec4f(x.a.x, x.b.x, x.c.x, x.d.x);
  terms[term + 1u][j / 4u] = vec4f(x.a.y, x.b.y, x.c.y, x.d.y);
  terms[term + 2u][j / 4u] = vec4f(x.a.z, x.b.z, x.c.z, x.d.z);
  terms[term + 3u][j / 4u] = vec4f(x.a.w, x.b.w, x.c.w, x.d.w);
}

// Sums over the terms from `begin` to `end` (exclusive; a multiple of 16 further): each of an invocation's rows, at its
// four columns. row_of and column_of say which.
fn product(tile: vec3u, i: u32, begin: u32, end: u32) -> array<vec4f, 8> {
  let x = i % 16u;
  let y = i / 16u;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  var s4 = vec4f();
  var s5 = vec4f();
  var s6 = vec4f();
  var s7 = vec4f();
  var next = fetch(tile, i, begin);
  for (var term = begin; term < end; term += 16u) {
    keep(i, next);
    workgroupBarrier();
    if (term + 16u < end) { next = fetch(tile, i, term + 16u); }
    for (var t = 0u; t < 16u; t++) {
      let columns = terms[RIGHT + t][x];
      let rows = terms[LEFT + t][y];
      s0 += rows.x * columns;
      s1 += rows.y * columns;
      s2 += rows.z * columns;
      s3 += rows.w * columns;
      if (ROWS == 64u) {
        let more = terms[LEFT + t][y + 8u];
        s4 += more.x * columns;
        s5 += more.y * columns;
        s6 += more.z * columns;
        s7 += more.w * columns;
      }
    }
    workgroupBarrier();
  }
  return array<vec4f, 8>(s0, s1, s2, s3, s4, s5, s6, s7);
}

// How many rows an invocation has: four of each 32.
const OWN = ROWS / 8u;

// The matrix row of number r of these.
fn row_of(tile: vec3u, i: u32, r: u32) -> u32 { return tile.y * ROWS + r / 4u * 32u + 4u * (i / 16u) + r % 4u; }

// The vec4 of columns.
fn column_of(tile: vec3u, i: u32) -> u32 { return tile.x * 16u + i % 16u; }

// Whether invocation i would load rows that the tile does not have.
fn is_spare(i: u32) -> bool { return i < 64u && i >= ROWS; }
