// Draws a reader's guess on the chart: a hollow line, which no other line is. A guess at the end is a mark at the right
// edge.
import type uPlot from "uplot";
import type { ChartLayer } from "./shared/chart.ts";
import { make, setText } from "./shared/dom.ts";
import { type Points, valueAt } from "../session/guess.ts";

/** Outer and inner width of the hollow line, in CSS pixels; the legend's key in docs/stylesheets/prediction.css agrees. */
const OUTER = 5, INNER = 2;
/** Radius of the mark, and how much of the chart's width its line takes. */
const MARK = 4, MARK_PART = 0.08;
/** The line has a point every so many pixels, so that it bends as it should on a logarithmic axis. */
const STEP = 2;

export class PredictionLayer implements ChartLayer {
  readonly key = make("span", { class: "ps-key ps-key-guess ps-key-unused" });
  points: Points = [];
  /** The losses that the axis shows while the reader draws. */
  paper: readonly [low: number, high: number] | null = null;

  constructor() {
    setText(this.key, "your guess");
  }

  losses(): readonly number[] {
    return [...this.paper ?? [], ...this.points.map(([, nats]) => nats)];
  }

  draw(plot: uPlot): void {
    this.key.classList.toggle("ps-key-unused", this.points.length === 0);
    if (this.points.length === 0) return;
    const path = new Path2D(), px = devicePixelRatio;
    if (this.points.length === 1) markEnd(path, plot, this.points[0][1], px);
    else follow(path, plot, this.points, px);
    const { ctx } = plot, { borderTopColor, backgroundColor } = getComputedStyle(this.key, "::before");
    ctx.save();
    ctx.lineJoin = "round";
    for (const [width, colour] of [[OUTER, borderTopColor], [INNER, backgroundColor]] as const) {
      ctx.lineWidth = width * px;
      ctx.strokeStyle = colour;
      ctx.stroke(path);
    }
    ctx.restore();
  }
}

function follow(path: Path2D, plot: uPlot, points: Points, px: number): void {
  const at = (iteration: number) => plot.valToPos(iteration, "x", true);
  const first = at(points[0][0]), last = at(points.at(-1)![0]);
  const steps = Math.max(1, Math.ceil((last - first) / (STEP * px)));
  for (let step = 0; step <= steps; step++) {
    const x = first + (last - first) * step / steps;
    const iteration = step === steps ? points.at(-1)![0] : plot.posToVal(x, "x", true);
    const nats = valueAt(points, Math.max(points[0][0], iteration));
    if (nats !== null) path.lineTo(x, plot.valToPos(nats, "y", true));
  }
}

function markEnd(path: Path2D, plot: uPlot, nats: number, px: number): void {
  const { left, width } = plot.bbox, y = plot.valToPos(nats, "y", true), right = left + width;
  path.moveTo(right - MARK_PART * width, y);
  path.lineTo(right - MARK * px, y);
  path.moveTo(right + MARK * px, y);
  path.arc(right, y, MARK * px, 0, 2 * Math.PI);
}
