// What the block about one flipped bit says. No DOM.
import { BIT_PARTS } from "../../session/one_bit.ts";

/** Digits of a loss and of a weight that are shown. */
const LOSS_DIGITS = 9, WEIGHT_DIGITS = 9, HUGE = 1e6;

/** The part of a number to which a bit belongs: sign, exponent or mantissa. */
export function partOf(bit: number): keyof typeof BIT_PARTS {
  const parts = Object.keys(BIT_PARTS) as (keyof typeof BIT_PARTS)[];
  return parts.find((part) => bit >= BIT_PARTS[part][1])!;
}

export function weight(value: number): string {
  if (!Number.isFinite(value)) return String(value).replace("-", "−");
  return Number(value.toPrecision(WEIGHT_DIGITS)).toString().replaceAll("-", "−");
}

export function lossText(val: number | null): string {
  if (val === null || Number.isNaN(val)) return "not measured";
  return val < HUGE ? val.toFixed(LOSS_DIGITS) : val.toExponential(2).replace("+", "");
}

/** How many characters two texts have in common at their beginning. */
export function alike(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}

/** Of two losses as text: where they part. */
export function whichDigit(before: string, after: string): string {
  if (before === after) return `None of its ${LOSS_DIGITS} decimals changes.`;
  const same = alike(before, after), point = before.indexOf(".");
  const other = !/^[\d.]+$/.test(after); // far too large, or no number
  if (other || after.indexOf(".") !== point || same < point) return "Already its whole part changes.";
  return `It changes from decimal ${Math.max(1, same - point)} on.`;
}

/** How many hexadecimal digits of two hashes agree; by chance it is one in sixteen. */
export function sameDigits(before: string, after: string): string {
  const same = [...before].filter((digit, i) => digit === after[i]).length;
  return same === before.length
    ? "The two hashes are the same."
    : `${same} of their ${before.length} digits agree; by chance it would be ${before.length / 16}.`;
}
