// Stores the batch's mean loss and counts the iteration; the last dispatch of each iteration.
//   losses[iteration mod RING] = mean over n of nll[n]     iteration = iteration + 1
// Losses are stored as bits, so that NaN and infinity cannot get lost. The engine reads them back now and then.
// reads   nll [N]
// writes  losses [RING], counter [4]: iteration
// grid    one workgroup
// pair    none
@group(0) @binding(0) var<storage, read> nll: array<f32>;
@group(0) @binding(1) var<storage, read_write> losses: array<u32>;
@group(0) @binding(2) var<storage, read_write> counter: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) i: u32) {
  let loss = mean_loss(i);
  if (i > 0u) { return; }
  let iteration = counter[0];
  losses[iteration % RING] = loss;
  counter[0] = iteration + 1u;
}
