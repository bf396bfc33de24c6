// The seed as it counts. Two seeds that look the same must be the same: phones, word processors and copied text put
// characters into them that no reader can see. build/model/seeds.py does the same, from the same table.
import table from "./seed_characters.json" with { type: "json" };

const FOLDS: [characters: RegExp, into: string][] = [
  ...table.folded.map(({ ranges, into }): [RegExp, string] => [oneOf(ranges), into]),
  [oneOf(table.removed.ranges), ""],
];

function oneOf(ranges: string[]): RegExp {
  const written = ranges.map((range) => range.split("-").map((end) => `\\u{${end}}`).join("-"));
  return new RegExp(`[${written.join("")}]`, "gu");
}

/** Text without characters that have no width, and with plain spaces, hyphens and quotation marks for their doubles. */
export function plainText(text: string): string {
  return FOLDS.reduce((plain, [characters, into]) => plain.replace(characters, into), text);
}

/**
 * The seed as it counts and as the page shows it: plain, in NFC, without spaces around it. Capitals, accents and letters
 * of other scripts stay, and so does every printable ASCII character inside. It may be empty.
 */
export function normaliseSeed(seed: string): string {
  return plainText(seed).normalize("NFC").replace(/^ +| +$/g, "");
}

/** What is longer is shortened in sentences: so many characters of the beginning and of the end are shown. */
const LONGEST_SHOWN = 48, BEGINNING = 24, END = 16;

/** What a reader typed, for a sentence: if very long, its beginning, its end and its length. build/model/seeds.py does the same. */
export function shortened(typed: string): string {
  const characters = Array.from(typed);
  if (characters.length <= LONGEST_SHOWN) return typed;
  const [first, last] = [characters.slice(0, BEGINNING), characters.slice(-END)].map((part) => part.join(""));
  return `${first} … ${last} (${characters.length.toLocaleString("en-GB")} characters)`;
}
