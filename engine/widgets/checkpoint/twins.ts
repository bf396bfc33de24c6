// The twin-seeds block: two seeds train side by side, and their losses and hashes show whether they are the same run; below
// it, a neighbour's file beside the runs of this page. What trains and compares is in session/.
import type { Comparison } from "../../checkpoint/comparison.ts";
import { comparedFiles, Neighbour, type OwnRun } from "../../session/neighbour.ts";
import { differences, type ShortRun, ShortRuns } from "../../session/short_run.ts";
import type { TrainingSession } from "../../session/session.ts";
import type { LinkMaker } from "../../session/talk.ts";
import { comparedText, twinWords as words } from "../../wording_of_talk.ts";
import { seedWords } from "../../wording.ts";
import { make, setProse, setText, tellFigure, TYPED_AS_IT_IS, VERBATIM } from "../shared/dom.ts";
import { Pacer } from "../shared/draw_pacer.ts";
import type { TwinSeedsIsland } from "../shared/island.ts";
import type { LatePage } from "./late_page.ts";
import { NeighbourView } from "./neighbour_view.ts";
import { TwinChart } from "./twin_chart.ts";

const DRAW_EVERY_MS = 100;

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountTwins(root: Element, island: TwinSeedsIsland, page: LatePage): () => void {
  const view = new TwinView(root, stateOf(root, island, page), island, page);
  root.append(view.element);
  return () => view.dispose();
}

/** What outlives the widget. */
class TwinState {
  readonly runs: ShortRuns;
  readonly neighbour: Neighbour;
  readonly beside: ShortRuns;
  /** The two files, once both runs have ended. */
  comparison: Comparison | null = null;
  failure: string | null = null;
  changed = () => {};
  #link: LinkMaker;
  #main: TrainingSession;
  #number: number;
  #until: number;
  /** The runs whose files are compared. */
  #compared: readonly ShortRun[] = [];

  constructor(root: Element, { session, iterations }: TwinSeedsIsland, page: LatePage) {
    const place = [...document.querySelectorAll("[data-ps]")].indexOf(root), main = page.sessions[session];
    const { own: { TrainingSession, EngineLink }, host } = page;
    this.#link = (listeners) => new EngineLink(host, listeners);
    this.#main = main;
    this.#number = [...document.querySelectorAll('[data-ps="twin-seeds"]')].indexOf(root);
    this.#until = iterations;
    this.runs = new ShortRuns(TrainingSession, main, host, place, () => this.#look());
    this.beside = new ShortRuns(TrainingSession, main, host, place, () => this.#lookBeside());
    this.neighbour = new Neighbour(main, this.#link, this.beside, () => this.changed());
  }

  /** Begins both runs, on the CPU engine. */
  start(seeds: [string, string]): void {
    this.comparison = this.failure = null;
    this.beside.stop();
    this.runs.start(seeds.map((seed, i) => ({
      name: `(twin-${2 * this.#number + i + 1})`,
      seed,
      until: this.#until,
      engine: "cpu",
    })));
  }

  stop(): void {
    this.comparison = this.failure = null;
    this.runs.stop();
    this.changed();
  }

  train(): void {
    this.runs.stop();
    this.neighbour.train(`(beside-${this.#number + 1})`);
  }

  /** What a neighbour's file is compared with. */
  get own(): OwnRun[] {
    const main = this.#main,
      of = (words: string, run: ShortRun | undefined): OwnRun[] => {
        const file = run?.file;
        return file ? [{ words, file: () => Promise.resolve(file) }] : [];
      };
    return [
      ...of(words.beside_run, this.beside.runs[0]),
      ...of(words.left_run, this.runs.runs[0]),
      ...of(words.right_run, this.runs.runs[1]),
      ...main.iteration > 0 ? [{ words: words.page_run, file: () => main.save() }] : [],
    ];
  }

  #look(): void {
    const { runs } = this.runs;
    if (runs.length === 2 && runs !== this.#compared && runs.every(({ ended }) => ended)) {
      this.#compared = runs;
      this.#compare(runs);
    }
    this.changed();
  }

  async #compare(runs: readonly ShortRun[]): Promise<void> {
    const [a, b] = runs;
    try {
      if (a.file && b.file) this.comparison = await comparedFiles(this.#link, a.file, b.file);
      else this.failure = a.failure ?? b.failure;
    } catch (error) {
      this.failure = String(error);
    }
    if (runs !== this.runs.runs) this.comparison = this.failure = null;
    else this.neighbour.compare(this.own);
    this.changed();
  }

  #lookBeside(): void {
    const [run] = this.beside.runs;
    if (run?.file && !this.beside.running && !this.neighbour.reading && !this.#knows(run)) {
      this.neighbour.compare(this.own);
    }
    this.changed();
  }

  #knows(run: ShortRun): boolean {
    return this.neighbour.results.some(({ comparison }) => comparison.ours.hashes.state === run.hashes?.state);
  }
}

const states = new WeakMap<Element, TwinState>();

function stateOf(root: Element, island: TwinSeedsIsland, page: LatePage): TwinState {
  if (!states.has(root)) states.set(root, new TwinState(root, island, page));
  return states.get(root)!;
}

