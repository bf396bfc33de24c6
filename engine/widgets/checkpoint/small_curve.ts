// A small drawing of losses after a checkpoint, in the form of the recorded ones (build/recorded/recorded_curve.py).
import { frameOf, labelOf, makeSvg, UNITS } from "../shared/svg.ts";

/** Where the curves are, in per cent of the drawing. */
const LEFT = 9, RIGHT = 97, TOP = 3, BOTTOM = 88;
/** Lines across: about this many. */
const TICKS = 4;

export interface Line {
  /** A class of docs/stylesheets/curves.css. */
  kind: "ps-line-train" | "ps-line-val" | "ps-line-behind";
  /** By iteration since the checkpoint; null where there is none. */
  losses: readonly (number | null)[];
}

/** @param further iterations across the drawing */
export function smallCurve(lines: readonly Line[], further: number, label: string): SVGSVGElement {
  const heights = lines.flatMap(({ losses }) => losses).filter((loss): loss is number => Number.isFinite(loss));
  const [low, high] = rounded(heights), svg = makeSvg("svg", { class: "ps-curve", role: "img", "aria-label": label });
  const across = (at: number) => LEFT + (RIGHT - LEFT) * at / further;
  const down = (nats: number) => TOP + (BOTTOM - TOP) * (high - nats) / (high - low);
  svg.append(
    makeSvg("line", { class: "ps-line-axis", x1: `${LEFT}%`, y1: `${BOTTOM}%`, x2: `${RIGHT}%`, y2: `${BOTTOM}%` }),
  );
  for (let i = 0; i <= TICKS; i++) {
    const nats = low + (high - low) * i / TICKS, at = Math.round(further * i / TICKS);
    svg.append(
      labelOf(nats.toFixed(2), { x: `${LEFT - 1}%`, y: `${down(nats)}%`, dy: "0.35em", "text-anchor": "end" }),
    );
    svg.append(labelOf(String(at), { x: `${across(at)}%`, y: "98%", "text-anchor": "middle" }));
  }
  const inner = frameOf({ left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM });
  for (const { kind, losses } of lines) {
    const points = losses.flatMap((loss, at) => {
      if (loss === null || !Number.isFinite(loss)) return [];
      return [`${(UNITS * at / further).toFixed(1)},${(UNITS * (high - loss) / (high - low)).toFixed(1)}`];
    });
    inner.append(makeSvg("polyline", { class: kind, points: points.join(" ") }));
  }
  svg.append(inner);
  return svg;
}

/** The range of the losses, widened to tenths of a nat. */
function rounded(heights: number[]): [number, number] {
  if (heights.length === 0) return [0, 1];
  const low = Math.floor(10 * heights.reduce((a, b) => Math.min(a, b))) / 10;
  return [low, Math.max(low + 0.2, Math.ceil(10 * heights.reduce((a, b) => Math.max(a, b))) / 10)];
}
