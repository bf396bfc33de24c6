// The tiled plan: the mathematics of the plain one for widths that are multiples of 64, with fast products. A workgroup
// computes a tile of 64 columns; LayerNorm, GELU and residual sums happen where a product loads its input or stores its
// result; attention never stores what is of size T x T; and a dispatch computes the gradients of one kind of matrix in
// all layers.
import type { BackendOptions } from "../training/backend.ts";
import { appendCharacter, drawBatch, gatherBatch, gatherWritten, update } from "./plain_dispatches.ts";
import { memoryOf, type Plan } from "./plan.ts";
import { sharedTensors } from "./shared_tensors.ts";
import { backward } from "./tiled_backward.ts";
import { forward, loss } from "./tiled_forward.ts";
import { normPairs, TILE, tiledSizes, tiledTensors } from "./tiled_sizes.ts";

/** The largest buffer that every WebGPU device binds. */
const LARGEST_BYTES = 2 ** 27;

/** Whether the tiled kernels fit these sizes. */
export function tiledPlanFits(options: BackendOptions): boolean {
  const { n_embd, n_head, block_size, vocab_size, mlp_ratio } = options.run.model, head_size = n_embd / n_head;
  if (n_embd % TILE !== 0 || n_embd > 256 || mlp_ratio !== 4 || block_size > 256 || vocab_size > 256) return false;
  if (head_size % 4 !== 0 || head_size > 64) return false;
  const plan = { name: "tiled", tensors: tiledTensors(tiledSizes(options)), programs: {} };
  return memoryOf(plan).largest_bytes <= LARGEST_BYTES;
}

/** The programs of plainPlan. */
export function tiledPlan(options: BackendOptions): Plan {
  const sizes = tiledSizes(options), { T, N } = sizes;
  const gather = gatherBatch(sizes);
  const gradients = [gather, ...forward(sizes, N, options), ...loss(sizes, "train"), ...backward(sizes)];
  return {
    name: "tiled",
    tensors: [...sharedTensors(options), ...normPairs(options), ...tiledTensors(sizes)],
    programs: {
      train: [drawBatch(sizes, options), ...gradients, ...update(sizes, options)],
      gradients,
      evaluate: [gather, ...forward(sizes, N, options), ...loss(sizes, "evaluate")],
      generate: [
        gatherWritten(sizes),
        ...forward(sizes, T, options, true),
        appendCharacter(sizes),
      ],
    },
  };
}
