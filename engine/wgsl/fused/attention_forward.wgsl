// Attention for the rows of a tile: not a kernel, but the start of fused/block_forward. Each position sums the values of
// the positions up to itself, weighted by how well its query matches their keys.
//   mixed[t] = sum over j <= t of att[t, j] v[j]     att[t] = softmax over j of (q[t] . k[j] / sqrt(HS))
// A running maximum of the scores keeps the exponentials in range: when it grows, the sums so far are scaled down
// (Milakov and Gimelshein, 2018). At the end the four parts of each head are brought to one scale and added.
// pair    fused/attention_backward

// How well a query matches four keys: the one at `place`, and those 4, 8 and 12 rows further.
fn scores_at(q: Block, place: u32) -> vec4f {
  return vec4f(
    inner(q, head_at(place)),
    inner(q, head_at(place + 4u * STRIDE)),
    inner(q, head_at(place + 8u * STRIDE)),
    inner(q, head_at(place + 12u * STRIDE)),
  );
}

// The sum, shrunk, plus the four keys' values, weighted.
fn add_values(sum: Block, shrink: f32, weights: vec4f, place: u32) -> Block {
  var result = plus(scaled(sum, shrink), weights.x, head_at(place));
  result = plus(result, weights.y, head_at(place + 4u * STRIDE));
  result = plus(result, weights.z, head_at(place + 8u * STRIDE));
  return plus(result, weights.w, head_at(place + 12u * STRIDE));
}

// Writes the mixed values of ROWS rows of layer l, from `begin` on, into the first tile, and for the backward pass into
// `streams`; and ln of the sum of exponentials into `statistics`.
fn attention_forward(i: u32, l: u32, begin: u32) {
  let row = head_row(i);
  let head = head_of(i);
  let part = i % 4u;
  let t = begin % T + row;
  let own = (l * N + begin + row) * 48u + 4u * head;
  let q = scaled(Block(qkv[own], qkv[own + 1u], qkv[own + 2u], qkv[own + 3u]), scale);
  let chunk = (l * N + begin - begin % T + i / 16u) * 48u + 16u + i % 16u; // it loads two vec4 of each chunk
  let place = i / 16u * STRIDE + i % 16u;
  var key = qkv[chunk];
  var value = qkv[chunk + 16u];
  var top = -1e30;
  var sum = 0.0;
  var mix = EMPTY;
  for (var keys = 0u; keys <= begin % T; keys += ROWS) {
    workgroupBarrier();
    memory[place] = key;
    memory[SECOND + place] = value;
    workgroupBarrier();
    if (keys < begin % T) {
      key = qkv[chunk + (keys + ROWS) * 48u];
      value = qkv[chunk + (keys + ROWS) * 48u + 16u];
    }
    for (var j = part; j < ROWS + zero; j += 16u) {
      let at = j * STRIDE + 4u * head;
      let seen = vec4u(keys + j) + vec4u(0u, 4u, 8u, 12u) <= vec4u(t);
      let scores = select(vec4f(-1e30), scores_at(q, at), seen);
      let new_top = max(top, max(max(scores.x, scores.y), max(scores.z, scores.w)));
      let shrink = exp(top - new_top);
      let weights = select(vec4f(), exp(scores - new_top), seen);
      top = new_top;
      sum = sum * shrink + ((weights.x + weights.y) + (weights.z + weights.w));
      mix = add_values(mix, shrink, weights, SECOND + at);
    }
  }

  let first = i - part;
  sums[i] = top;
  workgroupBarrier();
  let summit = max(max(sums[first], sums[first + 1u]), max(sums[first + 2u], sums[first + 3u]));
  let share = exp(top - summit);
  workgroupBarrier();
  sums[i] = sum * share;
  let whole = sum_of_parts(scaled(mix, share), i);
  let total = (sums[first] + sums[first + 1u]) + (sums[first + 2u] + sums[first + 3u]);
  let mixed = whole / total;
  streams[((MIXED + l) * N + begin + row) * 16u + 4u * head + part] = mixed;
  if (part == 0u) { statistics[LSE + (l * N + begin + row) * NH + head] = summit + log(total); }
  workgroupBarrier();
  memory[row * STRIDE + 4u * head + part] = mixed;
  workgroupBarrier();
}
