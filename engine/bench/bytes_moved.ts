// How many bytes an iteration moves between the GPU's memory and its workgroups, by the rule in moves.ts.
import type { Dispatch } from "../webgpu/plan.ts";
import { fused_moves } from "./fused_moves.ts";
import type { Moves, MovesOf } from "./moves.ts";
import { plain_moves } from "./plain_moves.ts";
import { tiled_moves } from "./tiled_moves.ts";

/** What each kernel moves. Tests count what the kernels really do, and compare. */
const moves: Record<string, MovesOf> = { ...plain_moves, ...fused_moves, ...tiled_moves };

const BYTES = 4; // of a number

/** @throws Error if no rule says what the dispatch's kernel moves */
export function movesOf({ kernel, constants, workgroups, bindings }: Dispatch): Moves {
  const of = moves[kernel];
  if (!of) throw new Error(`engine/bench/*_moves.ts does not say what ${kernel} loads and stores.`);
  const layer = bindings.find((name) => name.startsWith("layer/"))?.slice("layer/".length);
  return of(constants, workgroups, Number(layer));
}

/** @returns bytes that the dispatches of a program load and store */
export function bytesMoved(program: Dispatch[]): number {
  return program.map(movesOf).reduce((sum, { loads, stores }) => sum + BYTES * (loads + stores), 0);
}

/** @returns 10^6 bytes, to four significant digits; null for the CPU engine, which dispatches nothing */
export function megabytes(program: Dispatch[] | null): number | null {
  return program && Number((bytesMoved(program) / 1e6).toPrecision(4));
}
