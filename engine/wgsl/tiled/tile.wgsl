// What tiled products share: not a kernel, but appended to those that use it. engine/wgsl/README.md explains tiles.
// 64 invocations compute a tile of ROWS x 64 sums, 16 terms at a time. They keep those terms of the tile's rows and
// columns in shared memory, and load the next 16 from the GPU's memory while they multiply. TEAMS, 1, 2 or 4, times 64
// invocations share the terms, and their sums are added.
// A kernel that uses this has
// - load_left and load_right(tile, j, term): the four vec4 that invocation j of 64 loads of the 16 terms from `term` on
// - made_left and made_right(x): turn what was loaded into what is multiplied. They are separate because they wait for the
//   loads; a load function must not wait
// There are two ways to share out the terms among invocations:
// - LEFT_ALONG or RIGHT_ALONG = true: a vec4 is one term of four neighbouring rows or columns; along_term and j % 16 say
//   which. Rows can be shared out like this only if ROWS = 64
// - false: a vec4 is four terms of one row or column; quad and across say which

// For each team, rows[k][y] has term k of rows 4 y to 4 y + 3, and columns[k][x] the same of columns. With LEFT_ALONG =
// false, rows[4 q + e][y] instead has the four terms of quad q of row 4 y + e (RIGHT_ALONG: of columns): neighbours then
// write to different memory banks. In nested arrays, compilers see most of an index as a constant.
const WIDE = ROWS / 4u;
var<workgroup> rows: array<array<array<vec4f, WIDE>, 16>, TEAMS>;
var<workgroup> columns: array<array<array<vec4f, 16>, 16>, TEAMS>;

// The term, from 0 to 15, of number k of the four vec4 of invocation j.
fn along_term(j: u32, k: u32) -> u32 { return j / 16u + 4u * k; }

// quad: which four of the 16 terms invocation j loads. across: the row or column of its vec4 number k; a tile of 32 rows
// has only numbers 0 and 1 of rows.
fn quad(j: u32) -> u32 { return j / 8u % 4u; }
fn across(j: u32, k: u32) -> u32 { return 4u * (j % 8u) + j / 32u + 2u * (k % 2u) + 32u * (k / 2u); }

fn keep_rows(team: u32, j: u32, x: mat4x4f) {
  if (LEFT_ALONG) {
    rows[team][along_term(j, 0u)][j % 16u] = x[0];
    rows[team][along_term(j, 1u)][j % 16u] = x[1];
    rows[team][along_term(j, 2u)][j % 16u] = x[2];
    rows[team][along_term(j, 3u)][j % 16u] = x[3];
    return;
  }
  let e = 4u * quad(j) + j / 32u;
  rows[team][e][j % 8u] = x[0];
  rows[team][e + 2u][j % 8u] = x[1];
  if (ROWS == 64u) {
    rows[team][e][j % 8u + 8u] = x[2];
    rows[team][e + 2u][j % 8u + 8u] = x[3];
  }
}

fn keep_columns(team: u32, j: u32, x: mat4x4f) {
  if (RIGHT_ALONG) {
    columns[team][along_term(j, 0u)][j % 16u] = x[0];
    columns[team][along_term(j, 1u)][j % 16u] = x[1];
    columns[team][along_term(j, 2u)][j % 16u] = x[2];
    columns[team][along_term(j, 3u)][j % 16u] = x[3];
    return;
  }
  let e = 4u * quad(j) + j / 32u;
  columns[team][e][j % 8u] = x[0];
  columns[team][e + 2u][j % 8u] = x[1];
  columns[team][e][j % 8u + 8u] = x[2];
  columns[team][e + 2u][j % 8u + 8u] = x[3];
}

// Four terms of four rows: [r] has the terms of row r.
fn rows_of(team: u32, q: u32, y: u32) -> mat4x4f {
  let e = 4u * q;
  let x = mat4x4f(rows[team][e][y], rows[team][e + 1u][y], rows[team][e + 2u][y], rows[team][e + 3u][y]);
  if (LEFT_ALONG) { return transpose(x); }
  return x;
}

// Four terms of four columns: [t] has term t of the columns.
fn columns_of(team: u32, q: u32, x: u32) -> mat4x4f {
  let e = 4u * q;
  let y = mat4x4f(columns[team][e][x], columns[team][e + 1u][x], columns[team][e + 2u][x], columns[team][e + 3u][x]);
  if (RIGHT_ALONG) { return y; }
  return transpose(y);
}

