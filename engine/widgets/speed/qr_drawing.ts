// A text as a QR code, drawn as SVG.
import { toSvgPath } from "lean-qr/extras/svg";
import { correction, generate } from "lean-qr/nano";
import { makeSvg } from "../shared/svg.ts";

/** The empty margin that the standard asks for, in modules. */
const QUIET = 4;

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
  const { size, path } = qrPath(text), place = String(-QUIET), side = String(size);
  const drawing = makeSvg("svg", {
    viewBox: `${place} ${place} ${side} ${side}`,
    role: "img",
    "aria-label": name,
    "shape-rendering": "crispEdges",
  });
  drawing.append(
    makeSvg("rect", { x: place, y: place, width: side, height: side, fill: "#fff" }),
    makeSvg("path", { d: path, fill: "#000" }),
  );
  return drawing;
}
