// What surprises a model on one line that it never trains on: each character's -ln p at each milestone, beside what
// models that count say of it, and the mean of these numbers, which is the NLL of the line.
import { make, setText, VERBATIM } from "../shared/dom.ts";
import type { SurpriseIsland } from "../shared/island.ts";
import { heedReplays } from "../shared/replayed.ts";
import type { InstrumentsPage } from "./instruments_page.ts";
import { MilestoneChoice } from "./milestone_choice.ts";
import { MilestonePicker } from "./milestone_picker.ts";
import { SurpriseLine } from "./surprise_line.ts";
import { betterAt } from "./surprise_sums.ts";
import { SurpriseTable } from "./surprise_table.ts";
import { nllOf, ofCharacter, shownAt, whereBetter, workedOut } from "./surprise_words.ts";

/** A milestone's surprises, in nats. */
interface Measured {
  iteration: number;
  surprise: readonly number[];
}

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountSurprise(root: Element, island: SurpriseIsland, page: InstrumentsPage): () => void {
  const session = page.sessions[island.session], group = `${root.id}-whose`;
  const own = () => {
    return session.observations.flatMap(({ iteration, line }) => line ? [{ iteration, surprise: line.surprise }] : []);
  };
  const widget = new SurpriseWidget(island, own, group);
  root.append(widget.element);
  const ends = [
    session.on("metrics", () => widget.drawNews()), // after a reset too
    page.spotlights.get(session)!.on((iteration) => widget.point(iteration)),
    heedReplays(({ name, iteration }) => name === island.corpus && widget.replay(iteration)),
  ];
  return () => ends.forEach((end) => end());
}

class SurpriseWidget {
  readonly element: HTMLElement;
  readonly #characters: string[];
  readonly #choice: MilestoneChoice<Measured>;
  readonly #picker: MilestonePicker<Measured>;
  readonly #compare = make("select", { class: "ps-select", ...VERBATIM });
  readonly #line: SurpriseLine;
  readonly #place = make("input", { type: "range", class: "ps-scrubber", min: "1", step: "1", value: "1" });
  readonly #asked = make("p", { class: "ps-surprise-asked", ...VERBATIM });
  readonly #sums = { model: sum(), counting: sum() };
  readonly #better = make("p", { class: "ps-surprise-better", ...VERBATIM });
  readonly #table: SurpriseTable;
  /** How many milestones there were in the last picture, and which was shown. */
  #drawn: { of: number; iteration?: number } = { of: 0 };

  constructor(private readonly island: SurpriseIsland, own: () => Measured[], group: string) {
    const { text, models, compare, recorded, top_nats } = island;
    this.#characters = [...text];
    this.#choice = new MilestoneChoice(recorded, own);
    const draw = () => this.draw();
    const words = {
      where: (shown: Measured | null, whose: "own" | "recorded") => {
        return shown ? shownAt[whose](shown.iteration) : shownAt.nothing;
      },
      what: (shown: Measured | null) => shown ? nllOf(shown.surprise) : "",
    };
    this.#picker = new MilestonePicker(this.#choice, words, group, draw);
    this.#compare.append(...models.map(({ name, title }) => make("option", { value: name }, title)));
    this.#compare.value = compare;
    this.#compare.addEventListener("change", draw);
    this.#line = new SurpriseLine(this.#characters, top_nats, (place) => {
      this.#place.value = String(place);
      this.draw();
    });
    this.#place.max = String(this.#characters.length - 1);
    this.#place.addEventListener("input", draw);
    this.#table = new SurpriseTable(this.#characters, models);
    const compare_field = make("label", { class: "ps-weights-field" }, "compared with the ", this.#compare);
    this.element = make(
      "section",
      { class: "ps-panel", "aria-label": "What surprises the model on one line" },
      make("div", { class: "ps-controls" }, this.#picker.whose, compare_field),
      this.#picker.progress,
      this.#line.element,
      make("label", { class: "ps-surprise-place" }, "Character ", this.#place),
      this.#asked,
      this.#sums.model.row,
      this.#sums.counting.row,
      this.#better,
      this.#table.element,
    );
    draw();
  }

  /** The reader points at an iteration of the own run, or at none. */
  point(iteration: number | null): void {
    this.#choice.point(iteration);
    this.draw();
  }

  /** A replay of the recorded run is at this iteration. */
  replay(iteration: number): void {
    this.#choice.replay(iteration);
    this.draw();
  }

  /** Draws only if the run has come to another milestone: it reports far more often. */
  drawNews(): void {
    const { all, shown } = this.#choice, { of, iteration } = this.#drawn;
    if (all.length !== of || shown?.iteration !== iteration) this.draw();
  }

  draw(): void {
    const { models, margin_nats } = this.island, characters = this.#characters;
    const counting = models.find(({ name }) => name === this.#compare.value)!;
    const model = this.#choice.shown?.surprise ?? null, place = Number(this.#place.value);
    this.#drawn = { of: this.#choice.all.length, iteration: this.#choice.shown?.iteration };
    const better = model ? betterAt(model, counting.surprise, margin_nats) : [];
    this.#picker.draw();
    this.#line.draw(model, counting.surprise, better, place);
    const asked = ofCharacter(characters, place, model, counting);
    this.#place.setAttribute("aria-valuetext", asked);
    setText(this.#asked, asked);
    setText(this.#sums.model.name, "the model");
    setText(this.#sums.model.sum, model ? workedOut(model) : "–");
    setText(this.#sums.counting.name, `the ${counting.title}`);
    setText(this.#sums.counting.sum, workedOut(counting.surprise));
    setText(this.#better, model ? whereBetter(characters, better, model, counting, margin_nats) : "");
    this.#table.draw(model);
  }
}

/** A line that works out a mean. */
function sum(): { row: HTMLElement; name: HTMLElement; sum: HTMLElement } {
  const name = make("span", { class: "ps-surprise-whose" }), sum = make("span");
  return { row: make("p", { class: "ps-surprise-sum" }, name, " ", sum), name, sum };
}
