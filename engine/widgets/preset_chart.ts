// The chart of a presets block: the engine's actual losses as on every chart, the textbook shape dashed behind them.
// The loss axis adapts to the curve and becomes logarithmic once a loss is far above ln V.
import "./shared/number_locale.ts";
import uPlot from "uplot";
import type { History } from "../session/history.ts";
import type { Preset } from "../session/preset_runs.ts";
import { labelRoom, logLossTicks, lossLabel } from "./shared/axis.ts";
import { type Line, lookOf, whenRecoloured } from "./shared/colours.ts";
import { make, VERBATIM } from "./shared/dom.ts";

/** The loss axis is logarithmic if the curve or its textbook shape exceeds this multiple of ln V. */
const LINEAR_UP_TO = 2;
/** uPlot's number for a logarithmic scale. */
const LOGARITHMIC = 3;
/** The lowest loss on a logarithmic axis, which has no place for 0. */
const LEAST = 1e-4;

type Column = (number | null)[];

/** What the chart shows beside a history. */
export interface Drawn {
  /** The length of the time axis. */
  iterations: number;
  /** The textbook's curves; null if they would give something away. */
  shape: Preset["shape"] | null;
}

export class PresetChart {
  readonly element: HTMLElement;
  readonly #frame = make("div", { class: "ps-chart-frame", role: "img" });
  readonly #unit = make("span", { class: "ps-key-unit" });
  readonly #resized = new ResizeObserver(() => this.#rebuild());
  readonly #unwatch = whenRecoloured(() => this.#rebuild());
  readonly #val_key: HTMLElement;
  readonly #textbook_key: HTMLElement;
  #plot: uPlot | null = null;
  #columns: [number[], Column, Column, Column, Column] | null = null;
  #iterations = 1;
  #lost: number | null = null;
  #logarithmic = false;

  /** @param ln_v the loss of guessing evenly, in nats per character */
  constructor(private readonly ln_v: number) {
    const key = (name: string, words: string) => make("span", { class: `ps-key ps-key-${name}` }, words);
    this.#val_key = key("val", "val");
    this.#textbook_key = key("textbook", "textbook");
    this.element = make(
      "div",
      { ...VERBATIM, class: "ps-chart" },
      make(
        "div",
        { class: "ps-legend" },
        key("train", "train"),
        this.#val_key,
        this.#textbook_key,
        this.#unit,
      ),
      this.#frame,
    );
    this.#resized.observe(this.#frame);
  }

