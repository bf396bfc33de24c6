// The plain plan: one kernel per operation, for every size that the engine accepts. Read this plan first; the other
// plans are compared with it.
import type { BackendOptions } from "../training/backend.ts";
import { backward } from "./plain_backward.ts";
import { appendCharacter, drawBatch, gatherBatch, gatherWritten, readEarly, update } from "./plain_dispatches.ts";
import { forward, forwardTensors, loss } from "./plain_forward.ts";
import { aligned, type Dispatch, type Plan, type TensorSpec } from "./plan.ts";
import { sharedTensors } from "./shared_tensors.ts";
import { type Sizes, sizesOf } from "./sizes.ts";

/**
 * Programs: `train` makes one iteration; `gradients` does the same for the batch at `starts`, without an update;
 * `evaluate` computes the losses of the batch at `starts`; `generate` appends one character.
 */
export function plainPlan(options: BackendOptions): Plan {
  const sizes = sizesOf(options), { N } = sizes;
  const gather = gatherBatch(sizes);
  const gradients = [gather, ...forward(sizes, N, options), ...loss(sizes), ...backward(sizes)];
  return {
    name: "plain",
    tensors: [...sharedTensors(options), ...activations(sizes)],
    programs: {
      train: [drawBatch(sizes, options), ...gradients, ...update(sizes, options)],
      gradients,
      evaluate: [gather, ...forward(sizes, N, options), ...loss(sizes)],
      generate: generate(sizes, options),
    },
  };
}

/** What the forward pass keeps for the backward pass, and what kernels pass to each other. */
function activations(sizes: Sizes): TensorSpec[] {
  const { B, N, T, C, NH, V, FF, PARTS } = sizes;
  const list: TensorSpec[] = [...forwardTensors(sizes), { name: "targets", shape: [N], type: "u32" }];
  const add = (name: string, ...shape: number[]) => list.push({ name, shape, type: "f32" });
  add("lse", N);
  add("dlogits", N, V);
  add("dstream", N, C);
  add("dbranch", N, C);
  add("dsmall", N, C);
  add("dhidden", N, FF);
  add("dfc", N, FF);
  add("datt", B * NH * T, T);
  add("dqkv", N, 3 * C);
  const largest = Math.max(3 * C * C, C * FF, 2 * V * C, 2 * aligned(C));
  add("partials", PARTS, largest);
  return list;
}

/** Appends one character. The forward pass runs on all T positions of one sequence: no position sees a later one. */
function generate(sizes: Sizes, options: BackendOptions): Dispatch[] {
  const { T } = sizes;
  return [
    gatherWritten(sizes),
    ...forward(sizes, T, options, { before_block: (l, stream) => [readEarly(sizes, options, l, stream)] }),
    appendCharacter(sizes),
  ];
}
