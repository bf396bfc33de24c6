// The text “echo” (build/texts/echo.py) has a random run of letters in each line, written several times with a space
// between: “dkfa dkfa dkfa dkfa”. These functions tell the first writing of a run from its copies, in a window of the text.

/**
 * What a character of a window is. "first": in the first writing of a run, or the space after it. "copy": in a later one,
 * or the space or line break after it; everything that decides it is in the window. "unknown": its line begins before the
 * window, which therefore does not tell how often the run has been written already.
 */
export type Role = "unknown" | "first" | "copy";

/**
 * @param tokens a window of the text
 * @param characters the vocabulary, in its order
 * @returns for each of the tokens after the first, its role
 */
export function writingRoles(tokens: Uint8Array, characters: string[]): Role[] {
  const line_break = characters.indexOf("\n"), space = characters.indexOf(" ");
  let next: Role = tokens[0] === line_break ? "first" : "unknown";
  return Array.from(tokens.subarray(1), (token) => {
    const role = next;
    if (token === line_break) next = "first";
    else if (token === space && role === "first") next = "copy";
    return role;
  });
}

/**
 * The mean losses of first writings and of copies, in nats per character; null if the windows do not have both.
 * @param nll [starts.length, T]: the losses of the T characters that follow each start
 * @param tokens the whole text
 * @param characters the vocabulary, in its order
 */
export function writingsNll(
  nll: Float32Array,
  starts: Uint32Array,
  tokens: Uint8Array,
  characters: string[],
): { first: number; copies: number } | null {
  const T = nll.length / starts.length;
  const sums = { unknown: 0, first: 0, copy: 0 }, counts = { ...sums };
  starts.forEach((start, window) => {
    writingRoles(tokens.subarray(start, start + T + 1), characters).forEach((role, i) => {
      sums[role] += nll[window * T + i];
      counts[role]++;
    });
  });
  if (counts.first === 0 || counts.copy === 0) return null;
  return { first: sums.first / counts.first, copies: sums.copy / counts.copy };
}
