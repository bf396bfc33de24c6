// What a chart draws with, and when it has to draw anew: canvas knows neither the page's variables nor the system's colours.
import { make } from "./dom.ts";

/** What changes a chart's colours without a change in the page: forced colours, more contrast, the system's own scheme. */
const PREFERENCES = ["(forced-colors: active)", "(prefers-contrast: more)", "(prefers-color-scheme: dark)"];

/** uPlot's own event, once it reckons with another pixel ratio: the page was zoomed, or has moved to another screen. */
const OTHER_PIXELS = "dppxchange";

/** @returns the colour of a name, --ps-train for train, as `element` has it now: a system colour as what the system makes of it */
export function coloursOf(element: Element): (name: string) => string {
  const probe = make("span", { hidden: "" });
  return (name) => {
    element.append(probe);
    probe.style.color = `var(--ps-${name})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

/** Calls back when colours, or the pixels of the screen, have changed. @returns a function that ends it */
export function whenRecoloured(redraw: () => void): () => void {
  const scheme = new MutationObserver(redraw);
  scheme.observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
  const queries = PREFERENCES.map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", redraw);
  addEventListener(OTHER_PIXELS, redraw);
  return () => {
    scheme.disconnect();
    for (const query of queries) query.removeEventListener("change", redraw);
    removeEventListener(OTHER_PIXELS, redraw);
  };
}
