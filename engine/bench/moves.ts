// The rule by which bytes count as moved between the GPU's memory and its workgroups.

/**
 * Numbers that all workgroups of a dispatch load and store. For each workgroup, a number in a buffer counts once if the
 * workgroup reads it, however often, and once if it writes it; caches are ignored. Reading a vector counts all its
 * numbers. Where the text decides what is read, all characters that a workgroup reads are assumed to differ.
 */
export interface Moves {
  loads: number;
  stores: number;
}

/**
 * What a dispatch moves, from its constants, grid and layer. The layer is l if the tensor "layer/<l>" is bound, else NaN.
 */
export type MovesOf = (constants: Record<string, number>, workgroups: [number, number, number], layer: number) => Moves;
