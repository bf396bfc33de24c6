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

/** What the lines of every chart look like, by what they mean. */
export interface Look extends Record<"train" | "val" | "rung" | "floor" | "textbook" | "textbook_val", Line> {
  /** Diameter of the points on val, in CSS pixels. */
  val_point: number;
  /** Colour of labels. */
  quiet: string;
  /** Colour of a mark where something went wrong. */
  alarm: string;
}

/** The look of lines in `element` as the page's styles define it now. Asking costs a layout: keep it between pictures. */
export function lookOf(element: Element): Look {
  const colour = coloursOf(element), size = sizesOf(element);
  const line = (name: string, width: string, ...dashes: string[]): Line => {
    return { colour: colour(`--ps-${name}`), width: size(width), dashes: dashes.map(size) };
  };
  const textbook = (width: string) => line("textbook", width, "--ps-textbook-dash", "--ps-textbook-gap");
  const gap = "--ps-floor-gap";
  return {
    train: line("train", "--ps-train-width"),
    val: line("val", "--ps-val-width"),
    rung: line("rung", "--ps-rung-width", "--ps-rung-dash", "--ps-rung-gap"),
    floor: line("floor", "--ps-floor-width", "--ps-floor-dash", gap, "--ps-floor-dot", gap),
    textbook: textbook("--ps-train-width"),
    textbook_val: textbook("--ps-val-width"),
    val_point: size("--ps-val-point"),
    quiet: colour("--ps-quiet"),
    alarm: colour("--ps-alarm"),
  };
}

/** @returns a function from a CSS variable, such as --ps-train, to its current colour in `element`, resolved */
function coloursOf(element: Element): (name: string) => string {
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
function sizesOf(element: Element): (name: string) => number {
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
