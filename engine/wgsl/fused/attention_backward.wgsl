// The backward pass through fused/attention_forward, for the rows of a tile: not a kernel, but the start of
// fused/block_backward.
//   att[t, j] = e^(q[t] . k[j] scale - lse[t])     datt[t, j] = dmixed[t] . v[j]
//   dscore = att (datt - sum over j of att datt) scale, and that sum is mixed[t] . dmixed[t] = means[t]
//   dq[t] = sum over j <= t of dscore k[j]
//   dk[j] = sum over t >= j of dscore q[t]     dv[j] = sum over t >= j of att dmixed[t]
// Attention weights are recomputed rather than stored (Dao et al., 2022).
// pair    fused/attention_forward

// An attention weight is at most 1. When a run explodes, scores are so large that rounding alone would raise a weight's
// logarithm far above 0, and an infinite weight would spread.
fn weight_of(product: f32, norm: f32) -> f32 {
  return exp(min(product * scale - norm, 0.0));
}

// Writes the gradients of the queries, keys and values of ROWS rows of layer l, from `begin` on, into `dqkv`, and
// into shared memory, as rows of 48 vec4 and one of padding.
fn attention_backward(i: u32, l: u32, begin: u32) {
  let row = head_row(i);
  let head = head_of(i);
  let part = i % 4u;
  let own = (l * N + begin + row) * 48u + 4u * head;
  let place = i / 16u * STRIDE + i % 16u;
  let sequence = begin - begin % T + i / 16u;
  let chunk = (l * N + sequence) * 48u + i % 16u; // this invocation loads two vec4 of each chunk

  // The rows as positions that attend: they meet keys and values.
  let q = Block(qkv[own], qkv[own + 1u], qkv[own + 2u], qkv[own + 3u]);
  let narrow = ((DMIXED + l % 2u) * N + begin + row) * 16u + 4u * head;
  let d = Block(streams[narrow], streams[narrow + 1u], streams[narrow + 2u], streams[narrow + 3u]);
  let norm = statistics[LSE + (l * N + begin + row) * NH + head];
  let mean = statistics[MEANS + (l * N + begin + row) * NH + head];
  var first = qkv[chunk + 16u];
  var second = qkv[chunk + 32u];
  var dq = EMPTY;
  for (var keys = 0u; keys <= begin % T; keys += ROWS) {
    workgroupBarrier();
    memory[place] = first;
    memory[SECOND + place] = second;
    workgroupBarrier();
    if (keys < begin % T) {
      first = qkv[chunk + (keys + ROWS) * 48u + 16u];
      second = qkv[chunk + (keys + ROWS) * 48u + 32u];
    }
    for (var j = part; j < ROWS + zero; j += 4u) {
      let key = head_at(j * STRIDE + 4u * head);
      let datt = inner(d, head_at(SECOND + j * STRIDE + 4u * head));
      let att = select(0.0, weight_of(inner(q, key), norm), keys + j <= begin % T + row);
      dq = plus(dq, att * (datt - mean) * scale, key);
    }
  }

  // The rows as positions that are attended to: they meet queries, and the gradients of mixed values.
  let k = Block(qkv[own + 16u], qkv[own + 17u], qkv[own + 18u], qkv[own + 19u]);
  let v = Block(qkv[own + 32u], qkv[own + 33u], qkv[own + 34u], qkv[own + 35u]);
  let output = ((DMIXED + l % 2u) * N + sequence) * 16u + i % 16u;
  let number = (l * N + begin - begin % T) * NH + i; // of the chunk's lse and means: ROWS NH of them
  first = qkv[chunk + begin % T * 48u];
  second = streams[output + begin % T * 16u];
  var dk = EMPTY;
  var dv = EMPTY;
  for (var queries = begin % T; queries < T; queries += ROWS) {
    workgroupBarrier();
    memory[place] = first;
    memory[SECOND + place] = second;
    if (i < ROWS * NH) { sums[i] = statistics[LSE + number + queries * NH]; }
    else if (i < 2u * ROWS * NH) { sums[i] = statistics[MEANS + number - ROWS * NH + queries * NH]; }
    workgroupBarrier();
    if (queries + ROWS < T) {
      first = qkv[chunk + (queries + ROWS) * 48u];
      second = streams[output + (queries + ROWS) * 16u];
    }
    for (var j = part; j < ROWS + zero; j += 4u) {
      let query = head_at(j * STRIDE + 4u * head);
      let dout = head_at(SECOND + j * STRIDE + 4u * head);
      let att = select(0.0, weight_of(inner(query, k), sums[j * NH + head]), queries + j >= begin % T + row);
      dv = plus(dv, att, dout);
      dk = plus(dk, att * (inner(dout, v) - sums[(ROWS + j) * NH + head]) * scale, query);
    }
  }

  let of_query = sum_of_parts(dq, i);
  let of_key = sum_of_parts(dk, i);
  let of_value = sum_of_parts(dv, i);
  dqkv[own + part] = of_query;
  dqkv[own + 16u + part] = of_key;
  dqkv[own + 32u + part] = of_value;
  workgroupBarrier();
  let tile = row * 49u + 4u * head + part;
  memory[tile] = of_query;
  memory[tile + 16u] = of_key;
  memory[tile + 32u] = of_value;
  workgroupBarrier();
}
