// What tiled products share: not a kernel, but appended to those that use it. engine/wgsl/README.md explains tiles.
// 64 invocations compute a tile of ROWS x 64 sums, 16 terms at a time. They keep those terms of the tile's rows and
// columns in shared memory, and load the next 16 from the GPU's memory while they multiply. With TEAMS = 2, two times
// 64 invocations share the terms, and their sums are added.
// A kernel that uses this has
// - load_left and load_right(tile, j, term): the four vec4 that invocation j of 64 loads of the 16 terms from `term` on
// - made_left and made_right(x): what is multiplied, made of what was loaded. It is separate from loading, because it
//   has to wait for what was loaded, and loading must not wait
// There are two ways to share out the terms among invocations:
// - LEFT_ALONG or RIGHT_ALONG = true, if a vec4 is four neighbours in one term: along_term and j % 16 say which
// - false, if a vec4 is four terms of one row or column: quad and across say which

// For each team its rows, then its columns. Of 64 rows, the four terms of a quad or four rows of a term are each 16
// vec4; where rows lie across, row 4 v + e of a quad is number 16 e + v, so that neighbours write to other memory
// banks.
var<workgroup> memory: array<vec4f, TEAMS * 4u * (ROWS + 64u)>;

const WIDE = ROWS / 4u;

// The term, from 0 to 15, of number k of the four vec4 of invocation j.
fn along_term(j: u32, k: u32) -> u32 { return j / 16u + 4u * k; }

// Which four terms, from 0 to 3, of all vec4 of invocation j; and the row or column of number k. A tile of 32 rows has
// no numbers 2 and 3.
fn quad(j: u32) -> u32 { return j / 8u % 4u; }
fn across(j: u32, k: u32) -> u32 { return 4u * (j % 8u) + j / 32u + 2u * (k % 2u) + 32u * (k / 2u); }

fn keep_along(at: u32, j: u32, x: mat4x4f) {
  memory[at + j] = x[0];
  memory[at + j + 64u] = x[1];
  memory[at + j + 128u] = x[2];
  memory[at + j + 192u] = x[3];
}

fn keep_across(side: u32, wide: u32, j: u32, x: mat4x4f) {
  let at = side + (4u * quad(j) + j / 32u) * wide + j % 8u;
  memory[at] = x[0];
  memory[at + 2u * wide] = x[1];
  if (wide == 16u) {
    memory[at + 8u] = x[2];
    memory[at + 2u * wide + 8u] = x[3];
  }
}

// Four rows of four terms, or four terms of four rows.
fn block(at: u32, wide: u32) -> mat4x4f {
  return mat4x4f(memory[at], memory[at + wide], memory[at + 2u * wide], memory[at + 3u * wide]);
}

// Adds four terms to 4 x 4 sums. rows[r]: terms of row r; columns[t]: term t of the columns.
fn plus(sums: mat4x4f, rows: mat4x4f, columns: mat4x4f) -> mat4x4f {
  return mat4x4f(
    sums[0] + rows[0].x * columns[0] + rows[0].y * columns[1] + rows[0].z * columns[2] + rows[0].w * columns[3],
    sums[1] + rows[1].x * columns[0] + rows[1].y * columns[1] + rows[1].z * columns[2] + rows[1].w * columns[3],
    sums[2] + rows[2].x * columns[0] + rows[2].y * columns[1] + rows[2].z * columns[2] + rows[2].w * columns[3],
    sums[3] + rows[3].x * columns[0] + rows[3].y * columns[1] + rows[3].z * columns[2] + rows[3].w * columns[3],
  );
}

