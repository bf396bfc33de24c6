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

// Eight rows: the weights of two steps of a product.
struct Steps { one: Block, two: Block }

fn steps_at(place: u32, width: u32) -> Steps {
  return Steps(weights_at(place, width), weights_at(place + 4u * width, width));
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

// Always 0, but the compiler cannot know it. Added to the end of a loop, it keeps the loop from being unrolled: a GPU
// fetches each kernel's instructions anew in every iteration, and fetching a long kernel takes longer than running it.
var<private> zero: u32;

// start + rows of a tile times weights, for `terms` terms, a multiple of 8. row: index in memory of the first row's
// first four terms; place: of the weights that they meet, and width: of the matrix's rows; all in vec4.
// A load from the GPU's memory takes long. So each two steps' weights are loaded while the two before are multiplied, and
// `first`, those of the first two, by the caller, before it has to wait at a barrier.
fn product(start: Block, row: u32, stride: u32, terms: u32, place: u32, width: u32, first: Steps) -> Block {
  var sum = start;
  var now = first;
  for (var k = 0u; k < terms + zero; k += 8u) {
    let next = steps_at(place + min(k + 8u, terms - 8u) * width, width);
    sum = multiply(sum, row + k / 4u, stride, now.one);
    sum = multiply(sum, row + k / 4u + 1u, stride, now.two);
    now = next;
  }
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

const PARTIAL = ROWS * 16u; // vec4 in the partial sums of a tile

// In a product of 64 columns, each quarter of the invocations computes a quarter of the terms. This adds the four
// partial sums, always in the same order, and stores them in the first tile; WIDE is overwritten.
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
