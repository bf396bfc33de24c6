// Where the heads of a model look: of the recorded run and of the reader's own, at each milestone.
import { inflateBytes } from "../../training/inflate.ts";
import type { TrainingSession } from "../../session/session.ts";
import { whenRecoloured } from "../shared/colours.ts";
import { make } from "../shared/dom.ts";
import type { AttentionIsland, RecordedHeads } from "../shared/island.ts";
import { whenNear } from "../shared/nearness.ts";
import { heedReplays } from "../shared/replayed.ts";
import { HeadGrid } from "./head_grid.ts";
import { HeadSwitch } from "./head_switch.ts";
import { HeadTable } from "./head_table.ts";
import { HeadView } from "./head_view.ts";
import { bestHeadText } from "./head_words.ts";
import { best, type HeadCounts, type HeadOrder, type HeadsAt } from "./heads.ts";
import type { InstrumentsPage } from "./instruments_page.ts";
import { MilestoneChoice, type Whose } from "./milestone_choice.ts";
import { MilestonePicker } from "./milestone_picker.ts";
import { shownAt } from "./surprise_words.ts";

/** Maps are unpacked and drawn once the block is at most this far below or above the view. */
const NEAR = "50% 0px";

const ORDERS: [HeadOrder, string][] = [
  ["layer", "by layer"],
  ["previous", "by previous-character score"],
  ["prefix", "by prefix-match score"],
];

const KEY =
  "Each row of a map is a character that looks, each column one that it looks at. The more a square stands out " +
  "from the background, the more attention it gets. “prev” is the previous-character score, “match” the prefix-match score.";

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountAttention(root: Element, island: AttentionIsland, page: InstrumentsPage): () => void {
  const session = page.sessions[island.session], widget = new AttentionWidget(island, session, root.id);
  root.append(widget.element);
  const left = new AbortController();
  whenNear(root, NEAR, () => widget.begin(), left.signal);
  const ends = [
    () => left.abort(),
    session.on("metrics", () => widget.drawNews()), // after a reset too
    page.spotlights.get(session)!.on((iteration) => widget.point(iteration)),
    heedReplays(({ name, iteration }) => name === island.corpus && widget.replay(iteration)),
    whenRecoloured(() => widget.draw()),
    () => widget.dispose(),
  ];
  return () => ends.forEach((end) => end());
}

class AttentionWidget {
  readonly element: HTMLElement;
  readonly #counts: HeadCounts;
  readonly #recorded: HeadsAt[];
  readonly #choice: MilestoneChoice<HeadsAt>;
  readonly #picker: MilestonePicker<HeadsAt>;
  readonly #grid: HeadGrid;
  readonly #view = new HeadView();
  readonly #switch: HeadSwitch;
  readonly #table: HeadTable;
  readonly #order = make("select", { class: "ps-select" });
  /** The reader's choice; null for the head with the highest score. */
  #head: number | null = null;
  /** Whose run the last picture showed, and how many milestones there were of it. */
  #drawn: { whose: Whose; of: number; iteration?: number } = { whose: "recorded", of: 0 };
  #begun = false;
  #disposed = false;

  /** @param key unique on the page */
  constructor(private readonly island: AttentionIsland, session: TrainingSession, key: string) {
    const { n_layer, n_head } = session.options.model, { recorded } = island;
    this.#counts = { n_layer, n_head };
    this.#recorded = recorded ? momentsOf(recorded) : [];
    const own = () => session.observations.flatMap(({ iteration, line }) => line ? [{ ...line, iteration }] : []);
    this.#choice = new MilestoneChoice(this.#recorded, own);
    const words = {
      where: (shown: HeadsAt | null, whose: Whose) => shown ? shownAt[whose](shown.iteration) : shownAt.nothing,
      what: (shown: HeadsAt | null) => shown ? bestHeadText(shown[island.score], island.score, n_head) : "",
    };
    this.#picker = new MilestonePicker(this.#choice, words, `${key}-whose`, () => this.draw());
    this.#grid = new HeadGrid(this.#counts, `${key}-head`, (head) => {
      this.#head = head;
      this.draw();
    });
    this.#table = new HeadTable(n_head);
    this.#switch = new HeadSwitch(island, session, this.#counts, () => this.draw());
    this.#order.append(...ORDERS.map(([value, words]) => make("option", { value }, words)));
    this.#order.addEventListener("change", () => this.draw());
    this.element = this.#layOut();
    this.draw();
  }

  /** Unpacks the recorded maps, and draws from now on. */
  async begin(): Promise<void> {
    this.#begun = true;
    this.draw();
    if (!this.island.recorded) return;
    const attention = new Uint8Array(await inflateBytes(this.island.recorded.attention));
    if (this.#disposed) return;
    const size = attention.length / this.#recorded.length;
    this.#recorded.forEach((moment, i) => moment.attention = attention.subarray(i * size, (i + 1) * size));
    this.draw();
  }

  dispose(): void {
    this.#disposed = true;
    this.#switch.dispose();
  }

  /** The reader points at an iteration of the own run, or at none. */
  point(iteration: number | null): void {
    this.#choice.point(iteration);
    this.draw();
  }

  /** A replay of the recorded run is at this iteration. */
  replay(iteration: number): void {
    this.#choice.replay(iteration);
    this.drawNews();
  }

  /** Draws only if there is another milestone to show: runs and replays report far more often. */
  drawNews(): void {
    const { all, shown, whose } = this.#choice, { of, iteration, ...drawn } = this.#drawn;
    if (whose === drawn.whose && all.length === of && shown?.iteration === iteration) return;
    this.draw();
    if (whose === "own") this.#switch.measure();
  }

  #layOut(): HTMLElement {
    const order = make("label", { class: "ps-weights-field" }, "Heads ", this.#order);
    const all = make("div", {}, this.#grid.element, make("p", { class: "ps-heads-key" }, KEY));
    return make(
      "section",
      { class: "ps-panel", "aria-label": "Where the heads look" },
      make("div", { class: "ps-controls" }, this.#picker.whose, order),
      this.#picker.progress,
      make("div", { class: "ps-heads-both" }, all, make("div", {}, this.#view.element, this.#switch.element)),
      this.#table.element,
    );
  }

  draw(): void {
    const { all, shown, whose } = this.#choice, { n_head } = this.#counts, { score } = this.island;
    const newest = all.at(-1), head = this.#head ?? (newest ? best(newest[score]) : 0);
    const { line } = whose === "recorded" ? this.island.recorded ?? this.island : this.island;
    this.#drawn = { whose, of: all.length, iteration: shown?.iteration };
    this.#picker.draw();
    this.#switch.draw(head, whose, shown !== null);
    const drawn = this.#begun ? shown : null;
    this.#grid.draw(drawn, this.#order.value as HeadOrder, head, this.#switch.off);
    this.#view.draw(drawn, head, n_head, [...line].slice(0, -1).join(""));
    this.#table.draw(drawn);
  }
}

/** Their maps come when they are unpacked. */
function momentsOf({ iterations, previous, prefix }: RecordedHeads): HeadsAt[] {
  return iterations.map((iteration, i) => {
    return { iteration, attention: new Uint8Array(0), previous: previous[i], prefix: prefix[i] };
  });
}
