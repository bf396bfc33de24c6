// The health strip: how large gradients, updates and weights are, for each group of weights at each milestone. It draws
// what it is given, a run in training or a recorded one, and keeps only which milestone the reader looks at.
import { make, setProse, setText, VERBATIM } from "../shared/dom.ts";
import { count, DASH } from "../shared/format.ts";
import type { NormsAt } from "../shared/preset_strip_place.ts";
import { cellOf, type Line } from "./strip_drawing.ts";
import { scaleOf } from "./strip_scale.ts";
import {
  groupNames,
  NAMES,
  nothing_yet,
  QUANTITIES,
  type Quantity,
  sayingOf,
  short,
  SHORT_NAMES,
  valuesOf,
  WANTED_RATIO,
} from "./strip_words.ts";

/** What the strip shows. */
export interface Shown {
  /** Of the run that is read; empty before its first milestone. */
  milestones: readonly NormsAt[];
  /** A recorded run to compare with, drawn faintly; empty if there is none. */
  behind: readonly NormsAt[];
  /** The last iteration of the axis. */
  last: number;
  /** How many groups of weights the model has. */
  groups: number;
  /** Whether the residual stream is observed, too. */
  stream: boolean;
  /** Says whose numbers these are. */
  whose: string;
}

interface Cell {
  element: HTMLElement;
  name: HTMLElement;
  value: HTMLElement;
  frame: HTMLElement;
}

export class Strip {
  readonly element: HTMLElement;
  readonly #whose = make("p", { class: "ps-strip-whose" });
  readonly #says = make("p", { ...VERBATIM, class: "ps-strip-says" });
  readonly #slider = make("input", { type: "range", class: "ps-scrubber", min: "0", step: "1" });
  readonly #at = make("span", { class: "ps-strip-at" });
  readonly #rows = new Map<Quantity, { element: HTMLElement; list: HTMLElement; cells: Cell[] }>();
  readonly #body = make("tbody", { ...VERBATIM });
  readonly #head = make("tr", {});
  readonly #fold: HTMLDetailsElement;
  /** Index of the milestone that the reader has chosen; null: the newest. */
  #chosen: number | null = null;
  #shown: Shown = { milestones: [], behind: [], last: 1, groups: 0, stream: false, whose: "" };

