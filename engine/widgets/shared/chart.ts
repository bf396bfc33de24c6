// The live loss chart: train NLL thin, val NLL bold with points, the corpus's rungs as labelled lines behind them.
// uPlot (MIT) draws the curves; what to draw is worked out in curve.ts.
import uPlot from "uplot";
import type { Columns, History } from "../../session/history.ts";
import { labelRoom, lossLabel } from "./axis.ts";
import { coloursOf, whenRecoloured } from "./colours.ts";
import { lastVal, type Level, logTicks, lossRange, nearestRow, spread, thin } from "./curve.ts";
import { make, setText, VERBATIM } from "./dom.ts";
import { count, loss } from "./format.ts";

/** More rows than this are thinned: at two rows a pixel, no screen shows more. */
const MAX_ROWS = 4000;
/** Width in CSS pixels from which the lines are labelled with their values too. */
const WIDE_PX = 560;
/** Column of the val loss in what uPlot is given. */
const VAL = 2;
/** uPlot's number for a scale with functions of its own. */
const OWN_SCALE = 100;
/** Dash, gap, ... in CSS pixels: a floor is told from a rung by more than its colour. */
const DASHES: Record<Level["kind"], number[]> = { rung: [4, 4], floor: [12, 3, 2, 3] };

const LOG_NAME = "log axis: spreads out the early iterations, where most is learnt";

/** What the drawing takes from the page's style. Asked for once: asking in every picture would cost a layout each. */
interface Style {
  font: string;
  /** Size of labels in CSS pixels; a whole number, because uPlot scales fonts to the screen by their first digits. */
  label_px: number;
  train: string;
  val: string;
  ink: string;
  quiet: string;
  rung: string;
}

/** One chart. It holds columns only as long as it takes to draw them: the run's history stays with its session. */
export class LossChart {
  readonly element: HTMLElement;
  readonly #frame = make("div", { class: "ps-chart-frame", role: "img" });
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
  #summary = "";
  #logarithmic = false;

  /** @param iterations planned length of the run: the right end of the axis. */
  constructor(private readonly levels: Level[], private readonly iterations: number) {
    this.element = make("div", { ...VERBATIM, class: "ps-chart" }, this.#legend(), this.#frame);
    this.#log_switch.setAttribute("aria-label", LOG_NAME);
    this.#log_switch.title = LOG_NAME;
    this.#log_switch.addEventListener("click", () => this.#setLogarithmic(!this.#logarithmic));
    this.#resized.observe(this.#frame);
  }

  /** Draws a history. `summary` is what a screen reader says in place of the picture. */
  draw(history: History, summary: string): void {
    this.#columns = thin(history, MAX_ROWS);
    this.#summary = summary;
    this.#describe();
    this.#plot?.setData(this.#data());
  }

  #describe(): void {
    const axis = this.#logarithmic ? "logarithmic" : "linear";
    this.#frame.setAttribute("aria-label", `${this.#summary}. The axis of iterations is ${axis}.`);
  }