  /**
   * Draws a history over its textbook shape. The val loss appears only if the shape has one too, because otherwise it
   * shows nothing that train does not; without a shape it always appears, because leaving it out is a hint.
   * @param lost the iteration whose loss was infinite or NaN
   * @param summary what a screen reader says instead of the picture
   */
  draw(history: History, { iterations: n, shape }: Drawn, lost: number | null, summary: string): void {
    this.#iterations = n;
    const rows = Array.from({ length: n + 1 }, (_, i) => i);
    const along = (points: [number, number][] | null) =>
      rows.map((i) => points && this.ln_v * between(points, i / n)) as Column;
    const live = (column: readonly (number | null)[]) => rows.map((i) => Number.isFinite(column[i]) ? column[i] : null);
    const with_val = shape === null || shape.val !== null;
    const textbook: [Column, Column] = [along(shape && shape.train), along(shape && shape.val)];
    this.#columns = [rows, ...textbook, live(history.train), live(with_val ? history.val : [])];
    this.#val_key.hidden = !with_val;
    this.#textbook_key.hidden = shape === null;
    this.#lost = lost;
    this.#frame.setAttribute("aria-label", summary);
    const logarithmic = this.#extremes()[1] > LINEAR_UP_TO * this.ln_v;
    if (this.#plot && logarithmic === this.#logarithmic) return this.#plot.setData(this.#columns as uPlot.AlignedData);
    this.#logarithmic = logarithmic; // uPlot cannot change the kind of a scale later
    this.#unit.textContent = `NLL in nats per character${logarithmic ? ", logarithmic" : ""}`;
    this.#rebuild();
  }

  dispose(): void {
    this.#resized.disconnect();
    this.#unwatch();
    this.#plot?.destroy();
    this.#plot = null;
  }

  #extremes(): [low: number, high: number] {
    let low = this.ln_v, high = this.ln_v;
    for (const column of this.#columns!.slice(1)) {
      for (const value of column) {
        if (value === null) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    return [low, high];
  }

  #range(): [number, number] {
    const [low, high] = this.#extremes();
    return this.#logarithmic ? [0.8 * Math.max(low, LEAST), 1.3 * high] : [0, 1.08 * high];
  }

  #rebuild(): void {
    const width = this.#frame.clientWidth, height = this.#frame.clientHeight;
    this.#plot?.destroy();
    this.#plot = null;
    if (width === 0 || height === 0 || !this.#columns) return;
    this.#plot = new uPlot(this.#options(width, height), this.#columns as uPlot.AlignedData, this.#frame);
  }

  #options(width: number, height: number): uPlot.Options {
    const style = getComputedStyle(this.element), px = Math.round(0.78 * parseFloat(style.fontSize));
    const font = `${px}px ${style.fontFamily}`, look = lookOf(this.element);
    const axis: uPlot.Axis = {
      stroke: look.quiet,
      font,
      grid: { show: false },
      ticks: { stroke: look.rung.colour, width: 1, size: 5 },
    };
    const losses: uPlot.Axis = {
      ...axis,
      size: (plot, labels) => labelRoom(plot.ctx, font, px, labels ?? []),
      gap: 3,
      values: (_plot, ticks) => ticks.map(lossLabel),
    };
    if (this.#logarithmic) {
      losses.splits = (plot, _i, low, high) => logLossTicks(low, high, plot.bbox.height / devicePixelRatio, px);
      losses.filter = (_plot, ticks) => ticks;
    }
    // uPlot scales widths to the screen, but not dashes.
    const series = ({ colour, width, dashes }: Line): uPlot.Series => (
      { stroke: colour, width, dash: dashes.map((length) => length * devicePixelRatio), points: { show: false } }
    );
    return {
      width,
      height,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [0, this.#iterations] },
        y: { range: () => this.#range(), distr: this.#logarithmic ? LOGARITHMIC : 1 },
      },
      axes: [{ ...axis, size: 2.2 * px, gap: 3 }, losses],
      series: [
        {},
        series(look.textbook),
        series(look.textbook_val),
        series(look.train),
        {
          ...series(look.val),
          spanGaps: true,
          points: { show: true, size: look.val_point, width: 0, fill: look.val.colour },
        },
      ],
      hooks: {
        drawAxes: [
          (plot) => this.#line(plot, "y", this.ln_v, `ln V = ${this.ln_v.toFixed(2)}`, look.rung, look.quiet, font),
        ],
        draw: [(plot) => {
          const lost = { ...look.rung, colour: look.alarm };
          if (this.#lost !== null) this.#line(plot, "x", this.#lost, "not a number", lost, look.alarm, font);
        }],
      },
    };
  }

  /** The height of a label near the top of the plot, moved below the ln V line if that is in the way. */
  #below(plot: uPlot, y: number): number {
    const line = plot.valToPos(this.ln_v, "y", true), near = 14 * devicePixelRatio;
    return Math.abs(line - y) < near ? line + near : y;
  }

  /** Draws a labelled line across the plot at one value. */
  #line(plot: uPlot, scale: "x" | "y", value: number, word: string, line: Line, ink: string, font: string): void {
    const { ctx, bbox: { left, top, width, height } } = plot, px = devicePixelRatio;
    const at = plot.valToPos(value, scale, true), across = scale === "y";
    ctx.save();
    ctx.strokeStyle = line.colour;
    ctx.fillStyle = ink;
    ctx.font = font.replace(/^\d+/, (size) => String(Number(size) * px));
    const before = !across && at + 5 * px + ctx.measureText(word).width > left + width; // at the end of the plot
    ctx.textAlign = across || before ? "right" : "left";
    ctx.setLineDash(line.dashes.map((length) => length * px));
    ctx.lineWidth = line.width * px;
    ctx.beginPath();
    ctx.moveTo(across ? left : at, across ? at : top);
    ctx.lineTo(across ? left + width : at, across ? at : top + height);
    ctx.stroke();
    ctx.fillText(
      word,
      across ? left + width - 4 * px : at + (before ? -5 : 5) * px,
      across ? at - 5 * px : this.#below(plot, top + 14 * px),
    );
    ctx.restore();
  }
}

/** The value at x of straight lines between points (linear interpolation). */
function between(points: [number, number][], x: number): number {
  const found = points.findIndex(([at]) => at >= x), after = found < 0 ? points.length - 1 : Math.max(1, found);
  const [[x0, y0], [x1, y1]] = [points[after - 1], points[after]];
  return y0 + (y1 - y0) * Math.min(1, Math.max(0, (x - x0) / (x1 - x0)));
}