// Sums over the terms from `begin` to `end` - 1; their number is a multiple of 16 TEAMS. Result 2 r + h is the
// invocation's row r in its h-th four columns: row_of and column_of say which. Only the first team's results are complete.
fn product(tile: vec3u, i: u32, begin: u32, end: u32) -> array<vec4f, 16> {
  let j = i % 64u;
  let team = i / 64u;
  let x = j % 8u;
  let y = j / 8u;
  let steps = (end - begin) / (16u * TEAMS);
  let first = begin + 16u * steps * team;
  var s00 = mat4x4f();
  var s01 = mat4x4f();
  var s10 = mat4x4f();
  var s11 = mat4x4f();
  var left = load_left(tile, j, first);
  var right = load_right(tile, j, first);
  for (var step = 0u; step < steps; step++) {
    keep_rows(team, j, made_left(left));
    keep_columns(team, j, made_right(right));
    workgroupBarrier();
    if (step + 1u < steps) {
      left = load_left(tile, j, first + 16u * (step + 1u));
      right = load_right(tile, j, first + 16u * (step + 1u));
    }
    for (var q = 0u; q < 4u; q++) {
      let b0 = columns_of(team, q, x);
      let b1 = columns_of(team, q, x + 8u);
      let a0 = rows_of(team, q, y);
      s00 = plus(s00, a0, b0);
      s01 = plus(s01, a0, b1);
      if (ROWS == 64u) {
        let a1 = rows_of(team, q, y + 8u);
        s10 = plus(s10, a1, b0);
        s11 = plus(s11, a1, b1);
      }
    }
    workgroupBarrier();
  }
  s00 = of_teams(i, s00);
  s01 = of_teams(i, s01);
  if (ROWS == 64u) {
    s10 = of_teams(i, s10);
    s11 = of_teams(i, s11);
  }
  return array<vec4f, 16>(
    s00[0], s01[0], s00[1], s01[1], s00[2], s01[2], s00[3], s01[3],
    s10[0], s11[0], s10[1], s11[1], s10[2], s11[2], s10[3], s11[3],
  );
}

// Adds the teams' sums in pairs, always the same, until the first team has them all.
fn of_teams(i: u32, own: mat4x4f) -> mat4x4f {
  let team = i / 64u;
  let at = i % 64u / 16u;
  let x = i % 16u;
  var sums = own;
  for (var half = TEAMS / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (team >= half && team < 2u * half) {
      columns[team - half][at][x] = sums[0];
      columns[team - half][at + 4u][x] = sums[1];
      columns[team - half][at + 8u][x] = sums[2];
      columns[team - half][at + 12u][x] = sums[3];
    }
    workgroupBarrier();
    if (team < half) {
      sums += mat4x4f(columns[team][at][x], columns[team][at + 4u][x], columns[team][at + 8u][x],
        columns[team][at + 12u][x]);
    }
  }
  return sums;
}

// vec4 of sums per invocation: two for each of its rows.
const OWN = ROWS / 4u;

// Whether invocation i has them.
fn has_sums(i: u32) -> bool { return i < 64u; }

// The matrix row of result s, and its vec4 of columns.
fn row_of(tile: vec3u, i: u32, s: u32) -> u32 {
  return tile.y * ROWS + s / 8u * 32u + 4u * (i % 64u / 8u) + s / 2u % 4u;
}
fn column_of(tile: vec3u, i: u32, s: u32) -> u32 { return tile.x * 16u + i % 8u + 8u * (s % 2u); }

// Adds up `own` over the invocations that share its rows: own[0] of rows 0 to 3 of the first team's invocation i,
// own[1] of the others.
fn row_sums(i: u32, own: mat2x4f) -> mat2x4f {
  workgroupBarrier();
  if (has_sums(i)) {
    columns[0][i / 16u][i % 16u] = own[0];
    columns[0][4u + i / 16u][i % 16u] = own[1];
  }
  workgroupBarrier();
  let first = i % 64u / 8u * 8u; // the first of the eight that share rows
  var sums = mat2x4f();
  for (var x = 0u; x < 8u; x++) {
    sums += mat2x4f(columns[0][first / 16u][first % 16u + x], columns[0][4u + first / 16u][first % 16u + x]);
  }
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
