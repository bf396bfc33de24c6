// Normalises seeds. Two seeds that look the same must be the same, but phones, word processors and copied text insert
// characters that readers cannot see. build/model/seeds.py does the same, from the same table.
import table from "./seed_characters.json" with { type: "json" };

const FOLDS: [characters: RegExp, into: string][] = [
  ...table.folded.map(({ ranges, into }): [RegExp, string] => [oneOf(ranges), into]),
  [oneOf(table.removed.ranges), ""],
];

function oneOf(ranges: string[]): RegExp {
  const written = ranges.map((range) => range.split("-").map((end) => `\\u{${end}}`).join("-"));
  return new RegExp(`[${written.join("")}]`, "gu");
}

/** Removes characters without width, and replaces look-alikes by plain spaces, hyphens and quotation marks. */
export function plainText(text: string): string {
  return FOLDS.reduce((plain, [characters, into]) => plain.replace(characters, into), text);
}

/**
 * The seed as the engine uses it and the page shows it: plain, in NFC, without surrounding spaces. Keeps capitals,
 * accents, letters of other scripts, and every printable ASCII character inside. The result may be empty.
 */
export function normaliseSeed(seed: string): string {
  return plainText(seed).normalize("NFC").replace(/^ +| +$/g, "");
}
