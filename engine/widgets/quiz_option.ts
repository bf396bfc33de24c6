// One answer of a question: a radio button, its text, and room for a mark and for an explanation.
import { make, written } from "./shared/dom.ts";

export interface OptionView {
  row: HTMLElement;
  input: HTMLInputElement;
  mark: HTMLElement;
  why: HTMLElement;
}

/** @param text HTML that the build made */
export function optionView(id: string, group: string, index: number, text: string): OptionView {
  // A screen reader hears an explanation when it appears, once.
  const why = make("p", { class: "ps-quiz-why", "aria-live": "polite" });
  const input = make("input", {
    type: "radio",
    name: group,
    value: String(index),
    id,
  });
  const mark = make("span", { class: "ps-quiz-mark" });
  const label = make("label", { class: "ps-quiz-label" }, input, make("span", {}, written(text)), mark);
  return { row: make("div", { class: "ps-quiz-option" }, label, why), input, mark, why };
}

/** The text of HTML that the build made, for the reader's record. */
export function plain(html: string): string {
  return make("span", {}, written(html)).textContent!.trim();
}
