// Draws a run over a recorded curve, in the drawing that the build has made (build/recorded/recorded_curve.py).
import type { History } from "../session/history.ts";

/** Width and height of the inner drawing: UNITS in recorded_curve.py. */
const UNITS = 1000;
const LIVE = "ps-curve-live";

/** @param span the lowest and the highest loss of the drawing */
export function drawCurve(curve: SVGSVGElement, history: History, span: [number, number], iterations: number): void {
  curve.classList.add("ps-behind");
  for (const which of ["train", "val"] as const) {
    const points = history[which].flatMap((loss, i) => {
      if (loss === null || !Number.isFinite(loss)) return [];
      const x = UNITS * i / iterations, y = UNITS * (span[1] - Math.min(loss, span[1])) / (span[1] - span[0]);
      return [`${x.toFixed(1)},${y.toFixed(1)}`];
    });
    lineIn(curve, which).setAttribute("points", points.join(" "));
  }
}

/** Leaves the recorded curve alone. */
export function clearCurve(curve: SVGSVGElement): void {
  curve.classList.remove("ps-behind");
  curve.querySelectorAll(`.${LIVE}`).forEach((line) => line.remove());
}

function lineIn(curve: SVGSVGElement, which: "train" | "val"): Element {
  const found = curve.querySelector(`.${LIVE}.ps-line-${which}`);
  if (found) return found;
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("class", `${LIVE} ps-line-${which}`);
  (curve.querySelector("svg") ?? curve).append(line);
  return line;
}