  #setLogarithmic(on: boolean): void {
    this.#logarithmic = on;
    this.#log_switch.setAttribute("aria-pressed", String(on));
    this.#describe();
    this.#plot?.destroy(); // uPlot fixes the kind of a scale once and for all
    this.#plot = null;
    this.#fit();
  }

  /** Marks an iteration's place on the curve, or with null none. */
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
      make("span", { class: "ps-key-unit" }, "NLL in nats per character"),
      this.#hover,
      this.#log_switch,
    );
  }

  /** uPlot shows no axes without a row; two empty ones hold the picture open until the run begins. */
  #data(): uPlot.AlignedData {
    const { iteration, train, val } = this.#columns;
    if (iteration.length > 0) return [iteration, train, val];
    return [[0, this.iterations], [null, null], [null, null]];
  }

  #fit(): void {
    const width = this.#frame.clientWidth, height = this.#frame.clientHeight;
    if (width === 0 || height === 0) return;
    this.#width = width;
    const label_px = this.#style?.label_px;
    this.#style = null;
    if (this.#plot && this.#paint().label_px === label_px) return this.#plot.setSize({ width, height });
    this.#plot?.destroy(); // the page's type has another size now, and uPlot's axes keep theirs
    this.#plot = new uPlot(this.#options(width, height), this.#data(), this.#frame);
    this.#plot.over.append(this.#mark, this.#mark_dot);
    this.#placeMark();
  }

  #options(width: number, height: number): uPlot.Options {
    const { font, label_px } = this.#paint();
    const axis: uPlot.Axis = {
      stroke: () => this.#paint().quiet,
      font: `${label_px}px ${font}`,
      grid: { show: false },
      ticks: { stroke: () => this.#paint().rung, width: 1, size: 5 },
    };
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
        // One is added to each iteration before its logarithm is taken: the first is 0.
        x: {
          time: false,
          range: () => [0, this.#lastIteration()],
          ...(this.#logarithmic ? { distr: OWN_SCALE, fwd: Math.log1p, bwd: Math.expm1 } : {}),
        },
        y: { range: () => lossRange(this.#columns, this.levels) },
      },
      axes: [
        {
          ...axis,
          size: 2.2 * label_px,
          gap: 3,
          ...(this.#logarithmic
            ? { splits: () => logTicks(this.#lastIteration()), filter: (_plot, ticks) => ticks }
            : {}),
        },
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
        { stroke: () => this.#paint().train, width: 1, points: { show: false } },
        {
          stroke: () => this.#paint().val,
          width: 2.5,
          spanGaps: true,
          points: { show: true, size: 7, width: 0, fill: () => this.#paint().val },
        },
      ],
      hooks: {
        drawAxes: [(plot) => this.#drawLevels(plot)],
        draw: [() => this.#placeMark()],
        setCursor: [(plot) => this.#say(plot.cursor.idx ?? null)],
      },
    };
  }

  #lastIteration(): number {
    return Math.max(this.iterations, this.#columns.iteration.at(-1) ?? 0);
  }

  #drawLevels(plot: uPlot): void {
    const { ctx, bbox } = plot, px = devicePixelRatio;
    const { font, label_px, rung, quiet, ink } = this.#paint();
    const shown = this.levels.map((level) => ({ level, y: plot.valToPos(level.nats, "y", true) }))
      .sort((a, b) => a.y - b.y);
    const gap = 1.2 * label_px * px;
    const labels = spread(shown.map(({ y }) => y), gap, bbox.top, bbox.top + bbox.height);
    ctx.save();
    ctx.font = `${label_px * px}px ${font}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    const right = bbox.left + bbox.width;
    shown.forEach(({ level, y }, i) => {
      ctx.strokeStyle = level.kind === "floor" ? ink : rung;
      ctx.lineWidth = level.kind === "floor" ? 2 * px : px;
      ctx.setLineDash(DASHES[level.kind].map((length) => length * px));
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(right, y);
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.lineWidth = px;
      ctx.beginPath();
      ctx.moveTo(right + 2 * px, y);
      ctx.lineTo(right + 8 * px, labels[i]);
      ctx.stroke();
      ctx.fillStyle = level.kind === "floor" ? ink : quiet;
      ctx.fillText(this.#label(level), right + 11 * px, labels[i]);
    });
    ctx.restore();
  }

  #label(level: Level): string {
    if (this.#width < WIDE_PX) return level.name;
    const name = level.aside ? `${level.name}, ${level.aside}` : level.name;
    return `${name} ${level.nats.toFixed(2)}`;
  }

  /** Room to the right of the curves for the longest label, in CSS pixels. */
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

  /** Says what stands under the pointer. */
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
    const named = coloursOf(this.element);
    return this.#style = {
      font: style.fontFamily,
      label_px: Math.round(0.78 * parseFloat(style.fontSize)),
      train: named("train"),
      val: named("val"),
      ink: named("ink"),
      quiet: named("quiet"),
      rung: named("rung"),
    };
  }

  #recolour(): void {
    this.#style = null;
    this.#plot?.redraw(false);
  }
}
