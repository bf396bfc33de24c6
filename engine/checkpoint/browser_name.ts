// The browser's name and version: its compiler for the graphics card's kernels decides the last digits.

/** A browser's own list of its names, of which some are made up. */
type Brands = readonly { brand: string; version: string }[];

/** Names in user agents. A browser's own name comes before that of the browser whose engine it has. */
const WORDS: [RegExp, string][] = [
  [/\bDeno\/(\d+\.\d+)/, "Deno"],
  [/\bEdg(?:A|iOS)?\/(\d+)/, "Edge"],
  [/\bOPR\/(\d+)/, "Opera"],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/\b(?:Headless)?Chrome\/(\d+)/, "Chromium"],
  [/\bVersion\/(\d+(?:\.\d+)?).*\bSafari\//, "Safari"],
];

/**
 * For example "Chromium 142" or "Firefox 146". All browsers with Chromium's engine of the same version are one, because
 * they compile alike.
 * @returns null if the user agent names none
 */
export function browserName(user_agent: string, brands: Brands = []): string | null {
  const chromium = brands.find(({ brand }) => brand === "Chromium");
  if (chromium) return `Chromium ${chromium.version}`;
  for (const [words, name] of WORDS) {
    const found = user_agent.match(words);
    if (found) return `${name} ${found[1]}`;
  }
  return null;
}

/** The browser that this runs in, in the page or in a Worker. */
export function browserHere(): string | null {
  const { userAgent = "", userAgentData } = globalThis.navigator as Navigator & { userAgentData?: { brands: Brands } };
  return browserName(userAgent, userAgentData?.brands);
}
