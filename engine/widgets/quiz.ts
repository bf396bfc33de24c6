// A question. Once the reader has tried an answer, the page explains why it is right or wrong. It says nothing about
// the other answers until the question is solved.
import { make, setProse, written } from "./shared/dom.ts";
import type { AskedTwiceIsland, QuizIsland } from "./shared/island.ts";
import { recall, remember } from "./shared/browser_storage.ts";
import { claim, commit, withdraw } from "./shared/reader_record.ts";
import { type OptionView, optionView, plain } from "./quiz_option.ts";
import { answered, type QuizState, restored, stateOf } from "./quiz_state.ts";
import { mountAskedTwice } from "./quiz_twice.ts";

const CHECK = "Check my answer", AGAIN = "Answer again";

/** Draws the question into `root`. @returns a function that removes it. */
export function mountQuiz(root: Element, island: QuizIsland | AskedTwiceIsland): () => void {
  if ("twice" in island) return mountAskedTwice(root, island);
  const quiz = new Quiz(root.id, island);
  root.prepend(quiz.element);
  return () => quiz.element.remove();
}

class Quiz {
  readonly element = make("form", { class: "ps-quiz-form" });
  readonly #options: OptionView[];
  readonly #fields = make("fieldset", { class: "ps-quiz-fields" });
  readonly #button = make("button", { type: "submit", class: "ps-button ps-quiet ps-quiz-check" }, CHECK);
  readonly #verdict = make("p", { class: "ps-quiz-verdict", role: "status" });
  readonly #others = make("details", { class: "ps-quiz-fold" });
  readonly #correct: boolean[];
  readonly #memory: string;
  #state: QuizState;

  constructor(id: string, private readonly island: QuizIsland) {
    this.#correct = island.options.map(({ correct }) => correct);
    this.#memory = `quiz:${island.identity}`;
    claim(this.#key);
    this.#state = restored(recall(this.#memory), this.#correct);
    this.#options = island.options.map((option, index) => optionView(`${id}-${index}`, id, index, option.text));
    const legend = make("legend", { class: "ps-quiz-question" }, written(island.question));
    this.#fields.append(legend, ...this.#options.map(({ row }) => row));
    this.element.append(
      this.#fields,
      make("div", { class: "ps-quiz-foot" }, this.#button, this.#verdict),
      this.#others,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#state.solved) this.#startOver();
      else this.#check();
    });
    this.#fields.addEventListener("change", () => this.#verdict.replaceChildren());
    const last = this.#state.tried.at(-1);
    if (last !== undefined) this.#options[last].input.checked = true;
    this.#draw();
    if (this.#state.solved) this.#verdict.replaceChildren("You have answered this one.");
  }

  #check(): void {
    const chosen = this.#options.findIndex(({ input }) => input.checked);
    if (chosen < 0) {
      this.#verdict.replaceChildren("Choose an answer first.");
      return;
    }
    this.#state = answered(this.#state, chosen, this.#correct);
    remember(this.#memory, this.#state.tried);
    this.#record();
    // In this order a screen reader says the verdict, then the explanation, which appears next to its option.
    this.#verdict.replaceChildren(this.#correct[chosen] ? "That is right." : "Not this one. Try again.");
    this.#draw();
    // A disabled field cannot keep the focus that Enter left there.
    if (this.#state.solved) this.#button.focus({ preventScroll: true });
  }

  #startOver(): void {
    this.#state = stateOf([], this.#correct);
    remember(this.#memory, null);
    withdraw(this.#key);
    for (const { input } of this.#options) input.checked = false;
    this.#verdict.replaceChildren();
    this.#draw();
    this.#options[0].input.focus();
  }

  get #key(): string {
    return `answer:${this.island.identity}`;
  }

  /** What counts is the first answer; the right one is recorded once the reader has found it. */
  #record(): void {
    const { question, options } = this.island, { tried: [first], solved } = this.#state;
    commit({
      key: this.#key,
      kind: "answer",
      asked: plain(question),
      said: plain(options[first].text),
      outcome: solved ? plain(options[this.#correct.indexOf(true)].text) : null,
      right: this.#correct[first],
    });
  }

  #draw(): void {
    const { tried, solved } = this.#state;
    this.#options.forEach(({ row, input, mark, why }, index) => {
      const right = this.#correct[index], known = tried.includes(index);
      row.dataset.answer = !known ? "open" : right ? "right" : "wrong";
      mark.replaceChildren(
        ...(known
          ? [right ? "✓" : "✗", make("span", { class: "ps-unseen" }, right ? "right" : "tried, not right")]
          : []),
      );
      if (known !== why.hasChildNodes()) {
        why.replaceChildren(...(known ? [written(this.island.options[index].why)] : []));
      }
      input.disabled = solved;
    });
    this.element.dataset.solved = String(solved);
    setProse(this.#button, solved ? AGAIN : CHECK);
    const others = this.island.options.filter((_, index) => solved && !tried.includes(index));
    this.#others.hidden = others.length === 0;
    this.#others.open = false;
    const list = make("dl", { class: "ps-quiz-answers" });
    for (const { text, why } of others) {
      list.append(make("div", {}, make("dt", {}, written(text)), make("dd", {}, written(why))));
    }
    this.#others.replaceChildren(make("summary", {}, "Why the others are wrong"), list);
  }
}
