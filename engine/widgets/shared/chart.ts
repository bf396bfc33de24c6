// The live loss chart: train NLL thin, val NLL bold with points, the corpus's rungs as labelled lines behind them.
// uPlot (MIT) draws the curves; curve.ts computes what to draw.
import uPlot from "uplot";
import type { Columns, History } from "../../session/history.ts";
import { labelRoom, lossLabel } from "./axis.ts";
import { type Look, lookOf, whenRecoloured } from "./colours.ts";
import { fitting, lastVal, type Level, logTicks, lossRange, nearestRow, spread, thin } from "./curve.ts";
import { make, setText, VERBATIM } from "./dom.ts";
import { count, loss } from "./format.ts";

/** Above this many rows the curve is thinned: at two rows a pixel, no screen can show more. */
const MAX_ROWS = 4000;
/** From this width on, in CSS pixels, the labels of lines include their values. */
const WIDE_PX = 560;
/** Index of the val loss in uPlot's data. */
const VAL = 2;
/** A pointer this close to the first or last iteration means that iteration. */
const EDGE_PX = 8;
/** uPlot's number for a scale with custom functions. */
const OWN_SCALE = 100;

const LOG_NAME = "log axis: spreads out the early iterations, where most is learnt";

/** The page's styles that the chart uses. Cached, because asking for them in every picture would cost a layout each. */
interface Style extends Look {
  font: string;
  /** Size of labels in CSS pixels; whole, because uPlot scales a font by its leading digits only. */
  label_px: number;
}

/** Something that a chart shows behind its curves, such as a reader's guess. */
export interface ChartLayer {
  /** Its entry in the legend. */
  readonly key: HTMLElement;
  /** Losses that the axis has to show. */
  losses(): readonly number[];
  draw(plot: uPlot): void;
}

/** One chart. It holds thinned columns for drawing; the run's history belongs to its session. */
export class LossChart {
  readonly element: HTMLElement;
  /** The picture. */
  readonly frame = make("div", { class: "ps-chart-frame", role: "img" });
  readonly #hover = make("span", { class: "ps-chart-hover" });
  readonly #log_switch = make("button", { type: "button", class: "ps-toggle", "aria-pressed": "false" }, "log axis");
  readonly #mark = make("div", { class: "ps-mark", hidden: "" }, make("span", { class: "ps-mark-label" }));
  readonly #mark_dot = make("div", { class: "ps-mark-dot", hidden: "" });
  readonly #resized = new ResizeObserver(() => this.#fit());
  readonly #unwatch = whenRecoloured(() => this.#recolour());
  #plot: uPlot | null = null;
  #columns: Columns = { iteration: [], train: [], val: [] };
  #style: Style | null = null;
  #width = 0;
  #marked: number | null = null;
  #summary = "Loss curve";
  #logarithmic = false;

  /** @param iterations planned length of the run; the axis ends there unless the run is longer. */
  constructor(
    private readonly levels: Level[],
    private readonly iterations: number,
    private readonly layer: ChartLayer | null = null,
  ) {
    this.element = make("div", { ...VERBATIM, class: "ps-chart" }, this.#legend(), this.frame);
    this.#log_switch.setAttribute("aria-label", LOG_NAME);
    this.#log_switch.title = LOG_NAME;
    this.#log_switch.addEventListener("click", () => this.#setLogarithmic(!this.#logarithmic));
    this.#resized.observe(this.frame);
    this.#describe();
  }

  /** Draws a history. @param summary what a screen reader says instead of the picture */
  draw(history: History, summary: string): void {
    this.#columns = thin(history, MAX_ROWS);
    this.#summary = summary;
    this.#describe();
    this.#plot?.setData(this.#data());
  }

  /** Draws the same history again, because its layer has changed. */
  redraw(): void {
    this.#plot?.setData(this.#data());
  }

  /** The iteration and the loss under a pointer; outside the axes, those of the nearest point on them. */
  pointed({ clientX, clientY }: MouseEvent): [iteration: number, nats: number] | null {
    if (!this.#plot) return null;
    const { left, top, width, height } = this.#plot.over.getBoundingClientRect();
    const from_left = clientX - left, y = Math.min(Math.max(clientY - top, 0), height);
    const x = from_left < EDGE_PX ? 0 : from_left > width - EDGE_PX ? width : from_left;
    return [this.#plot.posToVal(x, "x"), this.#plot.posToVal(y, "y")];
  }

  #describe(): void {
    const axis = this.#logarithmic ? "logarithmic" : "linear";
    this.frame.setAttribute("aria-label", `${this.#summary}. The axis of iterations is ${axis}.`);
  }

  #setLogarithmic(on: boolean): void {
    this.#logarithmic = on;
    this.#log_switch.setAttribute("aria-pressed", String(on));
    this.#describe();
    this.#plot?.destroy(); // uPlot cannot change the kind of a scale later
    this.#plot = null;
    this.#fit();
  }

  /** Marks an iteration on the curve; null removes the mark. */
  mark(iteration: number | null): void {
    this.#marked = iteration;
    this.#placeMark();
  }

  dispose(): void {
    this.#resized.disconnect();
    this.#unwatch();
    this.#plot?.destroy();
    this.#plot = null;
  }

  #legend(): HTMLElement {
    const floor = this.levels.some(({ kind }) => kind === "floor");
    return make(
      "div",
      { class: "ps-legend" },
      make("span", { class: "ps-key ps-key-train" }, "train"),
      make("span", { class: "ps-key ps-key-val" }, "val"),
      make("span", { class: "ps-key ps-key-rung" }, "rungs"),
      ...(floor ? [make("span", { class: "ps-key ps-key-floor" }, "floor")] : []),
      ...(this.layer ? [this.layer.key] : []),
      make("span", { class: "ps-key-unit" }, "NLL in nats per character"),
      this.#hover,
      this.#log_switch,
    );
  }

