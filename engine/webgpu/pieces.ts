// Work in pieces: Windows resets a GPU that one submit keeps busy for about two seconds.

/** An iteration that takes longer is handed over in pieces, each to take so long. */
const LONG_MS = 200, PIECE_MS = 50;
/** Pieces of an iteration as long as its time is not known: then not even one of six seconds comes near the two. */
const UNKNOWN = 8;

/** @param pace milliseconds of an iteration; null where that is not known @returns into how many pieces to cut it */
export function piecesFor(pace: number | null): number {
  if (pace === null) return UNKNOWN;
  return pace > LONG_MS ? Math.ceil(pace / PIECE_MS) : 1;
}

/** @returns [from, to) of each piece of a program's dispatches: none is empty, and none is left out */
export function ranges(dispatches: number, pieces: number): [number, number][] {
  const count = Math.max(1, Math.min(dispatches, pieces));
  const edge = (i: number) => Math.floor(i * dispatches / count);
  return Array.from({ length: count }, (_, i) => [edge(i), edge(i + 1)]);
}
