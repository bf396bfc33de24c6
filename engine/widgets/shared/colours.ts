// How charts look, and when to redraw: a canvas knows neither the page's CSS variables nor the system's colours.
import { make } from "./dom.ts";

/** System preferences that change a chart's colours without any change in the page. */
const PREFERENCES = ["(forced-colors: active)", "(prefers-contrast: more)", "(prefers-color-scheme: dark)"];

/** uPlot's event for a changed pixel ratio: the page was zoomed, or moved to another screen. */
const OTHER_PIXELS = "dppxchange";

/** A line of a chart, as docs/stylesheets/curves.css defines it: sizes in CSS pixels. */
export interface Line {
  colour: string;
  width: number;
  /** Dash, gap, ...; empty for a solid line. */
  dashes: number[];
}

/** @returns a function from a CSS variable, such as --ps-train, to its current colour in `element`, resolved */
export function coloursOf(element: Element): (name: string) => string {
  const probe = make("span", { hidden: "" });
  return (name) => {
    element.append(probe);
    probe.style.color = `var(${name})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

/** @returns a function from a CSS variable, such as --ps-train-width, to its current size in `element`, in CSS pixels */
export function sizesOf(element: Element): (name: string) => number {
  const style = getComputedStyle(element);
  return (name) => parseFloat(style.getPropertyValue(name));
}

/** Calls `redraw` when colours or the pixel ratio change. @returns a function that unsubscribes */
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