  constructor(label: string) {
    for (const quantity of QUANTITIES) {
      const list = make("div", { class: "ps-strip-cells", role: "img" });
      const element = make(
        "div",
        { class: "ps-strip-row" },
        make("p", { class: "ps-strip-title" }, NAMES[quantity]),
        list,
      );
      this.#rows.set(quantity, { element, list, cells: [] });
    }
    const table = make("table", {}, make("thead", {}, this.#head), this.#body);
    const scrolls = { class: "md-typeset__scrollwrap", tabindex: "0", role: "region", "aria-label": "All norms" };
    this.#fold = make(
      "details",
      {},
      make("summary", {}, "The same as a table"),
      make("div", scrolls, make("div", { class: "md-typeset__table" }, table)),
    );
    this.#slider.setAttribute("aria-label", "Milestone");
    this.element = make(
      "section",
      { class: "ps-strip", "aria-label": label },
      this.#whose,
      ...[...this.#rows.values()].map(({ element }) => element),
      make("div", { class: "ps-strip-choice" }, this.#slider, this.#at),
      this.#says,
      this.#fold,
    );
    this.#slider.addEventListener("input", () => this.#choose(Number(this.#slider.value)));
    this.#fold.addEventListener("toggle", () => this.#drawTable());
    for (const { list } of this.#rows.values()) {
      const look = (event: PointerEvent) => this.#lookAt(event);
      list.addEventListener("pointermove", look);
      list.addEventListener("pointerdown", look);
    }
  }

  draw(shown: Shown): void {
    const { milestones } = shown;
    if (this.#chosen !== null && this.#chosen >= milestones.length) this.#chosen = null; // another run
    this.#shown = shown;
    this.#draw();
  }

  get #index(): number {
    return this.#chosen ?? this.#shown.milestones.length - 1;
  }

  #choose(index: number): void {
    this.#chosen = index === this.#shown.milestones.length - 1 ? null : index;
    this.#draw();
  }

  /** Chooses the milestone nearest to the pointer. */
  #lookAt({ target, clientX }: PointerEvent): void {
    const inner = (target as Element).closest(".ps-strip-frame")?.querySelector("svg svg")?.getBoundingClientRect();
    const { milestones, last } = this.#shown;
    if (!inner || inner.width === 0 || milestones.length === 0) return;
    const iteration = (clientX - inner.left) / inner.width * last;
    const far = milestones.map((one) => Math.abs(one.iteration - iteration));
    this.#choose(far.indexOf(Math.min(...far)));
  }

  #draw(): void {
    const { milestones, whose } = this.#shown, one = milestones[this.#index];
    setProse(this.#whose, whose);
    for (const quantity of QUANTITIES) this.#drawRow(quantity, one);
    this.#slider.max = String(Math.max(0, milestones.length - 1));
    this.#slider.value = String(Math.max(0, this.#index));
    this.#slider.disabled = milestones.length < 2;
    const at = one ? `iteration ${count(one.iteration)}` : "";
    setText(this.#at, at);
    this.#slider.setAttribute("aria-valuetext", one ? `${at}: ${sayingOf(one)}` : nothing_yet);
    setText(this.#says, one ? sayingOf(one) : nothing_yet);
    this.#drawTable();
  }

  /** A row has its room before there is a milestone, so that nothing moves when the first one comes. */
  #drawRow(quantity: Quantity, one: NormsAt | undefined): void {
    const { milestones, behind, last, groups, stream } = this.#shown, row = this.#rows.get(quantity)!;
    const names = groupNames(groups).slice(0, quantity === "stream" ? -1 : groups);
    row.element.hidden = quantity === "stream" && !stream;
    if (row.element.hidden) return;
    const values = one ? valuesOf(quantity, one) : [];
    while (row.cells.length < names.length) {
      row.cells.push(newCell(names[row.cells.length]));
      row.list.append(row.cells.at(-1)!.element);
    }
    while (row.cells.length > names.length) row.cells.pop()!.element.remove();
    const wanted = quantity === "ratio" ? WANTED_RATIO : null;
    const all = [...milestones, ...behind].flatMap((milestone) => [...valuesOf(quantity, milestone)]);
    const frame = { scale: scaleOf(wanted === null ? all : [...all, wanted]), last, wanted };
    row.cells.forEach(({ value, frame: place }, i) => {
      const line = (points: readonly NormsAt[], faint: boolean): Line => ({
        behind: faint,
        points: points.flatMap((milestone) => {
          const found = valuesOf(quantity, milestone)[i];
          return found === undefined ? [] : [{ iteration: milestone.iteration, value: found }];
        }),
      });
      place.replaceChildren(cellOf([line(behind, true), line(milestones, false)], frame, one?.iteration ?? null));
      setText(value, i < values.length ? short(values[i]) : DASH);
    });
    const said = values.length > 0 ? values.map((value, i) => `${names[i]} ${short(value)}`).join(", ") : nothing_yet;
    const at = one ? ` at iteration ${one.iteration}` : "";
    row.list.setAttribute("aria-label", `${NAMES[quantity]}${at}, on a logarithmic scale: ${said}`);
  }

  /** Only while it is open: it has a cell for each number. */
  #drawTable(): void {
    const { milestones } = this.#shown, one = milestones[0];
    if (!this.#fold.open || !one) return;
    const shown = QUANTITIES.filter((quantity) => valuesOf(quantity, one).length > 0);
    const names = groupNames(one.norms.gradient.length);
    const columns = shown.flatMap((quantity) =>
      valuesOf(quantity, one).map((_, i) => `${SHORT_NAMES[quantity]}, ${names[i]}`)
    );
    this.#head.replaceChildren(...["iteration", ...columns].map((name) => make("th", { scope: "col" }, name)));
    this.#body.replaceChildren(...milestones.map((milestone) => {
      const cells = shown.flatMap((quantity) => [...valuesOf(quantity, milestone)]);
      const first = make("th", { scope: "row" }, count(milestone.iteration));
      return make("tr", {}, first, ...cells.map((value) => make("td", {}, short(value))));
    }));
  }
}

function newCell(name: string): Cell {
  const title = make("span", {}, name), value = make("span", { class: "ps-strip-value" });
  const frame = make("div", { class: "ps-strip-frame" });
  const element = make(
    "div",
    { class: "ps-strip-cell" },
    make("p", { class: "ps-strip-name" }, title, " ", value),
    frame,
  );
  return { element, name: title, value, frame };
}
