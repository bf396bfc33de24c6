// Charts of two runs side by side: their losses over each other, and below by how much they differ.
import type uPlot from "uplot";
import { labelRoom, logLossTicks, lossLabel } from "../shared/axis.ts";
import { type Look, lookOf, whenRecoloured } from "../shared/colours.ts";
import { make, setText, VERBATIM } from "../shared/dom.ts";

/** uPlot's number for a logarithmic scale. */
const LOGARITHMIC = 3;
/** The axis while nothing differs: from f32's precision at a loss of 4 nats to 1 nat. */
const NO_DIFFERENCE: [number, number] = [1e-7, 1];

type Column = readonly (number | null)[];

interface Drawn {
  /** Of both runs, by iteration, in nats per character. */
  losses: [Column, Column];
  differences: Column;
  /** The length of the time axis. */
  iterations: number;
  /** What a screen reader says instead of the picture. */
  summary: string;
  /** Beside the keys of the difference. */
  remark: string;
}

export class TwinChart {
  readonly element: HTMLElement;
  readonly #losses = make("div", { class: "ps-chart-frame ps-twin-losses", role: "img" });
  readonly #differences = make("div", { class: "ps-chart-frame ps-twin-differences", role: "img" });
  readonly #keys: [HTMLElement, HTMLElement] = [0, 1].map((i) =>
    make("span", { class: `ps-key ps-key-twin-${i + 1}` })
  ) as [HTMLElement, HTMLElement];
  readonly #remark = make("span", { class: "ps-key-unit" });
  readonly #resized = new ResizeObserver(() => this.#rebuild());
  readonly #unwatch = whenRecoloured(() => this.#rebuild());
  #plots: uPlot[] = [];
  #drawn: Drawn | null = null;

  /**
   * @param Plot the page's class
   * @param ln_v the loss of guessing evenly, in nats per character: the axis of an empty chart
   * @param words legend of the two charts
   */
  constructor(
    private readonly Plot: typeof uPlot,
    private readonly ln_v: number,
    words: { losses: string; difference: string },
  ) {
    const unit = (text: string) => make("span", { class: "ps-key-unit" }, text);
    this.element = make(
      "div",
      { ...VERBATIM, class: "ps-chart" },
      make("div", { class: "ps-legend" }, ...this.#keys, unit(words.losses)),
      this.#losses,
      make("div", { class: "ps-legend" }, unit(words.difference), this.#remark),
      this.#differences,
    );
    this.#resized.observe(this.#losses);
  }

  draw(names: [string, string], drawn: Drawn): void {
    names.forEach((name, i) => setText(this.#keys[i], name));
    setText(this.#remark, drawn.remark);
    this.#losses.setAttribute("aria-label", drawn.summary);
    this.#differences.setAttribute("aria-label", drawn.remark || drawn.summary);
    const same_axis = this.#drawn?.iterations === drawn.iterations && this.#plots.length > 0;
    this.#drawn = drawn;
    if (!same_axis) return this.#rebuild();
    this.#data().forEach((data, i) => this.#plots[i].setData(data));
  }

  dispose(): void {
    this.#resized.disconnect();
    this.#unwatch();
    for (const plot of this.#plots) plot.destroy();
    this.#plots = [];
  }

  #data(): uPlot.AlignedData[] {
    const { losses: [left, right], differences, iterations } = this.#drawn!;
    const rows = Array.from({ length: iterations + 1 }, (_, i) => i);
    const column = (values: Column) => rows.map((i) => Number.isFinite(values[i]) ? values[i] : null);
    const positive = column(differences).map((value) => value === 0 ? null : value); // 0 has no logarithm
    return [[rows, column(left), column(right)], [rows, positive]] as uPlot.AlignedData[];
  }

  #rebuild(): void {
    const width = this.#losses.clientWidth;
    for (const plot of this.#plots) plot.destroy();
    this.#plots = [];
    if (width === 0 || !this.#drawn) return;
    const [losses, differences] = this.#data(), look = lookOf(this.element);
    this.#plots = [
      new this.Plot(this.#lossOptions(width, look), losses, this.#losses),
      new this.Plot(this.#differenceOptions(width, look), differences, this.#differences),
    ];
  }

  #lossOptions(width: number, look: Look): uPlot.Options {
    const wide = parseFloat(getComputedStyle(this.element).getPropertyValue("--ps-twin-width"));
    const series = (stroke: string, width: number): uPlot.Series => ({ stroke, width, points: { show: false } });
    return {
      ...this.#common(width, this.#losses.clientHeight, look, {}),
      series: [{}, series(look.train.colour, wide), series(look.val.colour, look.train.width)],
    };
  }

  #differenceOptions(width: number, look: Look): uPlot.Options {
    const height = this.#differences.clientHeight, px = this.#font().px;
    const points = { show: true, size: look.val_point, width: 0, fill: look.val.colour };
    return {
      ...this.#common(width, height, look, {
        splits: (plot, _i, low, high) => logLossTicks(low, high, plot.bbox.height / devicePixelRatio, px),
        filter: (_plot, ticks) => ticks,
      }),
      scales: {
        x: { time: false, range: () => [0, this.#drawn!.iterations] },
        y: { distr: LOGARITHMIC, range: () => this.#range() },
      },
      series: [{}, { stroke: look.val.colour, width: look.train.width, points }],
    };
  }

  #range(): [number, number] {
    const values = this.#drawn!.differences.filter((value) => value !== null && value > 0) as number[];
    return values.length === 0 ? NO_DIFFERENCE : [0.7 * Math.min(...values), 1.4 * Math.max(...values)];
  }

  #font(): { px: number; font: string } {
    const style = getComputedStyle(this.element), px = Math.round(0.78 * parseFloat(style.fontSize));
    return { px, font: `${px}px ${style.fontFamily}` };
  }

  #common(width: number, height: number, look: Look, of_losses: uPlot.Axis): uPlot.Options {
    const { px, font } = this.#font();
    const axis: uPlot.Axis = {
      stroke: look.quiet,
      font,
      grid: { show: false },
      ticks: { stroke: look.rung.colour, width: 1, size: 5 },
    };
    return {
      width,
      height,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [0, this.#drawn!.iterations] },
        y: { range: (_plot, low, high) => low === null ? [0, this.ln_v] : this.Plot.rangeNum(low, high, 0.1, true) },
      },
      axes: [{ ...axis, size: 2.2 * px, gap: 3 }, {
        ...axis,
        gap: 3,
        size: (plot, labels) => labelRoom(plot.ctx, font, px, labels ?? []),
        values: (_plot, ticks) => ticks.map(lossLabel),
        ...of_losses,
      }],
      series: [],
    };
  }
}
