// The tiled plan: the mathematics of the plain one for widths that are multiples of 64, with fast products. A workgroup
// computes a tile of 64 columns; LayerNorm, GELU and residual sums happen where a product loads its input or stores its
// result; attention never stores anything of size T x T; and a dispatch computes the gradients of two kinds of matrices in
// all layers.
import type { BackendOptions } from "../training/backend.ts";
import { type Card, fits } from "./card.ts";
import { invocations, ONE_WORKGROUP } from "./grids.ts";
import { appendCharacter, drawBatch, gatherWritten } from "./plain_dispatches.ts";
import { type Dispatch, memoryOf, type Plan } from "./plan.ts";
import { RING, sharedTensors } from "./shared_tensors.ts";
import { backward, head, sumOfPartials } from "./tiled_backward.ts";
import { forward } from "./tiled_forward.ts";
import { normPairs, type Teams, TILE, type Tiled, tiledSizes, tiledTensors } from "./tiled_sizes.ts";

/** The largest buffer that every WebGPU device binds. */
const LARGEST_BYTES = 2 ** 27;

/** What the workgroups of tiled/tile.wgsl need: for each team, 16 terms of 32 rows and of 64 columns. */
function limitsOfTeams(teams: Teams): Plan["limits"] {
  if (teams === 2) return {}; // WebGPU's defaults are enough
  return { maxComputeWorkgroupStorageSize: teams * 16 * (32 + 64) * 4 };
}

/**
 * How many teams share the terms of a small product. On a card with more cores than the product has tiles, a core has one
 * tile at most, and two teams cannot keep it busy. NVIDIA's largest cards have that many cores. The browser does not say
 * how many there are, so the maker decides. On an H200, a width of 128 is 1.01 times as fast with four teams as with two,
 * and other shapes are as fast.
 */
export function teamsFor(card: Card): Teams {
  return card.info.vendor === "nvidia" && fits(card, limitsOfTeams(4)) ? 4 : 2;
}

/** Whether the tiled kernels fit these sizes. */
export function tiledPlanFits(options: BackendOptions): boolean {
  const { n_embd, n_head, block_size, vocab_size, mlp_ratio } = options.run.model, head_size = n_embd / n_head;
  if (n_embd % TILE !== 0 || n_embd > 256 || mlp_ratio !== 4 || block_size > 256 || vocab_size > 256) return false;
  if (head_size % 4 !== 0 || head_size > 64) return false;
  const plan = { name: "tiled", tensors: tiledTensors(tiledSizes(options)), programs: {} };
  return memoryOf(plan).largest_bytes <= LARGEST_BYTES;
}

/**
 * The programs of plainPlan and two more: run `begin` before the first `train` of a submit, because each iteration ends by
 * drawing the next one's batch. `gather` writes the last iteration's gradient into `grads`.
 * @param most_teams teams that share the terms of a product with few tiles
 */
export function tiledPlan(options: BackendOptions, most_teams: Teams = 2): Plan {
  const sizes = tiledSizes(options, most_teams), { T, N } = sizes;
  const gradients = [...forward(sizes, N, options, "batch"), ...backward(sizes, options)];
  return {
    name: "tiled",
    limits: limitsOfTeams(most_teams),
    tensors: [...sharedTensors(options), ...normPairs(options), ...tiledTensors(sizes)],
    programs: {
      begin: [drawBatch(sizes, options)],
      train: [...gradients, adamw(sizes, options), finish(sizes, options)],
      gradients: [...gradients, sumOfPartials(sizes)],
      gather: [sumOfPartials(sizes)],
      evaluate: [...forward(sizes, N, options, "batch"), head(sizes, options, "evaluate")],
      generate: [
        gatherWritten(sizes),
        ...forward(sizes, T, options, "write"),
        appendCharacter(sizes),
      ],
    },
  };
}

function adamw({ C, V, SIZE, STRIDE, PARTS }: Tiled, options: BackendOptions): Dispatch {
  const { beta1, beta2, eps, weight_decay } = options.run.training;
  return {
    label: "AdamW",
    kernel: "tiled/adamw_update",
    bindings: ["counter", "schedule", "decays", "partials", "params", "m", "v"],
    workgroups: invocations("tiled/adamw_update", SIZE / 4),
    constants: { C, V, SIZE, STRIDE, PARTS, beta1, beta2, eps, weight_decay },
  };
}

function finish({ B, N, T }: Tiled, { training_length }: BackendOptions): Dispatch {
  return {
    label: "finish the iteration, draw the next batch",
    kernel: "tiled/iteration_finish_draw",
    bindings: ["nll", "losses", "counter", "starts"],
    workgroups: ONE_WORKGROUP,
    constants: { B, N, RING, STARTS: training_length - T },
  };
}
