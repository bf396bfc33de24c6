// Shades the characters of samples by their surprise, in steps of one nat.
import { make, VERBATIM } from "../shared/dom.ts";
import { askWords as words } from "./ask_words.ts";

/** The last step is for this surprise and all above. */
const STEPS = 5;

export const stepOf = (nats: number) => Math.min(STEPS, Math.max(0, Math.floor(nats)));

const classOf = (step: number) => `ps-shade-${step}`;

/** @param surprise of each character, or null for none */
export function shade(characters: HTMLCollection, surprise: Float32Array | null): void {
  [...characters].forEach((one, i) => {
    for (let step = 1; step <= STEPS; step++) one.classList.remove(classOf(step));
    if (surprise && stepOf(surprise[i]) > 0) one.classList.add(classOf(stepOf(surprise[i])));
  });
}

export function legend(): HTMLElement {
  const steps = Array.from({ length: STEPS + 1 }, (_, step) => {
    const range = step < STEPS ? `${step} to ${step + 1}` : `${STEPS} and more`;
    return make("span", { class: `ps-shade-key ${classOf(step)}` }, range);
  });
  const missing = make("span", { class: "ps-shade-missing" }, words.some_missing);
  return make("p", { ...VERBATIM, class: "ps-shade-legend" }, words.legend, ...steps, missing);
}
