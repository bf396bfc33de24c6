// Splits long work into several submits: Windows resets a GPU that one submit keeps busy for about two seconds.

/** An iteration longer than LONG_MS is submitted in pieces of about PIECE_MS. */
const LONG_MS = 200, PIECE_MS = 50;
/** Pieces of an iteration while its time is unknown: even if it takes six seconds, no piece takes nearly two. */
const UNKNOWN = 8;

/** @param pace milliseconds per iteration; null if unknown @returns the number of pieces for one iteration */
export function piecesFor(pace: number | null): number {
  if (pace === null) return UNKNOWN;
  return pace > LONG_MS ? Math.ceil(pace / PIECE_MS) : 1;
}

/** @returns [from, to) of each piece of a program's dispatches; every piece is non-empty, every dispatch is in one */
export function ranges(dispatches: number, pieces: number): [number, number][] {
  const count = Math.max(1, Math.min(dispatches, pieces));
  const edge = (i: number) => Math.floor(i * dispatches / count);
  return Array.from({ length: count }, (_, i) => [edge(i), edge(i + 1)]);
}
