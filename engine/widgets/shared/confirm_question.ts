// Asks the reader before something is lost. The question appears in the page instead of a dialogue window, so that the
// run stays visible and keeps going.
import { ask } from "../../wording.ts";
import { appeared, focusOn } from "./press_guard.ts";
import { make, setProse, setText } from "./dom.ts";

export interface Asked {
  /** The sentence that says what would be lost, or null if there is nothing to lose (any more). */
  words(): string | null;
  yes: string;
  act(): void;
}

let questions = 0;

export class Question {
  readonly element = make("div", { class: "ps-question", role: "group", hidden: "" });
  readonly #words = make("p", { id: `ps-question-${++questions}` });
  readonly #yes = make("button", { type: "button", class: "ps-button ps-quiet" });
  readonly #no = make("button", { type: "button", class: "ps-button ps-quiet" }, ask.keep);
  #asked: Asked | null = null;
  #asked_by: HTMLElement | null = null;

  constructor() {
    this.element.setAttribute("aria-labelledby", this.#words.id);
    this.element.append(this.#words, this.#yes, this.#no);
    this.#yes.addEventListener("click", () => {
      const asked = this.#asked;
      this.#close();
      asked?.act();
    });
    this.#no.addEventListener("click", () => this.#close());
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
  }

  /** Asks if something would be lost; otherwise acts at once. The focus moves to the answer that loses nothing. */
  ask(by: HTMLElement, asked: Asked): void {
    const words = asked.words();
    if (words === null) {
      this.#close();
      return asked.act();
    }
    this.#asked = asked;
    this.#asked_by = by;
    setProse(this.#words, words);
    setText(this.#yes, asked.yes);
    this.element.hidden = false;
    appeared(this.#yes, this.#no);
    this.#no.focus();
  }

  /** Updates the question, which closes once there is nothing to lose. */
  draw(): void {
    if (!this.#asked) return;
    const words = this.#asked.words();
    if (words === null) this.#close();
    else setProse(this.#words, words);
  }

  #close(): void {
    if (!this.#asked) return;
    const focused = this.element.contains(document.activeElement), by = this.#asked_by;
    this.#asked = this.#asked_by = null;
    this.element.hidden = true;
    if (focused) focusOn(by);
  }
}
