// Asks what a curve shows: one of the names in docs/shapes.yml. Radio buttons, so that the arrow keys choose and a press
// by mistake commits to nothing.
import { naming } from "../wording.ts";
import { make, setProse } from "./shared/dom.ts";

/** A shape of docs/shapes.yml. */
export interface ShapeName {
  name: string;
  title: string;
}

/** The form's state. */
export interface NameQuestion {
  /** Identifies the run: a choice made for another run is cleared. */
  of: string;
  /** Whether the reader can give a name now. */
  open: boolean;
  /** What to know before giving one. */
  hint: string;
  /** Names that the reader has tried, and that do not fit. */
  wrong: readonly string[];
  /** Whether the reader can have the answer instead. */
  gives_up: boolean;
}

export class NameForm {
  readonly element = make("form", { class: "ps-names-form", hidden: "" });
  readonly #options: { name: string; label: HTMLElement; input: HTMLInputElement; mark: HTMLElement }[];
  readonly #hint = make("p", { class: "ps-names-hint" });
  readonly #give = make("button", { type: "submit", class: "ps-button ps-quiet" }, naming.give);
  readonly #give_up = make("button", { type: "button", class: "ps-link" }, naming.give_up);
  #of = "";

  /**
   * @param id unique in the page
   * @param onName called with the chosen name
   * @param onGiveUp called if the reader wants the answer
   */
  constructor(id: string, names: ShapeName[], onName: (name: string) => void, onGiveUp: () => void) {
    this.#options = names.map(({ name, title }) => {
      const input = make("input", { type: "radio", name: `${id}-name`, value: name, required: "" });
      const mark = make("span", { class: "ps-name-mark" });
      return { name, input, mark, label: make("label", { class: "ps-name" }, input, make("span", {}, title), mark) };
    });
    this.#hint.id = `${id}-hint`;
    const fields = make(
      "fieldset",
      { class: "ps-names-fields", "aria-describedby": this.#hint.id },
      make("legend", {}, naming.question),
      make("div", { class: "ps-names" }, ...this.#options.map(({ label }) => label)),
    );
    this.element.append(fields, make("div", { class: "ps-names-foot" }, this.#give, this.#give_up, this.#hint));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = this.#options.find(({ input }) => input.checked);
      if (chosen && !this.#give.disabled) onName(chosen.name);
    });
    this.#give_up.addEventListener("click", onGiveUp);
  }

  focus(): void {
    this.#options.find(({ input }) => !input.disabled)?.input.focus();
  }

  /** @param question null if there is nothing to ask */
  draw(question: NameQuestion | null): void {
    this.element.hidden = question === null;
    if (question === null) return;
    const focused = document.activeElement;
    if (question.of !== this.#of) { for (const { input } of this.#options) input.checked = false; }
    this.#of = question.of;
    for (const { name, label, input, mark } of this.#options) {
      const wrong = question.wrong.includes(name);
      if (input.disabled === wrong) continue;
      input.disabled = wrong;
      if (wrong) input.checked = false;
      label.classList.toggle("ps-name-wrong", wrong);
      mark.replaceChildren(...(wrong ? ["✗", make("span", { class: "ps-unseen" }, naming.wrong)] : []));
    }
    if (focused instanceof HTMLInputElement && focused.disabled) this.focus(); // a disabled field cannot keep it
    this.#give.disabled = !question.open;
    this.#give_up.hidden = !question.gives_up;
    setProse(this.#hint, question.hint);
  }
}
