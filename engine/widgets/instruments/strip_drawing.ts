// One cell of the health strip: a quantity of one group over the iterations, in the form of the recorded ones
// (build/recorded/health_drawing.py).
import { powerOfTen } from "../../wording.ts";
import { frameOf, labelOf, makeSvg, UNITS } from "../shared/svg.ts";
import { heightOf, type Scale, ticksOf } from "./strip_scale.ts";
import { short } from "./strip_words.ts";

/** Where the line is, in per cent of the drawing. */
const LEFT = 25, RIGHT = 97, TOP = 9, BOTTOM = 82;

/** The values of a run, by iteration. */
export interface Line {
  /** What is drawn faintly, to compare with. */
  behind: boolean;
  points: readonly { iteration: number; value: number }[];
}

/** What all cells of a row share. */
export interface Frame {
  scale: Scale;
  /** The last iteration of the axis. */
  last: number;
  /** A value to compare with, or null. */
  wanted: number | null;
}

/** @param chosen the iteration whose values the reader sees, or null */
export function cellOf(lines: readonly Line[], { scale, last, wanted }: Frame, chosen: number | null): SVGSVGElement {
  const svg = makeSvg("svg", { class: "ps-strip-drawing", "aria-hidden": "true" });
  const across = (iteration: number) => LEFT + (RIGHT - LEFT) * iteration / last;
  const down = (part: number) => TOP + (BOTTOM - TOP) * part;
  const level = (kind: string, part: number) =>
    makeSvg("line", { class: kind, x1: `${LEFT}%`, y1: percent(down(part)), x2: `${RIGHT}%`, y2: percent(down(part)) });
  for (const exponent of ticksOf(scale)) {
    const part = (scale.top - exponent) / (scale.top - scale.bottom);
    const place = { x: `${LEFT - 3}%`, y: percent(down(part)), dy: "0.35em", "text-anchor": "end" };
    svg.append(level("ps-strip-level", part), labelOf(exponent === 0 ? "1" : powerOfTen(exponent), place));
  }
  svg.append(
    labelOf("0", { x: percent(across(0)), y: "99%", "text-anchor": "middle" }),
    labelOf(String(last), { x: percent(across(last)), y: "99%", "text-anchor": "end" }),
  );
  if (wanted !== null) svg.append(level("ps-line-rung", heightOf(wanted, scale)));
  if (chosen !== null) {
    const x = percent(across(chosen));
    svg.append(makeSvg("line", { class: "ps-strip-chosen", x1: x, y1: `${TOP}%`, x2: x, y2: `${BOTTOM}%` }));
  }
  const inner = frameOf({ left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM });
  svg.append(inner);
  for (const { behind, points } of lines) {
    const places = points.map(({ iteration, value }) =>
      [UNITS * iteration / last, UNITS * heightOf(value, scale)].map((at) => at.toFixed(0)).join(",")
    );
    const kind = behind ? "ps-line-norm ps-line-faint" : "ps-line-norm";
    inner.append(makeSvg("polyline", { class: kind, points: places.join(" ") }));
    if (behind) continue;
    inner.append(makeSvg("path", { class: "ps-line-norm-dots", d: places.map((place) => `M${place}h0`).join("") }));
    points.forEach(({ iteration, value }, i) => {
      if (!isOff(value) || (i > 0 && short(points[i - 1].value) === short(value))) return;
      const at = { x: percent(across(iteration)), y: percent(down(heightOf(value, scale))) };
      svg.append(labelOf(short(value), { ...at, dy: value === 0 ? "-0.4em" : "1em", class: "ps-strip-off" }));
    });
  }
  return svg;
}

/** Whether a value has no place on a logarithmic scale; the drawing names it then. */
const isOff = (value: number) => !(value > 0 && value < Infinity);

const percent = (value: number) => `${value.toFixed(1)}%`;
