// A question. Once the reader has tried an answer, the page explains why it is right or wrong. It says nothing about
// the other answers until the question is solved.
import { make, setProse, written } from "./shared/dom.ts";
import type { QuizIsland } from "./shared/island.ts";
import { recall, remember } from "./shared/browser_storage.ts";
import { answered, type QuizState, restored, stateOf } from "./quiz_state.ts";

const CHECK = "Check my answer", AGAIN = "Answer again";

/** Draws the question into `root`. @returns a function that removes it. */
export function mountQuiz(root: Element, island: QuizIsland): () => void {
  const quiz = new Quiz(root.id, island);
  root.prepend(quiz.element);
  return () => quiz.element.remove();
}

interface OptionView {
  row: HTMLElement;
  input: HTMLInputElement;
  mark: HTMLElement;
  why: HTMLElement;
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
    this.#draw();
    this.#announce(chosen);
    // A disabled field cannot keep the focus that Enter left there.
    if (this.#state.solved) this.#button.focus({ preventScroll: true });
  }

  #startOver(): void {
    this.#state = stateOf([], this.#correct);
    remember(this.#memory, null);
    for (const { input } of this.#options) input.checked = false;
    this.#verdict.replaceChildren();
    this.#draw();
    this.#options[0].input.focus();
  }

  /** The explanation is next to its option; a screen reader hears it together with the verdict. */
  #announce(chosen: number): void {
    const why = make("span", { class: "ps-unseen" }, this.#options[chosen].why.textContent ?? "");
    const [verdict, next] = this.#correct[chosen] ? ["That is right. ", ""] : ["Not this one. ", " Try again."];
    this.#verdict.replaceChildren(verdict, why, next);
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
      why.hidden = !known;
      why.replaceChildren(...(known ? [written(this.island.options[index].why)] : []));
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
    this.#others.replaceChildren(make("summary", {}, "What speaks against the others"), list);
  }
}

function optionView(id: string, group: string, index: number, text: string): OptionView {
  const why = make("p", { class: "ps-quiz-why", id: `${id}-why` });
  const input = make("input", {
    type: "radio",
    name: group,
    value: String(index),
    id,
    "aria-describedby": why.id,
  });
  const mark = make("span", { class: "ps-quiz-mark" });
  const label = make("label", { class: "ps-quiz-label" }, input, make("span", {}, written(text)), mark);
  return { row: make("div", { class: "ps-quiz-option" }, label, why), input, mark, why };
}
