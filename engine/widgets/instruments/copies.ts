// How the loss of copies falls while a head learns to find what came next the last time: the recorded run, or the reader's.
import type { Observation } from "../../training/observation.ts";
import type { TrainingSession } from "../../session/session.ts";
import { make, setText, VERBATIM } from "../shared/dom.ts";
import type { CopiesIsland } from "../shared/island.ts";
import { heedReplays } from "../shared/replayed.ts";
import { type CopiesAt, lossDrawing, scoreDrawing } from "./copies_drawing.ts";
import { cellsOf, COLUMNS, copiesText, drawings, lossesText } from "./copies_words.ts";
import { best } from "./heads.ts";
import type { InstrumentsPage } from "./instruments_page.ts";
import { MilestoneChoice, type Whose } from "./milestone_choice.ts";
import { MilestonePicker } from "./milestone_picker.ts";
import { shownAt } from "./surprise_words.ts";

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountCopies(root: Element, island: CopiesIsland, page: InstrumentsPage): () => void {
  const session = page.sessions[island.session], widget = new CopiesWidget(island, session, root.id);
  root.append(widget.element);
  const ends = [
    session.on("metrics", () => widget.drawNews()), // after a reset too
    page.spotlights.get(session)!.on((iteration) => widget.point(iteration)),
    heedReplays(({ name, iteration }) => name === island.corpus && widget.replay(iteration)),
  ];
  return () => ends.forEach((end) => end());
}

class CopiesWidget {
  readonly element: HTMLElement;
  readonly #choice: MilestoneChoice<CopiesAt>;
  readonly #picker: MilestonePicker<CopiesAt>;
  readonly #losses = make("div", { class: "ps-copies-frame" });
  readonly #scores = make("div", { class: "ps-copies-frame ps-copies-scores" });
  readonly #words = make("p", { class: "ps-copies-words", ...VERBATIM });
  readonly #body = make("tbody");
  /** Whose run the last picture showed, how many milestones of it, and which was marked. */
  #drawn: { whose: Whose; of: number; iteration?: number } | null = null;

  /** @param key unique on the page */
  constructor(private readonly island: CopiesIsland, private readonly session: TrainingSession, key: string) {
    const own = () => session.observations.filter(({ writings }) => writings).map(rowOf);
    this.#choice = new MilestoneChoice(island.recorded, own);
    const words = {
      where: (shown: CopiesAt | null, whose: Whose) => shown ? shownAt[whose](shown.iteration) : shownAt.nothing,
      what: (shown: CopiesAt | null) => shown ? lossesText(shown) : "",
    };
    this.#picker = new MilestonePicker(this.#choice, words, `${key}-whose`, () => this.drawNews());
    this.element = this.#layOut();
    this.drawNews();
  }

  /** The reader points at an iteration of the own run, or at none. */
  point(iteration: number | null): void {
    this.#choice.point(iteration);
    this.drawNews();
  }

  /** A replay of the recorded run is at this iteration. */
  replay(iteration: number): void {
    this.#choice.replay(iteration);
    this.drawNews();
  }

  /** Draws only if there is another milestone to show: runs and replays report far more often. */
  drawNews(): void {
    const { all, shown, whose } = this.#choice, drawn = this.#drawn, iteration = shown?.iteration;
    if (drawn && whose === drawn.whose && all.length === drawn.of && iteration === drawn.iteration) return;
    this.#drawn = { whose, of: all.length, iteration };
    this.#draw(all, shown);
  }

  #layOut(): HTMLElement {
    const title = (words: string) => make("p", { class: "ps-copies-title" }, words);
    const head = make("thead", {}, make("tr", {}, ...COLUMNS.map((words) => make("th", { scope: "col" }, words))));
    const room = {
      class: "ps-heads-table",
      tabindex: "0",
      role: "region",
      "aria-label": "The numbers of each milestone",
    };
    const table = make("div", room, make("table", {}, head, this.#body));
    return make(
      "section",
      { class: "ps-panel", "aria-label": "First writings and copies" },
      make("div", { class: "ps-controls" }, this.#picker.whose),
      this.#picker.progress,
      title("Loss over the iterations, in nats per character"),
      this.#losses,
      legend(),
      title("Best prefix-match score of a head"),
      this.#scores,
      this.#words,
      make("details", {}, make("summary", {}, "The numbers as a table"), table),
    );
  }

  #draw(rows: readonly CopiesAt[], shown: CopiesAt | null): void {
    const { floors } = this.island, { iterations, options: { model: { n_head } } } = this.session;
    const last = Math.max(iterations, rows.at(-1)?.iteration ?? 1), mark = shown?.iteration ?? null;
    this.#picker.draw();
    this.#losses.replaceChildren(lossDrawing(rows, floors, { last, mark, label: drawings.losses }));
    this.#scores.replaceChildren(scoreDrawing(rows, { last, mark, label: drawings.score }));
    setText(this.#words, shown ? copiesText(shown, n_head) : "");
    this.#body.replaceChildren(...rows.map((row) => {
      const cells = cellsOf(row, n_head);
      return make("tr", VERBATIM, ...cells.map((words, i) => make(i === 0 ? "th" : "td", {}, words)));
    }));
  }
}

function rowOf({ iteration, writings, line }: Observation): CopiesAt {
  const head = line ? best(line.prefix) : null;
  return {
    iteration,
    first: writings?.first ?? null,
    copies: writings?.copies ?? null,
    prefix: head === null ? null : line!.prefix[head],
    head,
  };
}

function legend(): HTMLElement {
  const key = (kind: string, words: string) => make("span", { class: `ps-key ps-key-${kind}` }, words);
  return make(
    "p",
    { class: "ps-legend" },
    key("first", "first writings"),
    key("val", "copies"),
    key("floor", "their floors"),
  );
}
