// Must be the page's first import. uPlot requests number formats in the browser's language as soon as it loads.
// WebKitGTK takes that language from the system, and on a system without one (LANG=C.UTF-8) reports "C". No number
// format accepts that, and the error would stop the page's whole script.

/** If the browser's language is invalid, replaces it with the page's. */
export function fixLanguage(navigator: { readonly language: string }): void {
  try {
    new Intl.NumberFormat(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en-GB", configurable: true });
  }
}

fixLanguage(navigator);
