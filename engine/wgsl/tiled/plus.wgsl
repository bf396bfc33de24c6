// Not a kernel, but appended to those that use it: a small product, whose sums stay in an invocation's registers.

// Adds four terms to 4 x 4 sums, of rows a times columns b: a[r] has the terms of row r, b[t] has term t of the columns.
fn plus(sums: mat4x4f, a: mat4x4f, b: mat4x4f) -> mat4x4f {
  return mat4x4f(
    sums[0] + a[0].x * b[0] + a[0].y * b[1] + a[0].z * b[2] + a[0].w * b[3],
    sums[1] + a[1].x * b[0] + a[1].y * b[1] + a[1].z * b[2] + a[1].w * b[3],
    sums[2] + a[2].x * b[0] + a[2].y * b[1] + a[2].z * b[2] + a[2].w * b[3],
    sums[3] + a[3].x * b[0] + a[3].y * b[1] + a[3].z * b[2] + a[3].w * b[3],
  );
}
