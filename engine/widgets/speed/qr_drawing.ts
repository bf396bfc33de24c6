// A text as a QR code, drawn as SVG.
import { toSvgPath } from "lean-qr/extras/svg";
import { correction, generate } from "lean-qr/nano";

/** The empty margin that the standard asks for, in modules. */
const QUIET = 4;
const SVG = "http://www.w3.org/2000/svg";

/** Dark modules as an SVG path in a square of `size` modules, of which the first and the last few stay empty. */
export interface QrPath {
  size: number;
  path: string;
}

/** @param text ASCII. @throws Error if it is longer than a QR code can be */
export function qrPath(text: string): QrPath {
  const code = generate(text, { minCorrectionLevel: correction.M });
  return { size: code.size + 2 * QUIET, path: toSvgPath(code) };
}

/** Dark on white in either colour scheme, because many readers of QR codes do not see light on dark. */
export function qrDrawing(text: string, name: string): SVGSVGElement {
  const { size, path } = qrPath(text);
  const drawing = element("svg", { viewBox: `${-QUIET} ${-QUIET} ${size} ${size}`, role: "img", "aria-label": name });
  drawing.setAttribute("shape-rendering", "crispEdges");
  drawing.append(
    element("rect", { x: -QUIET, y: -QUIET, width: size, height: size, fill: "#fff" }),
    element("path", { d: path, fill: "#000" }),
  );
  return drawing;
}

function element<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Record<string, string | number>) {
  const made = document.createElementNS(SVG, tag) as SVGElementTagNameMap[K];
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