class TwinView {
  readonly element = make("section", { class: "ps-panel", "aria-label": words.title });
  readonly #seeds: [HTMLInputElement, HTMLInputElement];
  readonly #train = make("button", { type: "submit", class: "ps-button ps-primary", translate: "no" }, words.train);
  readonly #stop = make("button", { type: "button", class: "ps-button ps-quiet" }, words.stop);
  readonly #badge = make("p", { class: "ps-badge", role: "status" });
  readonly #chart: TwinChart;
  readonly #root: Element;
  readonly #main: TrainingSession;
  readonly #hashes: HTMLElement[][] = [];
  readonly #verdict = make("p", { class: "ps-twin-verdict" });
  readonly #pacer = new Pacer(() => this.#draw(), DRAW_EVERY_MS);
  readonly #listening = new AbortController();
  readonly #neighbour: NeighbourView;

  constructor(
    root: Element,
    private readonly state: TwinState,
    private readonly island: TwinSeedsIsland,
    page: LatePage,
  ) {
    this.#root = root;
    this.#main = page.sessions[island.session];
    const ln_v = Math.log(this.#main.options.corpus.vocab_size);
    this.#chart = new TwinChart(page.own.uPlot, ln_v, { losses: words.losses, difference: words.difference });
    const { signal } = this.#listening, { runs: { runs } } = state;
    this.#seeds = island.seeds.map((seed, i) =>
      make("input", { ...TYPED_AS_IT_IS, class: "ps-twin-seed", value: runs[i]?.session.seed ?? seed, required: "" })
    ) as [HTMLInputElement, HTMLInputElement];
    const form = make(
      "form",
      { class: "ps-twin-form" },
      ...this.#seeds.map((field, i) =>
        make(
          "label",
          { class: "ps-field" },
          make("span", { class: "ps-field-name" }, i === 0 ? words.left : words.right),
          field,
        )
      ),
      make("div", { class: "ps-controls" }, this.#train, this.#stop),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      state.start(this.#seeds.map(({ value }) => value) as [string, string]);
    }, { signal });
    for (const field of this.#seeds) {
      field.addEventListener("input", () => {
        field.setCustomValidity(field.value.trim() === "" ? seedWords.empty : "");
      }, { signal });
    }
    this.#stop.addEventListener("click", () => state.stop(), { signal });
    this.#neighbour = new NeighbourView(
      root,
      state.neighbour,
      state.beside,
      () => state.own,
      () => state.train(),
      signal,
    );
    this.element.append(
      form,
      this.#badge,
      this.#chart.element,
      make(
        "div",
        { class: "ps-table-frame", tabindex: "0", role: "group", "aria-label": words.weights },
        this.#table(),
      ),
      this.#verdict,
      this.#neighbour.element,
    );
    state.changed = () => this.#pacer.request();
    this.#draw();
  }

  dispose(): void {
    this.#listening.abort();
    this.state.changed = () => {};
    this.#pacer.cancel();
    this.#chart.dispose();
  }

  #table(): HTMLElement {
    const head = make(
      "tr",
      {},
      ...[words.seed, words.weights, words.state].map((text) => make("th", { scope: "col" }, text)),
    );
    const body = make("tbody", {});
    for (let row = 0; row < 2; row++) {
      const cells = [make("th", { ...VERBATIM, scope: "row" }), ...[0, 1].map(() => make("td", { class: "ps-hash" }))];
      this.#hashes.push(cells);
      body.append(make("tr", {}, ...cells));
    }
    return make("table", { class: "ps-table ps-twin-table" }, make("thead", {}, head), body);
  }

  #draw(): void {
    const { runs, comparison, failure } = this.state, both = runs.runs, [a, b] = both.map(({ session }) => session);
    const seeds = this.#seeds.map((field, i) => both[i]?.session.seed ?? field.value) as [string, string];
    const apart = differences(both), measured = apart.filter((one) => one !== null) as number[];
    const largest = measured.length > 0 ? Math.max(...measured) : 0;
    this.#chart.draw(seeds, {
      losses: [a?.history.train ?? [], b?.history.train ?? []],
      differences: apart,
      iterations: Math.min(this.island.iterations, this.#main.iterations),
      summary: words.picture(...seeds, Math.min(a?.iteration ?? 0, b?.iteration ?? 0)),
      remark: largest > 0 ? words.largest(largest, apart.indexOf(largest)) : words.no_difference(measured.length),
    });
    this.#stop.setAttribute("aria-disabled", String(!runs.running));
    setProse(this.#badge, this.#doing());
    this.#hashes.forEach(([name, weights, state], i) => {
      const hashes = both[i]?.hashes;
      setText(name, seeds[i]);
      setText(weights, hashes?.weights ?? "–");
      setText(state, hashes?.state ?? "–");
    });
    this.#verdict.dataset.equal = comparison ? String(comparison.same_state === true) : "";
    setProse(this.#verdict, failure ?? (comparison ? comparedText(comparison) : ""));
    this.#neighbour.draw();
    tellFigure(this.#root, both.length === 0 ? "idle" : "trained");
  }

  #doing(): string {
    const { runs, comparison, failure } = this.state, both = runs.runs.map(({ session }) => session);
    if (both.length === 0) return words.idle;
    if (comparison || failure !== null) return words.trained(Math.max(...both.map(({ iteration }) => iteration)));
    if (!runs.running) return words.comparing;
    const held = both.find(({ status }) => status === "waiting" || status === "hidden" || status === "loading");
    if (held) return held.detail;
    return words.training(both.map(({ iteration }) => iteration), runs.runs[0].until);
  }
}
