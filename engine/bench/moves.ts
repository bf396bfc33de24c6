// The rule by which bytes count as moved between the GPU's memory and its workgroups.

/**
 * Numbers that all workgroups of a dispatch load and store. A workgroup counts each number of a buffer that it reads
 * once, however often its invocations read it, and each number that it writes once; caches are ignored. A vector counts
 * all its numbers. Where it depends on the text what is read, all characters that a workgroup reads count as different.
 */
export interface Moves {
  loads: number;
  stores: number;
}

/**
 * From a dispatch's constants, grid and layer to its moves. Its constants are those that its kernel has; the layer is
 * that of the tensor "layer/<l>", if it is bound.
 */
export type MovesOf = (constants: Record<string, number>, workgroups: [number, number, number], layer: number) => Moves;
