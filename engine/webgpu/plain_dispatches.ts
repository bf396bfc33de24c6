// Dispatches that the plain plan's forward and backward pass share.
import type { Dispatch } from "./plan.ts";
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
    workgroups: [Math.ceil(M / 32), Math.ceil(rows / 32), 1],
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
    workgroups: [Math.ceil(K / 32), Math.ceil(rows / 32), 1],
    constants: { N: sizes.N, K, M },
  };
}

/** `count` numbers, one invocation each. */
export function elementwise(label: string, kernel: string, bindings: string[], count: number, SIZE: number): Dispatch {
  return { label, kernel, bindings, workgroups: [Math.ceil(count / 256), 1, 1], constants: { SIZE } };
}
