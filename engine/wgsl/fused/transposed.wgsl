// Where a weight goes in `transposed`, and whether AdamW decays it; appended to the kernels that need this.

// In a matrix of `height` rows and `width` columns that begins at `begin`.
fn place_in_matrix(place: u32, begin: u32, height: u32, width: u32) -> u32 {
  return begin + (place - begin) % width * height + (place - begin) / width;
}

fn transposed_place(i: u32) -> u32 {
  if (i < FIRST_LAYER || i >= LN_F) { return i; }
  let h = i - (i - FIRST_LAYER) % LAYER_SIZE;
  let place = i - h;
  if (place >= MLP_PROJ) { return place_in_matrix(i, h + MLP_PROJ, 256u, 64u); }
  if (place >= FC) { return place_in_matrix(i, h + FC, 64u, 256u); }
  if (place >= LN_2) { return i; }
  if (place >= ATTN_PROJ) { return place_in_matrix(i, h + ATTN_PROJ, 64u, 64u); }
  if (place >= QKV) { return place_in_matrix(i, h + QKV, 64u, 192u); }
  return i;
}

// In wte^T [C, V'], which follows all the others.
fn wte_place(i: u32) -> u32 {
  return SIZE + i % 64u * ((V + 3u) / 4u * 4u) + i / 64u;
}

// Whether AdamW decays a weight: all but the LayerNorms' gains and biases.
fn decays(i: u32) -> bool {
  if (i < FIRST_LAYER) { return true; }
  if (i >= LN_F) { return false; }
  let place = (i - FIRST_LAYER) % LAYER_SIZE;
  return place >= FC || (place >= QKV && place < LN_2);
}
