// What fused kernels share: not a kernel, but appended to those that use it. A workgroup works on a tile of ROWS rows of
// 64 channels, with 256 invocations for each 16 rows. It alternates between three ways of dividing the work:
// - one vec4 of a row each: invocation i has row i / 16 and channels 4 (i mod 16) ..
// - products: invocation i has four columns, 4 column() .., of the four rows line(), line() + 4, + 8, + 12. It then
//   needs two loads for sixteen multiplications, and adjacent invocations load together.
// - attention: four invocations share a row's head, see heads.wgsl.

// Tiles are stored here as rows of vec4. STRIDE is 17 vec4 for 64 channels: with one vec4 of padding, rows that are
// read together start in different memory banks.
const STRIDE = 17u;
const WIDE = ROWS * 17u; // after the first tile: space for as many rows of 128 channels, or for partial sums
const WIDE_STRIDE = 33u;
var<workgroup> memory: array<vec4f, ROWS * 50u>;
var<workgroup> sums: array<f32, ROWS * 16u>;

// An invocation's four rows (a, b, c, d) and four columns.
struct Block { a: vec4f, b: vec4f, c: vec4f, d: vec4f }

const EMPTY = Block(vec4f(), vec4f(), vec4f(), vec4f());

fn line(i: u32) -> u32 { return i / 256u * 16u + i / 8u % 4u; }

// If the 256 invocations of 16 rows share 64 x 4 = 256 columns.
fn column(i: u32) -> u32 { return i / 32u % 8u * 8u + i % 8u; }

// If each quarter of them covers 16 x 4 = 64 columns, and a quarter of the terms.
fn quarter_of(i: u32) -> u32 { return i / 64u % 4u; }

fn quarter_column(i: u32) -> u32 { return i / 32u % 2u * 8u + i % 8u; }

// Four rows of a weight matrix, at one vec4 of columns.
fn weights_at(place: u32, width: u32) -> Block {
  return Block(weights[place], weights[place + width], weights[place + 2u * width], weights[place + 3u * width]);
}

// sum + rows of a tile times four rows w of weights. row: index in memory of the first row's four terms.
fn multiply(sum: Block, row: u32, stride: u32, w: Block) -> Block {
  let a = memory[row];
  let b = memory[row + 4u * stride];
  let c = memory[row + 8u * stride];
  let d = memory[row + 12u * stride];
  return Block(
    sum.a + a.x * w.a + a.y * w.b + a.z * w.c + a.w * w.d,
    sum.b + b.x * w.a + b.y * w.b + b.z * w.c + b.w * w.d,
    sum.c + c.x * w.a + c.y * w.b + c.z * w.c + c.w * w.d,
    sum.d + d.x * w.a + d.y * w.b + d.z * w.c + d.w * w.d,
  );
}

// start + rows of the tile at `origin` times weights, for terms 4 first .. 4 last. All indices count vec4.
// stride: of the tile's rows; weight: index of the matrix; width: of its rows. Loads the weights for four steps before
// the first is used, because a load takes longer than the multiplications.
fn product(start: Block, i: u32, origin: u32, stride: u32, first: u32, last: u32, weight: u32, width: u32, column: u32) -> Block {
  var sum = start;
  var k = first;
  let row = origin + line(i) * stride;
  let place = weight + column;
  for (; k + 4u <= last; k += 4u) {
    let w = weights_at(place + 4u * k * width, width);
    let x = weights_at(place + 4u * (k + 1u) * width, width);
    let y = weights_at(place + 4u * (k + 2u) * width, width);
    let z = weights_at(place + 4u * (k + 3u) * width, width);
    sum = multiply(sum, row + k, stride, w);
    sum = multiply(sum, row + k + 1u, stride, x);
    sum = multiply(sum, row + k + 2u, stride, y);
    sum = multiply(sum, row + k + 3u, stride, z);
  }
  for (; k < last; k++) { sum = multiply(sum, row + k, stride, weights_at(place + 4u * k * width, width)); }
  return sum;
}

// Stores an invocation's block of a product in the tile at `to`.
fn put(block: Block, i: u32, to: u32, stride: u32, column: u32) {
  let place = to + line(i) * stride + column;
  memory[place] = block.a;
  memory[place + 4u * stride] = block.b;
  memory[place + 8u * stride] = block.c;
  memory[place + 12u * stride] = block.d;
}

// In a product of 64 columns, each quarter of the invocations computes a quarter of the terms. This adds the four
// partial sums, always in the same order, and stores them in the first tile; WIDE is overwritten.
const PARTIAL = ROWS * 16u;

fn sum_quarters(block: Block, i: u32) {
  let quarter = quarter_of(i);
  let column = quarter_column(i);
  let place = WIDE + quarter % 2u * PARTIAL + line(i) * 16u + column;
  workgroupBarrier();
  if (quarter >= 2u) { put(block, i, WIDE + (quarter - 2u) * PARTIAL, 16u, column); }
  workgroupBarrier();
  var half = block;
  if (quarter < 2u) {
    half = Block(block.a + memory[place], block.b + memory[place + 64u], block.c + memory[place + 128u],
      block.d + memory[place + 192u]);
  }
  if (quarter == 1u) { put(half, i, WIDE + PARTIAL, 16u, column); }
  workgroupBarrier();
  if (quarter == 0u) {
    let other = place + PARTIAL;
    put(Block(half.a + memory[other], half.b + memory[other + 64u], half.c + memory[other + 128u],
      half.d + memory[other + 192u]), i, 0u, STRIDE, column);
  }
  workgroupBarrier();
}

// Sum over a row, returned to each of its invocations.
fn row_sum(value: f32, i: u32) -> f32 {
  workgroupBarrier();
  sums[i] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var j = 0u; j < 16u; j++) { sum += sums[i / 16u * 16u + j]; }
  return sum;
}

fn total(x: vec4f) -> f32 { return (x.x + x.y) + (x.z + x.w); }
