// A question without one right answer. At the start of a lesson the page only keeps the answer. At the end it asks
// again, and then shows both answers with the case for and against each.
import { make, setProse, written } from "./shared/dom.ts";
import type { AskedTwiceIsland } from "./shared/island.ts";
import { claim, commit, withdraw } from "./shared/reader_record.ts";
import { type OptionView, optionView, plain } from "./quiz_option.ts";
import { answersTo, keepAnswers, type TwoAnswers, whenAnswered } from "./quiz_twice_state.ts";

const FITS = {
  well: "The evidence supports it well.",
  partly: "The evidence supports it in part.",
  poorly: "The evidence hardly supports it.",
};
const CHOOSE = "Choose an answer first.";
const KEPT = "Your answer is kept. The page asks the same question again at its end.";
const BOTH = "You have answered this question again at the end of the page.";
const COMPARED = "Both of your answers are below, with the case for and against each.";

/** Draws the question into `root`. @returns a function that removes it */
export function mountAskedTwice(root: Element, island: AskedTwiceIsland): () => void {
  const question = new AskedTwice(root.id, island);
  root.prepend(question.element);
  const unsubscribe = whenAnswered(() => question.draw());
  return () => {
    unsubscribe();
    question.element.remove();
  };
}

class AskedTwice {
  readonly element = make("form", { class: "ps-quiz-form" });
  readonly #options: OptionView[];
  readonly #fields = make("fieldset", { class: "ps-quiz-fields" });
  readonly #button = make("button", { type: "submit", class: "ps-button ps-quiet ps-quiz-check" });
  readonly #verdict = make("p", { class: "ps-quiz-verdict", role: "status" });
  readonly #both = make("div", { class: "ps-quiz-both" });

  constructor(id: string, private readonly island: AskedTwiceIsland) {
    claim(this.#key);
    this.#options = island.options.map(({ text }, index) => optionView(`${id}-${index}`, id, index, text));
    const legend = make("legend", { class: "ps-quiz-question" }, written(island.question));
    this.#fields.append(legend, ...this.#options.map(({ row }) => row));
    this.element.append(this.#fields, make("div", { class: "ps-quiz-foot" }, this.#button, this.#verdict), this.#both);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#answer();
    });
    this.#fields.addEventListener("change", () => setProse(this.#verdict, ""));
    const chosen = this.#answers[island.twice];
    if (chosen !== null) this.#options[chosen].input.checked = true;
    this.draw();
  }

  get #key(): string {
    return `answer:${this.island.identity}`;
  }

  get #answers(): Readonly<TwoAnswers> {
    return answersTo(this.island.identity, this.island.options.length);
  }

  #answer(): void {
    const { identity, twice } = this.island, answers = this.#answers;
    if (twice === "end" && answers.end !== null) {
      this.#keep({ ...answers, end: null });
      for (const { input } of this.#options) input.checked = false;
      setProse(this.#verdict, "");
      this.#options[0].input.focus();
      return;
    }
    const chosen = this.#options.findIndex(({ input }) => input.checked);
    if (chosen < 0) return setProse(this.#verdict, CHOOSE);
    this.#keep({ ...answersTo(identity, this.island.options.length), [twice]: chosen });
    setProse(this.#verdict, twice === "start" ? KEPT : COMPARED);
    this.#button.focus({ preventScroll: true }); // a disabled field cannot keep the focus that Enter left there
  }

  #keep(answers: TwoAnswers): void {
    const { identity, question, options } = this.island, { start, end } = answers, key = this.#key;
    keepAnswers(identity, answers);
    const text = (index: number) => plain(options[index].text);
    if (start === null && end === null) return withdraw(key);
    const said = start === null || end === null
      ? text((start ?? end)!)
      : start === end
      ? `“${text(start)}” at the start and at the end`
      : `“${text(start)}” at the start, “${text(end)}” at the end`;
    const outcome = end === null ? null : plain(FITS[options[end].fits]);
    commit({ key, kind: "answer", asked: plain(question), said, outcome, right: null });
  }

  draw(): void {
    const { start, end } = this.#answers, at_end = this.island.twice === "end", closed = end !== null;
    for (const { input } of this.#options) input.disabled = closed;
    this.element.dataset.solved = String(closed);
    this.#button.hidden = closed && !at_end;
    setProse(this.#button, at_end ? closed ? "Answer again" : "Compare my answers" : "Keep my answer");
    if (!at_end && closed) setProse(this.#verdict, BOTH);
    else if (!at_end && start !== null && this.#verdict.textContent === "") setProse(this.#verdict, KEPT);
    this.#both.hidden = !(at_end && closed);
    this.#both.replaceChildren(...(at_end && closed ? this.#compared(start, end) : []));
  }

  #compared(start: number | null, end: number): HTMLElement[] {
    const others = this.island.options.map((_, index) => index).filter((index) => index !== start && index !== end);
    const columns = start === end ? [this.#said("You gave the same answer at the start and at the end", end)] : [
      start === null
        ? make("p", { class: "ps-quiz-side" }, "At the start you gave no answer.")
        : this.#said("At the start you said", start),
      this.#said("At the end you said", end),
    ];
    const fold = make("details", { class: "ps-quiz-fold" }, make("summary", {}, "The other answers"));
    fold.append(...others.map((index) => this.#said(null, index)));
    return [make("div", { class: "ps-quiz-sides" }, ...columns), fold];
  }

  #said(when: string | null, index: number): HTMLElement {
    const { text, fits, for: pro, against } = this.island.options[index];
    return make(
      "div",
      { class: "ps-quiz-side" },
      ...(when === null ? [] : [make("p", { class: "ps-quiz-when" }, when)]),
      make("p", { class: "ps-quiz-chosen" }, written(text)),
      make("p", { class: "ps-quiz-fits" }, FITS[fits]),
      make(
        "dl",
        { class: "ps-quiz-answers" },
        make("div", {}, make("dt", {}, "For it"), make("dd", {}, written(pro))),
        make("div", {}, make("dt", {}, "Against it"), make("dd", {}, written(against))),
      ),
    );
  }
}
