// The numbers behind the bars: a row for each character, a column for the model and for each model that counts.
import { make, setText, VERBATIM } from "../shared/dom.ts";
import { type CountingModel, meanOf } from "./surprise_sums.ts";
import { nats, quoted } from "./surprise_words.ts";

export class SurpriseTable {
  readonly element: HTMLDetailsElement;
  readonly #model: HTMLElement[];
  readonly #mean = make("td");

  constructor(line: readonly string[], models: readonly CountingModel[]) {
    const head = ["character", "the model", ...models.map(({ title }) => title)].map((word) => {
      return make("th", { scope: "col" }, word);
    });
    this.#model = line.slice(1).map(() => make("td"));
    const rows = line.slice(1).map((character, i) => {
      const name = make("th", { scope: "row" }, quoted(character));
      return make("tr", {}, name, this.#model[i], ...models.map(({ surprise }) => make("td", {}, nats(surprise[i]))));
    });
    const means = models.map(({ surprise }) => make("td", {}, nats(meanOf(surprise))));
    rows.push(make("tr", {}, make("th", { scope: "row" }, "mean"), this.#mean, ...means));
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", VERBATIM, ...rows));
    const scrolls = { class: "md-typeset__scrollwrap", tabindex: "0", role: "region" };
    const room = make("div", { class: "md-typeset__table" }, table);
    this.element = make(
      "details",
      {},
      make("summary", {}, "All numbers, in nats"),
      make("div", { ...scrolls, "aria-label": "Surprise of each character, in nats" }, room),
    );
  }

  draw(model: readonly number[] | null): void {
    this.#model.forEach((cell, i) => setText(cell, model ? nats(model[i]) : "–"));
    setText(this.#mean, model ? nats(meanOf(model)) : "–");
  }
}
