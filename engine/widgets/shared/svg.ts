// The few SVG calls that several drawings need.

const SVG = "http://www.w3.org/2000/svg";

/** The width and the height of the drawing in frameOf(), whatever its size on the page. */
export const UNITS = 1000;

/** Where curves are in a drawing, in per cent of it. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function makeSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** A label of an axis, unless the attributes give another class. */
export function labelOf(words: string, attributes: Record<string, string>): SVGTextElement {
  const element = makeSvg("text", { class: "ps-curve-tick", ...attributes });
  element.textContent = words;
  return element;
}

/** A drawing of UNITS x UNITS inside another one, stretched to fill its box: lines scale with the page, text does not. */
export function frameOf({ left, right, top, bottom }: Box): SVGSVGElement {
  return makeSvg("svg", {
    x: `${left}%`,
    y: `${top}%`,
    width: `${right - left}%`,
    height: `${bottom - top}%`,
    viewBox: `0 0 ${UNITS} ${UNITS}`,
    preserveAspectRatio: "none",
  });
}