  /** uPlot draws no axes without rows, so two empty rows stand in until the run begins. */
  #data(): uPlot.AlignedData {
    const { iteration, train, val } = this.#columns;
    if (iteration.length > 0) return [iteration, train, val];
    return [[0, this.iterations], [null, null], [null, null]];
  }

  #fit(): void {
    const width = this.frame.clientWidth, height = this.frame.clientHeight;
    if (width === 0 || height === 0) return;
    this.#width = width;
    const label_px = this.#style?.label_px;
    this.#style = null;
    if (this.#plot && this.#paint().label_px === label_px) return this.#plot.setSize({ width, height });
    this.#plot?.destroy(); // the font size changed, and uPlot's axes keep the old one
    this.#plot = new uPlot(this.#options(width, height), this.#data(), this.frame);
    this.#plot.over.append(this.#mark, this.#mark_dot);
    this.#placeMark();
  }

  #options(width: number, height: number): uPlot.Options {
    const { font, label_px, train, val, val_point } = this.#paint();
    const axis: uPlot.Axis = {
      stroke: () => this.#paint().quiet,
      font: `${label_px}px ${font}`,
      grid: { show: false },
      ticks: { stroke: () => this.#paint().rung.colour, width: 1, size: 5 },
    };
    const x: uPlot.Scale = { time: false, range: () => [0, this.#lastIteration()] };
    const iterations: uPlot.Axis = { ...axis, size: 2.2 * label_px, gap: 3 };
    if (this.#logarithmic) {
      x.distr = OWN_SCALE;
      x.fwd = Math.log1p; // the logarithm of iteration + 1, because iterations begin at 0
      x.bwd = Math.expm1;
      iterations.splits = () => logTicks(this.#lastIteration());
      iterations.filter = (_plot, ticks) => ticks;
    }
    return {
      width,
      height,
      padding: [8, (plot) => this.#gutter(plot), 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        dataIdx: (_plot, series, row) => series === VAL ? lastVal(this.#columns, row) ?? row : row,
      },
      scales: {
        x,
        y: { range: () => this.#lossRange() },
      },
      axes: [
        iterations,
        {
          ...axis,
          size: (plot, labels) => labelRoom(plot.ctx, `${label_px}px ${font}`, label_px, labels ?? []),
          space: 3.4 * label_px,
          gap: 3,
          values: (_plot, ticks) => ticks.map(lossLabel),
        },
      ],
      series: [
        {},
        { stroke: () => this.#paint().train.colour, width: train.width, points: { show: false } },
        {
          stroke: () => this.#paint().val.colour,
          width: val.width,
          spanGaps: true,
          points: { show: true, size: val_point, width: 0, fill: () => this.#paint().val.colour },
        },
      ],
      hooks: {
        drawAxes: [(plot) => this.#drawLevels(plot), (plot) => this.layer?.draw(plot)],
        draw: [() => this.#placeMark()],
        setCursor: [(plot) => this.#say(plot.cursor.idx ?? null)],
      },
    };
  }

  #lastIteration(): number {
    return Math.max(this.iterations, this.#columns.iteration.at(-1) ?? 0);
  }

  /** No margin around a layer's losses: while the reader draws along an edge, the axis must stay as it is. */
  #lossRange(): [low: number, high: number] {
    const [low, high] = lossRange(this.#columns, this.levels), more = this.layer?.losses() ?? [];
    return [Math.min(low, ...more), Math.max(high, ...more)];
  }

  #drawLevels(plot: uPlot): void {
    const { ctx, bbox } = plot, px = devicePixelRatio;
    const { font, label_px, quiet, ...paint } = this.#paint();
    const shown = this.levels.map((level) => ({ level, y: plot.valToPos(level.nats, "y", true) }))
      .sort((a, b) => a.y - b.y);
    const gap = 1.35 * label_px * px, wanted = shown.map(({ y }) => y);
    const named = fitting(wanted, shown.map(({ level }) => level.kind === "floor"), 1 + Math.floor(bbox.height / gap));
    const labels = spread(named.map((i) => wanted[i]), gap, bbox.top, bbox.top + bbox.height);
    ctx.save();
    ctx.font = `${label_px * px}px ${font}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    const right = bbox.left + bbox.width;
    shown.forEach(({ level, y }, i) => {
      const line = paint[level.kind];
      ctx.strokeStyle = line.colour;
      ctx.lineWidth = line.width * px;
      ctx.setLineDash(line.dashes.map((length) => length * px));
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(right, y);
      ctx.stroke();
      const label = labels[named.indexOf(i)];
      if (label === undefined) return;
      ctx.setLineDash([]);
      ctx.lineWidth = px;
      ctx.beginPath();
      ctx.moveTo(right + 2 * px, y);
      ctx.lineTo(right + 8 * px, label);
      ctx.stroke();
      ctx.fillStyle = level.kind === "floor" ? line.colour : quiet;
      ctx.fillText(this.#label(level), right + 11 * px, label);
    });
    ctx.restore();
  }

  #label(level: Level): string {
    if (this.#width < WIDE_PX) return level.name;
    const name = level.aside ? `${level.name}, ${level.aside}` : level.name;
    return `${name} ${level.nats.toFixed(2)}`;
  }

  /** Width to the right of the curves for the longest label, in CSS pixels. */
  #gutter(plot: uPlot): number {
    plot.ctx.save();
    const { font, label_px } = this.#paint();
    plot.ctx.font = `${label_px}px ${font}`;
    const widths = this.levels.map((level) => plot.ctx.measureText(this.#label(level)).width);
    plot.ctx.restore();
    return Math.ceil(Math.max(...widths)) + 14;
  }

  #placeMark(): void {
    const row = this.#marked === null ? null : nearestRow(this.#columns, this.#marked);
    const plot = this.#plot;
    this.#mark.hidden = this.#mark_dot.hidden = row === null || !plot;
    if (row === null || !plot) return;
    const x = plot.valToPos(this.#columns.iteration[row], "x");
    this.#mark.style.transform = `translateX(${x}px)`;
    this.#mark.classList.toggle("ps-mark-left", x > this.#width / 2);
    setText(this.#mark.firstElementChild!, `iteration ${this.#marked}`);
    const nats = this.#columns.val[row] ?? this.#columns.train[row];
    this.#mark_dot.hidden = nats === null;
    if (nats !== null) this.#mark_dot.style.transform = `translate(${x}px, ${plot.valToPos(nats, "y")}px)`;
  }

  /** Shows the values under the pointer; null clears them. */
  #say(row: number | null): void {
    const { iteration, train, val } = this.#columns;
    if (row === null || row >= iteration.length) return setText(this.#hover, "");
    const at = lastVal(this.#columns, row);
    const measured = at === null ? "" : `, val ${loss(val[at])}` + (at === row ? "" : ` (at ${iteration[at]})`);
    setText(this.#hover, `iteration ${count(iteration[row])}: train ${loss(train[row])}${measured}`);
  }

  #paint(): Style {
    if (this.#style) return this.#style;
    const style = getComputedStyle(this.element);
    const label_px = Math.round(0.78 * parseFloat(style.fontSize));
    return this.#style = { ...lookOf(this.element), font: style.fontFamily, label_px };
  }

  #recolour(): void {
    this.#style = null;
    this.#plot?.redraw(false);
  }
}
