// A field for the loss at which a run will end. Its number is taken as it stands at Start.
import type { Guess } from "./prediction_curve.ts";
import { guessedEnd, nats } from "./prediction_words.ts";
import { make, setProse, TYPED_AS_IT_IS } from "./shared/dom.ts";
import { readNumber } from "./shared/typed_number.ts";

/** Where readers enter a guess. */
export interface GuessField {
  /** The parts that stand over the chart and below it, or beside Start. */
  readonly elements: HTMLElement[];
  /** Shows a guess that the browser remembered, or that the reader has removed. */
  show(guess: Guess | null): void;
  /** Opens or closes for guesses: a run that has begun takes none. */
  open(on: boolean): void;
}

/** A field for a loss, with the sentence beside it. */
export class LossInput {
  readonly input = make("input", { ...TYPED_AS_IT_IS, class: "ps-guess-number", inputmode: "decimal" });
  readonly hint = make("span", { class: "ps-guess-hint", role: "status" });

  /** @param most the largest loss that can be guessed @param change called with each new number, or null if there is none */
  constructor(private readonly most: number, change: (nats: number | null) => void) {
    this.input.addEventListener("input", () => change(this.value));
    // While a number is being typed it may not be readable yet.
    this.input.addEventListener("change", () => setProse(this.hint, this.#hint));
  }

  get value(): number | null {
    const read = this.#read();
    return "value" in read ? read.value : null;
  }

  set value(value: number | null) {
    this.input.value = value === null ? "" : nats(value);
    setProse(this.hint, "");
  }

  get #hint(): string {
    const read = this.#read();
    return "hint" in read ? read.hint : "";
  }

  #read() {
    return guessedEnd(this.input.value, readNumber(this.input.value), this.most);
  }
}

export class EndField implements GuessField {
  readonly elements: HTMLElement[];
  readonly #number: LossInput;

  constructor(iterations: number, most: number, change: (guess: Guess | null) => void) {
    this.#number = new LossInput(most, (nats) => {
      change(nats === null ? null : { points: [[iterations, nats]], shape: null });
    });
    const { input, hint } = this.#number;
    const unit = make("span", { class: "ps-unseen" }, " per character"); // the legend shows it
    const label = make("label", {}, "Where will it end? ", input, " nats", unit);
    this.elements = [make("div", { class: "ps-guess-end", translate: "yes", hidden: "" }, label, hint)];
  }

  show(guess: Guess | null): void {
    this.#number.value = guess?.points[0][1] ?? null;
  }

  open(on: boolean): void {
    this.elements[0].hidden = !on;
  }
}
