// What attention's two passes share: not a kernel, but appended to the fused kernels that begin with one. The rows of a
// tile belong to one sequence. Four invocations share one head of a row: HS = 16 channels, in four vec4. Each takes
// every fourth of the rows that this row attends to, or that attend to it; these pass through shared memory in chunks of
// ROWS.

fn head_row(i: u32) -> u32 { return i / 256u * 16u + i / 4u % 16u; }

fn head_of(i: u32) -> u32 { return i / 64u % 4u; }

// Second array of a chunk: ROWS rows of 16 vec4, padded as the first.
const SECOND = ROWS * STRIDE;

// Four vec4 of shared memory: one row's head.
fn head_at(place: u32) -> Block { return Block(memory[place], memory[place + 1u], memory[place + 2u], memory[place + 3u]); }

fn inner(x: Block, y: Block) -> f32 { return (dot(x.a, y.a) + dot(x.b, y.b)) + (dot(x.c, y.c) + dot(x.d, y.d)); }

fn scaled(x: Block, factor: f32) -> Block { return Block(factor * x.a, factor * x.b, factor * x.c, factor * x.d); }

fn plus(x: Block, factor: f32, y: Block) -> Block {
  return Block(x.a + factor * y.a, x.b + factor * y.b, x.c + factor * y.c, x.d + factor * y.d);
}

fn four(place: u32) -> vec4f { return (memory[place] + memory[place + 1u]) + (memory[place + 2u] + memory[place + 3u]); }

// Adds up what the four invocations of a row's head have, always in the same order; part p receives vec4 p of the sum.
// Overwrites shared memory; on return, others may still be reading it: wait at a barrier before you write.
fn sum_of_parts(x: Block, i: u32) -> vec4f {
  let part = i % 4u;
  let place = part % 2u * PARTIAL + i - part;
  var sum = vec4f();
  workgroupBarrier();
  memory[i] = x.a;
  memory[PARTIAL + i] = x.b;
  workgroupBarrier();
  if (part < 2u) { sum = four(place); }
  workgroupBarrier();
  memory[i] = x.c;
  memory[PARTIAL + i] = x.d;
  workgroupBarrier();
  if (part >= 2u) { sum = four(place); }
  return sum;
}
