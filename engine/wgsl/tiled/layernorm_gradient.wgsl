// The end of tiled products that go back through a LayerNorm whose rows are one tile wide: not a kernel, but appended
// to them. tiled/layernorm_backward, for other widths, explains the formula.
fn through_layernorm(tile: vec3u, i: u32, sums: array<vec4f, 16>) {
  var dnorms = sums;
  var norms: array<vec4f, 16>;
  var products: array<vec4f, 16>;
  for (var s = 0u; s < OWN; s++) {
    let row = row_of(tile, i, s);
    let n = min(row, N - 1u);
    let c = column_of(tile, i, s);
    if (has_sums(i) && row < N) { dx[n * 16u + c] = dnorms[s]; }
    dnorms[s] *= norm[c];
    norms[s] = (inp[n * 16u + c] - statistics[n].x) * statistics[n].y;
    products[s] = dnorms[s] * norms[s];
  }
  let shifts = row_sums(i, by_row(dnorms)) * (1.0 / 64.0);
  let stretches = row_sums(i, by_row(products)) * (1.0 / 64.0);
  if (!has_sums(i)) { return; }
  for (var s = 0u; s < OWN; s++) {
    let n = row_of(tile, i, s);
    let at = n * 16u + column_of(tile, i, s);
    let shift = shifts[s / 8u][s / 2u % 4u];
    let stretch = stretches[s / 8u][s / 2u % 4u];
    if (n < N) { dinp[at] = stream_at(at) + statistics[n].y * (dnorms[s] - shift - norms[s] * stretch); }
  }
}
