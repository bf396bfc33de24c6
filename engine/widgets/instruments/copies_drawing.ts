// First writings and copies against iterations, and below them the best prefix-match score: two drawings with one axis.
// build/recorded/copies.py draws the recorded run's in the same form.
import { decimals } from "../../wording.ts";
import { frameOf, labelOf, makeSvg, UNITS } from "../shared/svg.ts";

/** Where the curves are, in per cent of a drawing. */
const LEFT = 9, RIGHT = 97, TOP = 6, BOTTOM = 86;
/** Iterations are marked at about this many places. */
const TICKS = 4;

/** A milestone; null where it was not measured. */
export interface CopiesAt {
  iteration: number;
  first: number | null;
  copies: number | null;
  /** The highest prefix-match score of a head, and which head has it. */
  prefix: number | null;
  head: number | null;
}

export interface Floors {
  first: number;
  copies: number;
}

type Which = "first" | "copies" | "prefix";

export interface Across {
  /** Iterations across the drawing. */
  last: number;
  /** The iteration that is marked; null for none. */
  mark: number | null;
  /** The drawing in words. */
  label: string;
}

/** @param floors drawn as lines */
export function lossDrawing(rows: readonly CopiesAt[], floors: Floors, across: Across): SVGSVGElement {
  const heights = rows.flatMap(({ first, copies }) => [first ?? 0, copies ?? 0]).filter(Number.isFinite);
  const high = Math.ceil(2 * heights.reduce((most, one) => Math.max(most, one), floors.first)) / 2;
  const frame = new Frame(across, high, high > 2 ? 1 : 0.5);
  for (const floor of [floors.first, floors.copies]) frame.level(floor);
  frame.curve(rows, "first");
  frame.curve(rows, "copies");
  return frame.svg;
}

export function scoreDrawing(rows: readonly CopiesAt[], across: Across): SVGSVGElement {
  const frame = new Frame(across, 1, 0.5);
  frame.curve(rows, "prefix");
  return frame.svg;
}

/** From 0 at the bottom. */
class Frame {
  readonly svg: SVGSVGElement;
  readonly #inner: SVGSVGElement;

  readonly #last: number;

  constructor({ last, mark, label }: Across, private readonly high: number, step: number) {
    this.#last = last;
    this.svg = makeSvg("svg", { class: "ps-curve", role: "img", "aria-label": label });
    this.#inner = frameOf({ left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM });
    this.#axis();
    for (let height = 0; height <= high; height += step) {
      const y = `${TOP + (BOTTOM - TOP) * (high - height) / high}%`;
      this.svg.append(labelOf(decimals(height, 1), { x: `${LEFT - 1}%`, y, dy: "0.35em", "text-anchor": "end" }));
    }
    this.svg.append(this.#inner);
    if (mark !== null) {
      const x = String(UNITS * mark / last);
      this.#inner.append(makeSvg("line", { class: "ps-line-mark", x1: x, y1: "0", x2: x, y2: String(UNITS) }));
    }
  }

  #axis(): void {
    this.svg.append(
      makeSvg("line", { class: "ps-line-axis", x1: `${LEFT}%`, y1: `${BOTTOM}%`, x2: `${RIGHT}%`, y2: `${BOTTOM}%` }),
    );
    for (let i = 0; i <= TICKS; i++) {
      const at = Math.round(this.#last * i / TICKS), x = `${LEFT + (RIGHT - LEFT) * i / TICKS}%`;
      this.svg.append(labelOf(String(at), { x, y: "97%", "text-anchor": "middle" }));
    }
  }

  level(height: number): void {
    const y = String(this.#y(height));
    this.#inner.append(makeSvg("line", { class: "ps-line-floor", x1: "0", y1: y, x2: String(UNITS), y2: y }));
  }

  curve(rows: readonly CopiesAt[], which: Which): void {
    const points = rows.flatMap((row) => {
      const height = row[which];
      if (height === null || !Number.isFinite(height)) return [];
      return [`${(UNITS * row.iteration / this.#last).toFixed(1)},${this.#y(height).toFixed(1)}`];
    });
    const line = which === "prefix" ? "ps-line-score" : "ps-line-val", dots = `ps-line-dots ps-dots-${which}`;
    const places = points.map((point) => `M${point}h0`).join("");
    this.#inner.append(
      makeSvg("polyline", { class: line, points: points.join(" ") }),
      makeSvg("path", { class: dots, d: places }),
    );
    // A ring is a dot with a hole.
    if (which === "first") this.#inner.append(makeSvg("path", { class: "ps-line-dots ps-dots-hole", d: places }));
  }

  #y(height: number): number {
    return UNITS * (this.high - height) / this.high;
  }
}
