// What the page says about a character that a reader has asked about. No DOM.
import { powerOfTen } from "../../wording.ts";
import type { Answer } from "./answer.ts";

export const askWords = {
  title: "What the model expected",
  pin: "hold",
  close: "close",
  range: (iteration: number) => `Ask about a character of the sample of iteration ${iteration}`,
  unheard: (place: string, length: string) => `character ${place} of ${length}`,
  columns: {
    character: "next",
    p: "p",
    share: (temperature: number) => `at ${temperature}`,
    log: "ln p",
    noise: "dice",
    sum: "sum",
  },
  drawn: "drawn",
  dice: "How the dice decide",
  about_dice: (temperature: number) =>
    "From the seed, the place and the character the page computes a random number, Gumbel noise. " +
    `The column “dice” is ${temperature} times this number: ${temperature} is the temperature. The character with ` +
    "the largest sum of ln p and dice is drawn. Over many seeds, each character then comes as often as the column " +
    `“at ${temperature}” says. The dice are the same in every sample of the run: only ln p changes.`,
  early: "The same question after each layer",
  about_early: "The final LayerNorm and the head read the residual stream before all blocks have added to it.",
  layer: (row: number, last: number) =>
    row === 0 ? "embedding" : row === last ? `block ${row}: the answer` : `block ${row}`,
  no_early: "The page keeps these rows only for some samples, and not for this one.",
  /** Why a sample cannot be asked. */
  missing: {
    session:
      "This sample has no probabilities: the page has them only for what the model writes while the page is open.",
    run: "This sample has no probabilities: this page holds only the text of this recorded run.",
  },
  unpacking: "Unpacking the recorded probabilities.",
  legend: "−ln p, in nats:",
  some_missing: "Some samples have no probabilities and stay plain.",
};

/** Characters that would not show: how they look in a table, and their names in a sentence. */
const UNSEEN: Record<string, { sign: string; name: string }> = {
  " ": { sign: "␣", name: "a space" },
  "\n": { sign: "↵", name: "a line break" },
  "\t": { sign: "⇥", name: "a tab" },
  "\u00a0": { sign: "⍽", name: "a no-break space" },
};

/** A character in a table. */
export function sign(character: string): string {
  return UNSEEN[character]?.sign ?? character;
}

/** A character in a sentence: “h”, a line break. */
export function named(character: string): string {
  return UNSEEN[character]?.name ?? `“${character}”`;
}

/** A probability in a table. */
export function probability(p: number): string {
  return p < 0.0005 ? "< 0.001" : p.toFixed(3);
}

/** The same where there is less room. */
export function shortProbability(p: number): string {
  return p < 0.005 ? "< 0.01" : p.toFixed(2);
}

/** Three digits, for a sentence: 0.431, 0.0021, 3.1 × 10⁻⁹. */
function precise(p: number): string {
  if (p >= 1e-4) return p > 0.9995 ? p.toFixed(4) : String(Number(p.toPrecision(3)));
  const [digits, exponent] = p.toExponential(1).split("e");
  return `${digits} × ${powerOfTen(Number(exponent))}`;
}

/** ln p, noise and their sum: +0.31, −1.94, 0.00. */
export function signed(value: number): string {
  if (Math.abs(value) < 0.005) return "0.00"; // not −0.00
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

export function nats(value: number): string {
  return (value < 0.005 ? 0 : value).toFixed(2); // not −0.00
}

/** Where the character is. */
export function place({ at, length }: Answer, iteration: number): string {
  return `Iteration ${iteration}, character ${at + 1} of ${length}`;
}

/** The surprise, worked out. */
export function surpriseOf({ drawn, nats: value }: Answer): string {
  const p = precise(drawn.p);
  return `The model gave ${named(drawn.character)} p = ${p}. Its surprise is −ln ${p} = ${nats(value)} nats.`;
}

/** Why this character was drawn and not another. */
export function whyDrawn({ drawn, candidates, temperature }: Answer): string {
  const name = named(drawn.character), [first] = candidates;
  const shown = (noise: number) => Number(noise.toFixed(2)); // the difference is that of the numbers in the table
  const often = `At a temperature of ${temperature} the model writes ${name} here in ${
    percent(drawn.share)
  } of all cases.`;
  if (first === drawn) return `${often} It is the likeliest, and its sum is the largest: it was drawn.`;
  return `${often} The likeliest is ${named(first.character)}, but the dice gave ${name} ` +
    `${Math.abs(shown(drawn.noise) - shown(first.noise)).toFixed(2)} more: its sum is the largest, so it was drawn.`;
}

function percent(share: number): string {
  const value = 100 * share;
  return value < 0.1 ? "less than 0.1%" : value > 99.9 ? "more than 99.9%" : `${Number(value.toPrecision(2))}%`;
}

/** The same in one sentence, for readers who hear it while they move from character to character. */
export function heard({ drawn, nats: value, candidates }: Answer): string {
  const short = (p: number) => p < 0.005 ? "below 0.01" : p.toFixed(2);
  const likeliest = candidates.filter((_, i) => i < 5).map(({ character, p }) => `${spoken(character)} ${short(p)}`);
  return `${spoken(drawn.character)}, p ${short(drawn.p)}, ${nats(value)} nats; likeliest: ${likeliest.join(", ")}`;
}

function spoken(character: string): string {
  return UNSEEN[character]?.name.replace(/^a /, "") ?? character;
}
