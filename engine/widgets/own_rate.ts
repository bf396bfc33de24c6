// The form of a presets block in which the reader types a learning rate of their own.
import type { Preset } from "../session/preset_runs.ts";
import { make, setProse, TYPED_AS_IT_IS } from "./shared/dom.ts";
import { plainNumber, readingWords } from "./shared/number_words.ts";
import { readNumber } from "./shared/typed_number.ts";

/** Name of the run whose learning rate the reader types. */
export const OWN = "own";

export class OwnRate {
  readonly element: HTMLElement;
  readonly button = make("button", { type: "submit", class: "ps-button ps-quiet" }, "Try it");
  readonly #rate = make("input", { ...TYPED_AS_IT_IS, class: "ps-rate", inputmode: "text", value: "1e-2" });
  readonly #warmup = make("input", { type: "checkbox", checked: "" });
  readonly #hint = make("p", { class: "ps-rate-hint", role: "alert" });

  /** @param onRun called with the run that the reader wants */
  constructor(private readonly clean: Preset, onRun: (preset: Preset) => void) {
    this.element = make(
      "form",
      { class: "ps-own-rate" },
      make("label", {}, "A learning rate of your own ", this.#rate),
      make(
        "label",
        { class: "ps-choice" },
        this.#warmup,
        `with the warm-up of ${clean.training.warmup_iterations} iterations`,
      ),
      this.button,
      this.#hint,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = this.#rate.value, reading = readNumber(typed);
      setProse(this.#hint, readingWords(typed, reading));
      if ("value" in reading) onRun(this.#preset(reading.value));
      else this.#rate.focus();
    });
  }

  #preset(rate: number): Preset {
    const { clean } = this, warm = this.#warmup.checked;
    const { learning_rate, warmup_iterations } = clean.training;
    return {
      ...clean,
      name: OWN,
      label: `lr = ${plainNumber(rate)}${warm ? "" : " without warm-up"}`,
      about: "A rate of your own. The dashed curve is the textbook’s healthy one.",
      change: { key: "learning_rate", value: rate, healthy: learning_rate },
      seed_of: null,
      training: { ...clean.training, learning_rate: rate, warmup_iterations: warm ? warmup_iterations : 0 },
    };
  }
}
