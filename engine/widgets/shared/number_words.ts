// The sentence beside a number field: how its text was read, or what to type instead.
import { shortened } from "../../wording.ts";
import type { Reading } from "./typed_number.ts";

const TYPE = "Type a number above 0, such as 0.01 or 1e-2.";

/** A number as people write it: 0.003, 10, 1e-7, 1e37. */
export function plainNumber(value: number): string {
  return (value < 1e-4 ? value.toExponential() : String(value)).replace("e+", "e");
}

/** The sentence for a field; empty if the text is already a plain number. */
export function readingWords(text: string, reading: Reading): string {
  const typed = `“${shortened(text.trim())}”`;
  if ("value" in reading) {
    return Number(text) === reading.value ? "" : `${typed} was read as ${plainNumber(reading.value)}.`;
  }
  switch (reading.refused) {
    case "empty":
      return TYPE;
    case "unreadable":
      return `${typed} cannot be read as one number. ${TYPE}`;
    case "not finite":
      return `${typed} is not a size. ${TYPE}`;
    case "zero":
      return `${typed} was read as 0, a rate at which nothing is learnt. ${TYPE}`;
    case "negative":
      return `${typed} was read as ${shortened(reading.shown)}, which is below 0. ${TYPE}`;
    case "too large":
      return `${typed} was read as ${
        shortened(reading.shown)
      }. The engine computes with 32-bit numbers, which end near ` +
        `3.4e38. Type a smaller number.`;
    case "too small":
      return `${typed} was read as ${
        shortened(reading.shown)
      }. The engine computes with 32-bit numbers, which round that ` +
        `to 0: the smallest is near 1.4e-45. Type a larger number.`;
    case "ambiguous":
      return `${typed} can be read in two ways. Type ${reading.larger} or ${reading.smaller}.`;
  }
}
