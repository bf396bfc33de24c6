// How many workgroups a dispatch starts. The size of a workgroup is read from the kernel's text, where it stands.
import { kernel_sources } from "./kernels.ts";

export type Grid = [number, number, number];

/** For kernels whose one workgroup does all the work. */
export const ONE_WORKGROUP: Grid = [1, 1, 1];
/** Side of the squares that a workgroup of the matmul kernels computes, and of attention's scores. */
export const MATMUL_SIDE = 32, SCORES_SIDE = 16;

/** One invocation for each of `count` rows, weights or sequences; times `parts` where a sum is taken in parts. */
export function invocations(kernel: string, count: number, parts = 1): Grid {
  return [Math.ceil(count / workgroupSize(kernel)), 1, parts];
}

/** One workgroup for each square of a matrix [rows, columns]; `times` as many for several heads or parts of a sum. */
export function squares(side: number, columns: number, rows: number, times = 1): Grid {
  return [Math.ceil(columns / side), Math.ceil(rows / side), times];
}

function workgroupSize(kernel: string): number {
  const found = kernel_sources[kernel]?.match(/@workgroup_size\((\d+)\)/);
  if (!found) throw new Error(`${kernel}.wgsl has no @workgroup_size of one number`);
  return Number(found[1]);
}