// Sums over the terms from `begin` to `end` (exclusive; a multiple of 16 TEAMS further). Number 2 r + h of an
// invocation is its row r at its four columns h; row_of and column_of say which. Only the first team has them.
fn product(tile: vec3u, i: u32, begin: u32, end: u32) -> array<vec4f, 16> {
  let j = i % 64u;
  let team = i / 64u;
  let left_at = team * 4u * (ROWS + 64u);
  let right_at = left_at + 4u * ROWS;
  let steps = (end - begin) / (16u * TEAMS);
  let first = begin + 16u * steps * team;
  var s00 = mat4x4f();
  var s01 = mat4x4f();
  var s10 = mat4x4f();
  var s11 = mat4x4f();
  var left = load_left(tile, j, first);
  var right = load_right(tile, j, first);
  for (var step = 0u; step < steps; step++) {
    left = made_left(left);
    right = made_right(right);
    if (LEFT_ALONG) { keep_along(left_at, j, left); } else { keep_across(left_at, WIDE, j, left); }
    if (RIGHT_ALONG) { keep_along(right_at, j, right); } else { keep_across(right_at, 16u, j, right); }
    workgroupBarrier();
    if (step + 1u < steps) {
      left = load_left(tile, j, first + 16u * (step + 1u));
      right = load_right(tile, j, first + 16u * (step + 1u));
    }
    for (var q = 0u; q < 4u; q++) {
      let columns = right_at + 64u * q + j % 8u;
      var b0 = block(columns, 16u);
      var b1 = block(columns + 8u, 16u);
      if (!RIGHT_ALONG) {
        b0 = transpose(b0);
        b1 = transpose(b1);
      }
      let rows = left_at + ROWS * q + j / 8u;
      var a0 = block(rows, WIDE);
      if (LEFT_ALONG) { a0 = transpose(a0); }
      s00 = plus(s00, a0, b0);
      s01 = plus(s01, a0, b1);
      if (ROWS == 64u) {
        var a1 = block(rows + 8u, WIDE);
        if (LEFT_ALONG) { a1 = transpose(a1); }
        s10 = plus(s10, a1, b0);
        s11 = plus(s11, a1, b1);
      }
    }
    workgroupBarrier();
  }
  if (TEAMS == 2u) {
    if (team == 1u) {
      hand_over(j, s00);
      hand_over(j + 256u, s01);
      if (ROWS == 64u) {
        hand_over(j + 512u, s10);
        hand_over(j + 768u, s11);
      }
    }
    workgroupBarrier();
    if (team == 0u) {
      s00 += block(j, 64u);
      s01 += block(j + 256u, 64u);
      if (ROWS == 64u) {
        s10 += block(j + 512u, 64u);
        s11 += block(j + 768u, 64u);
      }
    }
  }
  return array<vec4f, 16>(
    s00[0], s01[0], s00[1], s01[1], s00[2], s01[2], s00[3], s01[3],
    s10[0], s11[0], s10[1], s11[1], s10[2], s11[2], s10[3], s11[3],
  );
}

fn hand_over(at: u32, sums: mat4x4f) {
  memory[at] = sums[0];
  memory[at + 64u] = sums[1];
  memory[at + 128u] = sums[2];
  memory[at + 192u] = sums[3];
}

// How many sums an invocation has: eight columns of each row.
const OWN = ROWS / 4u;

// Whether invocation i has them.
fn has_sums(i: u32) -> bool { return i < 64u; }

// The matrix row of number s of these, and the vec4 of columns.
fn row_of(tile: vec3u, i: u32, s: u32) -> u32 {
  return tile.y * ROWS + s / 8u * 32u + 4u * (i % 64u / 8u) + s / 2u % 4u;
}
fn column_of(tile: vec3u, i: u32, s: u32) -> u32 { return tile.x * 16u + i % 8u + 8u * (s % 2u); }

// Adds up `own` over the invocations that share its rows: own[0] of rows 0 to 3 of the first team's invocation i,
// own[1] of the others.
fn row_sums(i: u32, own: mat2x4f) -> mat2x4f {
  workgroupBarrier();
  if (has_sums(i)) {
    memory[i] = own[0];
    memory[i + 64u] = own[1];
  }
  workgroupBarrier();
  let first = i % 64u / 8u * 8u;
  var sums = mat2x4f();
  for (var x = first; x < first + 8u; x++) { sums += mat2x4f(memory[x], memory[x + 64u]); }
  return sums;
}

// The sum of what each row has in two vec4, for row_sums.
fn by_row(x: array<vec4f, 16>) -> mat2x4f {
  return mat2x4f(
    total(x[0] + x[1]), total(x[2] + x[3]), total(x[4] + x[5]), total(x[6] + x[7]),
    total(x[8] + x[9]), total(x[10] + x[11]), total(x[12] + x[13]), total(x[14] + x[15]),
  );
}

fn total(x: vec4f) -> f32 { return (x.x + x.y) + (x.z + x.w); }
