// The panel below a stage: what the model expected at one character of a sample, as a table, and why it wrote this one.
import { make, setProse, setText, VERBATIM } from "../shared/dom.ts";
import type { Answer, Candidate, Expected } from "./answer.ts";
import {
  askWords as words,
  place,
  probability,
  shortProbability,
  sign,
  signed,
  surpriseOf,
  whyDrawn,
} from "./ask_words.ts";

/** The rows of the table: the likeliest, and one for a drawn character that is not among them. */
const ROWS = 6;

export class AskPanel {
  readonly element = make("section", { class: "ps-ask-panel", "aria-label": words.title });
  readonly pin = make("button", { type: "button", class: "ps-toggle", "aria-pressed": "false" }, words.pin);
  readonly close = make("button", { type: "button", class: "ps-toggle" }, words.close);
  readonly #place = make("p", { ...VERBATIM, class: "ps-ask-place" });
  readonly #why_not = make("p", { class: "ps-ask-missing" });
  readonly #surprise = make("p", { ...VERBATIM, class: "ps-ask-surprise" });
  readonly #why = make("p", { ...VERBATIM, class: "ps-ask-why" });
  readonly #share = make("th", { ...VERBATIM, scope: "col" });
  readonly #rows = make("tbody");
  readonly #about_dice = make("p");
  readonly #early = make("tbody");
  readonly #early_table = make("table", { ...VERBATIM, class: "ps-ask-early" }, this.#early);
  readonly #no_early = make("p", {}, words.no_early);
  readonly #answer: HTMLElement;

  constructor() {
    const { columns } = words, head = (text: string) => make("th", { scope: "col" }, text);
    const heads = [head(columns.character), head(columns.p), this.#share, head(columns.log), head(columns.noise)];
    const table = make(
      "table",
      { ...VERBATIM, class: "ps-ask-table" },
      make("caption", { class: "ps-unseen" }, words.title),
      make("thead", {}, make("tr", {}, ...heads, head(columns.sum))),
      this.#rows,
    );
    this.#early_table.prepend(make("caption", { class: "ps-unseen" }, words.early));
    this.#answer = make(
      "div",
      {},
      this.#surprise,
      table,
      this.#why,
      fold(words.dice, this.#about_dice),
      fold(words.early, make("p", {}, words.about_early), this.#early_table, this.#no_early),
    );
    const head_line = make("div", { class: "ps-ask-head" }, this.#place, this.pin, this.close);
    this.element.append(head_line, this.#why_not, this.#answer);
  }

  /** @param answer the sentence that says why there is none, if it is a string */
  show(answer: Answer | string, iteration: number): void {
    const found = typeof answer === "string" ? null : answer;
    this.#answer.hidden = !found;
    this.#why_not.hidden = !!found;
    setProse(this.#why_not, found ? "" : String(answer));
    setText(this.#place, found ? place(found, iteration) : `Iteration ${iteration}`);
    if (!found) return;
    setText(this.#surprise, surpriseOf(found));
    setText(this.#share, words.columns.share(found.temperature));
    setText(this.#why, whyDrawn(found));
    setProse(this.#about_dice, words.about_dice(found.temperature));
    const empty = Array.from({ length: Math.max(0, ROWS - found.candidates.length) }, emptyRow);
    this.#rows.replaceChildren(...found.candidates.map(row), ...empty);
    this.#early_table.hidden = !found.early;
    this.#no_early.hidden = !!found.early;
    this.#early.replaceChildren(...(found.early ?? []).map((one, i, { length }) => earlyRow(one, i, length - 1)));
  }
}

function fold(summary: string, ...content: Node[]): HTMLElement {
  return make("details", { class: "ps-fold ps-ask-fold" }, make("summary", {}, summary), ...content);
}

function row({ character, p, share, noise, sum, drawn }: Candidate): HTMLElement {
  const bar = make("span", { class: "ps-ask-p" });
  bar.style.setProperty("--ps-part", `${(100 * p).toFixed(1)}%`);
  const name = make("th", { scope: "row" }, sign(character));
  if (drawn) {
    const mark = make("span", { class: "ps-ask-drawn", "aria-hidden": "true" }, "✓");
    name.append(" ", mark, make("span", { class: "ps-unseen" }, words.drawn));
  }
  return make(
    "tr",
    drawn ? { class: "ps-ask-row-drawn" } : {},
    name,
    make("td", {}, bar, probability(p)),
    make("td", {}, probability(share)),
    make("td", {}, signed(Math.log(p))),
    make("td", {}, signed(noise)),
    make("td", {}, signed(sum)),
  );
}

/** Keeps the room of a row, so that nothing below moves from one character to the next. */
function emptyRow(): HTMLElement {
  return make("tr", { "aria-hidden": "true" }, make("td", { colspan: "6" }, "\u00a0"));
}

function earlyRow(expected: Expected[], at: number, last: number): HTMLElement {
  const cells = expected.map(({ character, p }) =>
    make("td", {}, make("span", { class: "ps-ask-sign" }, sign(character)), ` ${shortProbability(p)}`)
  );
  return make("tr", {}, make("th", { scope: "row" }, words.layer(at, last)), ...cells);
}
