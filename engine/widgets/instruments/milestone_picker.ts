// The controls with which a reader chooses what an instrument shows: whose run, and which milestone.
import { make, setText } from "../shared/dom.ts";
import type { MilestoneChoice, Whose } from "./milestone_choice.ts";

const WORDS: Record<Whose, string> = { recorded: "the recorded run", own: "your run" };

/** The words for the milestone that is shown; null while there is none. */
export interface MilestoneWords<T> {
  where(shown: T | null, whose: Whose): string;
  what(shown: T | null): string;
}

export class MilestonePicker<T extends { iteration: number }> {
  /** Whose run. */
  readonly whose = make("fieldset", { class: "ps-weights-whose" }, make("legend", { class: "ps-unseen" }, "Whose run"));
  /** Which milestone. */
  readonly progress: HTMLElement;
  readonly #inputs: Record<Whose, HTMLInputElement>;
  readonly #where = make("span", { class: "ps-iteration" });
  readonly #what = make("span", { class: "ps-time-left" });
  readonly #slider = make("input", { type: "range", class: "ps-scrubber", min: "0", step: "1" });

  /** @param group of its radio buttons, unique on the page @param onChange called after the reader has chosen */
  constructor(
    private readonly choice: MilestoneChoice<T>,
    private readonly words: MilestoneWords<T>,
    group: string,
    onChange: () => void,
  ) {
    const radio = (whose: Whose) => {
      const input = make("input", { type: "radio", name: group });
      input.addEventListener("change", () => {
        choice.choose(whose);
        onChange();
      });
      this.whose.append(make("label", { class: "ps-weights-choice" }, input, WORDS[whose]));
      return input;
    };
    this.#inputs = { recorded: radio("recorded"), own: radio("own") };
    this.#slider.setAttribute("aria-label", "Milestone of the run");
    this.#slider.addEventListener("input", () => {
      choice.goTo(Number(this.#slider.value));
      onChange();
    });
    const line = make("div", { class: "ps-progress-line" }, this.#where, this.#what);
    this.progress = make("div", { class: "ps-progress-box" }, line, this.#slider);
  }

  draw(): void {
    const { choice, words } = this, { shown, all, whose } = choice;
    for (const one of ["recorded", "own"] as const) {
      this.#inputs[one].checked = one === whose;
      this.#inputs[one].disabled = !choice.has(one);
    }
    this.#slider.max = String(Math.max(0, all.length - 1));
    this.#slider.value = String(choice.index);
    this.#slider.disabled = all.length === 0;
    const where = words.where(shown, whose), what = words.what(shown);
    setText(this.#where, where);
    setText(this.#what, what);
    this.#slider.setAttribute("aria-valuetext", `${where}: ${what}`);
  }
}
