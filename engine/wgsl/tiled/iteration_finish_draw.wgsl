// The last dispatch of an iteration: does iteration_finish, and batch_draw for the next iteration.
//   losses[iteration mod RING] = mean over n of nll[n]     iteration = iteration + 1
//   starts[b] = hash32(key, iteration, b) mod STARTS
// reads   nll [N]
// writes  losses [RING], counter [4]: iteration, key of the batches; starts [B]
// grid    one workgroup
// pair    none
@group(0) @binding(0) var<storage, read> nll: array<f32>;
@group(0) @binding(1) var<storage, read_write> losses: array<u32>;
@group(0) @binding(2) var<storage, read_write> counter: array<u32>;
@group(0) @binding(3) var<storage, read_write> starts: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) i: u32) {
  let iteration = counter[0];
  for (var b = i; b < B; b += 256u) { starts[b] = hash32(counter[1], iteration + 1u, b) % STARTS; }
  let loss = mean_loss(i);
  if (i > 0u) { return; }
  losses[iteration % RING] = loss;
  counter[0] = iteration + 1u;
}
