// The sentences about a reader's guess; session/guess_outcome.ts says how far it lay from the run. No DOM.
import { decimals, shortened } from "../wording.ts";
import { count } from "./shared/format.ts";
import { type Points, valueAt } from "../session/guess.ts";
import type { Reading } from "./shared/typed_number.ts";

/** A loss that a reader guessed, or one beside it: more than two decimals would claim too much. */
export const nats = (value: number) => decimals(value, 2);

/** The guess in a few words. @param shape null if it was drawn by hand */
export function guessWords(points: Points, shape: string | null): string {
  const [first, last] = [points[0], points.at(-1)!];
  if (points.length === 1) return `${nats(last[1])} nats per character`;
  const middle = (first[0] + last[0]) / 2;
  const way = shape ?? `drawn by hand, ${nats(valueAt(points, middle)!)} at iteration ${count(middle)}`;
  return `from ${nats(first[1])} at iteration ${count(first[0])} to ${nats(last[1])} at iteration ${
    count(last[0])
  }, ${way}`;
}

/** The number that a reader guessed, or the sentence to show instead. Zero is a guess too. @param most the largest loss */
export function guessedEnd(text: string, reading: Reading, most: number): { value: number } | { hint: string } {
  const typed = `“${shortened(text.trim())}”`, type = "Type a loss such as 2.5.";
  if ("value" in reading || reading.refused === "too large") {
    if ("value" in reading && reading.value <= most) return reading;
    return { hint: `${typed} is too high: type a loss of at most ${nats(most)}.` };
  }
  switch (reading.refused) {
    case "empty":
      return { hint: "" };
    case "zero":
      return { value: 0 };
    case "negative":
      return { hint: `${typed} is below 0; a loss never is. ${type}` };
    case "ambiguous":
      return { hint: `${typed} can be read in two ways. Type ${reading.larger} or ${reading.smaller}.` };
    default:
      return { hint: `${typed} cannot be read as one number. ${type}` };
  }
}
