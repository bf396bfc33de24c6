// The box in a runner that offers a kept run, or says that the browser keeps none. It lies over the top of the chart,
// which is empty before a run, so that nothing on the page moves when it appears.
import { make, seedNode, setProse, setText } from "../shared/dom.ts";
import { appeared } from "../shared/press_guard.ts";

/** What the box says. A seed has an element of its own. */
export type Words = string | { before: string; seed: string; after: string };

export interface Answer {
  label: string;
  press(): void;
}

export class OfferBox {
  readonly element = make("div", { class: "ps-offer", role: "group", hidden: "" });
  readonly #words = make("p", {});
  readonly #answers = make("div", { class: "ps-controls" });
  readonly #close = make("button", { type: "button", class: "ps-button ps-quiet ps-offer-close" }, "×");
  readonly #list: HTMLElement | null;

  /** @param label names the box for readers who do not see it. @param list a link to the list of stored runs */
  constructor(label: string, close: { label: string; press(): void }, list: { label: string; href: string } | null) {
    this.element.setAttribute("aria-label", label);
    this.#close.setAttribute("aria-label", close.label);
    this.#close.addEventListener("click", close.press);
    this.#list = list && make("a", { href: list.href }, list.label);
    this.element.append(this.#words, this.#answers, this.#close);
  }

  /** @param quiet whether the reader has nothing to decide */
  show(words: Words, answers: Answer[], quiet: boolean): void {
    if (typeof words === "string") setProse(this.#words, words);
    else this.#words.replaceChildren(words.before, seedNode(words.seed), words.after);
    const buttons = answers.map(({ label, press }, i) => {
      const button = make("button", { type: "button", class: `ps-button ${i > 0 || quiet ? "ps-quiet" : "ps-main"}` });
      setText(button, label);
      button.addEventListener("click", press);
      return button;
    });
    this.#answers.replaceChildren(...buttons, ...this.#list ? [this.#list] : []);
    this.element.hidden = false;
    appeared(this.#close, ...buttons);
  }

  /** Shows a sentence in place of the answers, while one of them is carried out. */
  busy(words: string): void {
    this.#answers.replaceChildren(make("span", {}, words));
  }

  hide(): void {
    this.element.hidden = true;
  }
}
