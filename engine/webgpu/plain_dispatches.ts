// Dispatches of the plain plan that several of its files, or other plans, use.
import type { BackendOptions } from "../training/backend.ts";
import { invocations, MATMUL_SIDE, ONE_WORKGROUP, squares } from "./grids.ts";
import { layoutOf } from "./layout.ts";
import type { Dispatch } from "./plan.ts";
import { RING } from "./shared_tensors.ts";
import type { Sizes } from "./sizes.ts";

export function matmulForward(
  sizes: Sizes,
  rows: number,
  label: string,
  [inp, weight, out]: string[],
  K: number,
  M: number,
): Dispatch {
  return {
    label,
    kernel: "matmul_forward",
    bindings: [inp, weight, out],
    workgroups: squares(MATMUL_SIDE, M, rows),
    constants: { N: sizes.N, K, M },
  };
}

export function matmulBackward(
  sizes: Sizes,
  rows: number,
  label: string,
  [dout, weight, dinp]: string[],
  K: number,
  M: number,
): Dispatch {
  return {
    label,
    kernel: "matmul_backward",
    bindings: [dout, weight, dinp],
    workgroups: squares(MATMUL_SIDE, K, rows),
    constants: { N: sizes.N, K, M },
  };
}

/** `count` numbers, one invocation each. */
export function elementwise(label: string, kernel: string, bindings: string[], count: number, SIZE: number): Dispatch {
  return { label, kernel, bindings, workgroups: invocations(kernel, count), constants: { SIZE } };
}

/** Where the sequences of this iteration's batch begin. */
export function drawBatch({ B, T }: Sizes, { training_length }: BackendOptions): Dispatch {
  return {
    label: "draw the batch",
    kernel: "batch_draw",
    bindings: ["counter", "starts"],
    workgroups: invocations("batch_draw", B),
    constants: { B, STARTS: training_length - T },
  };
}

/** Copies the batch at `starts` from the text. */
export function gatherBatch({ B, T, N }: Sizes): Dispatch {
  return {
    label: "gather the batch",
    kernel: "batch_gather",
    bindings: ["tokens", "starts", "inp", "targets"],
    workgroups: invocations("batch_gather", N),
    constants: { B, T },
  };
}

/** Copies into `inp` the end of the text that the model is writing. */
export function gatherWritten({ T }: Sizes, inp = "inp"): Dispatch {
  return {
    label: "gather what is written",
    kernel: "sample_gather",
    bindings: ["written", "writing", inp],
    workgroups: invocations("sample_gather", T),
    constants: { T },
  };
}

/**
 * Reads the stream that enters block `l` as the model's end would.
 * @param stream name of its tensor @param rows how many, from the row that `writing` gives
 */
export function readEarly(
  { T, C, V }: Sizes,
  { run: { model: { layer_norm_eps: eps } } }: BackendOptions,
  l: number,
  stream: string,
  rows = 1,
): Dispatch {
  return {
    label: `h.${l} stream, read early`,
    kernel: "stream_read",
    bindings: ["writing", stream, "params/ln_f.weight", "params/ln_f.bias", "params/wte", `early/${l}`],
    workgroups: [rows, 1, 1],
    constants: { T, C, V, eps },
  };
}

/** Draws a character from the logits of the last position. */
export function appendCharacter({ T, V }: Sizes): Dispatch {
  return {
    label: "append a character",
    kernel: "sample_append",
    bindings: ["logits", "noise", "expected", "written", "writing"],
    workgroups: ONE_WORKGROUP,
    constants: { T, V },
  };
}

/** Applies AdamW, then writes the loss into the ring. */
export function update({ N }: Sizes, { run: { model, training } }: BackendOptions): Dispatch[] {
  const SIZE = layoutOf(model).size;
  const { beta1, beta2, eps, weight_decay } = training;
  return [
    {
      label: "AdamW",
      kernel: "adamw_update",
      bindings: ["counter", "schedule", "decays", "grads", "params", "m", "v"],
      workgroups: invocations("adamw_update", SIZE),
      constants: { SIZE, beta1, beta2, eps, weight_decay },
    },
    {
      label: "finish the iteration",
      kernel: "iteration_finish",
      bindings: ["nll", "losses", "counter"],
      workgroups: ONE_WORKGROUP,
      constants: { N, RING },
    },
  ];
}
