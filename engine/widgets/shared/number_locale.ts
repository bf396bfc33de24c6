// The page's first import, and so before uPlot, which asks for number formats in the browser's language as soon as it is
// loaded. WebKitGTK takes that language from the system, and a system without one (LANG=C.UTF-8) has it say "C", which no
// format knows: the error would take the whole page's script with it.

/** Where the browser's own language is none, the page's stands in for it. */
export function mendLanguage(navigator: { readonly language: string }): void {
  try {
    new Intl.NumberFormat(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en-GB", configurable: true });
  }
}

mendLanguage(navigator);
