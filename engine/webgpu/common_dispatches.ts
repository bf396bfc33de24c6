// What both plans begin and end an iteration with.
import type { BackendOptions } from "../backend.ts";
import type { Dispatch } from "./plan.ts";
import { RING } from "./shared_tensors.ts";
import type { Sizes } from "./sizes.ts";

/** Draws the batch of the iteration, and copies the batch at `starts` out of the text. */
export function batch({ B, T, N }: Sizes, { training_length }: BackendOptions): { draw: Dispatch; gather: Dispatch } {
  return {
    draw: {
      label: "draw the batch",
      kernel: "batch_draw",
      bindings: ["counter", "starts"],
      workgroups: [1, 1, 1],
      constants: { B, STARTS: training_length - T },
    },
    gather: {
      label: "gather the batch",
      kernel: "batch_gather",
      bindings: ["tokens", "starts", "inp", "targets"],
      workgroups: [Math.ceil(N / 64), 1, 1],
      constants: { B, T },
    },
  };
}

/** The loss into the ring, and the counter one on. */
export function finish({ N }: Sizes): Dispatch {
  return {
    label: "finish the iteration",
    kernel: "iteration_finish",
    bindings: ["nll", "losses", "counter"],
    workgroups: [1, 1, 1],
    constants: { N, RING },
  };
}

export function adamConstants({ run: { training } }: BackendOptions): Record<string, number> {
  const { beta1, beta2, eps, weight_decay } = training;
  return { beta1, beta2, eps, weight_decay };
}
