// Two samples of one run side by side. The only state here is which two the reader chose.
import type { SessionReadings } from "../session/readings.ts";
import type { Sample } from "../session/session.ts";
import { type AskRoom, offer } from "./shared/askable.ts";
import { make, setText, VERBATIM } from "./shared/dom.ts";
import { count, loss } from "./shared/format.ts";

/** The option that always shows the latest sample. */
const NEWEST = "newest";

export class Comparison {
  readonly element: HTMLElement;
  readonly #sides: Side[];

  /** @param room where readers ask about its samples */
  constructor(session: SessionReadings, room: AskRoom) {
    // Starts with the first and the newest sample, which differ most.
    this.#sides = [
      new Side(session, room, "Sample on the left", null),
      new Side(session, room, "Sample on the right", NEWEST),
    ];
    const sides = this.#sides.map(({ element }) => element);
    this.element = make(
      "div",
      { class: "ps-compare", role: "group", "aria-label": "Two samples side by side" },
      ...sides,
    );
  }

  draw(samples: readonly Sample[]): void {
    for (const side of this.#sides) side.draw(samples);
  }
}

class Side {
  readonly element: HTMLElement;
  readonly #select: HTMLSelectElement;
  /** The chosen option as text, for print. */
  readonly #at = make("span", { class: "ps-paper" });
  readonly #val = make("span", { class: "ps-val" });
  readonly #phase = make("span", { class: "ps-phase" });
  readonly #prompt = make("span", { class: "ps-prompt" });
  readonly #said = make("span", { class: "ps-said" });
  #samples: readonly Sample[] = [];
  #chosen: string | null;

  /** @param preset the option selected at first; null for the first sample */
  constructor(session: SessionReadings, room: AskRoom, label: string, preset: string | null) {
    this.#chosen = preset;
    this.#select = make("select", { ...VERBATIM, class: "ps-select", "aria-label": label });
    this.#select.addEventListener("change", () => {
      this.#chosen = this.#select.value;
      this.#show();
    });
    const script = make("blockquote", { ...VERBATIM, class: "ps-script" }, this.#prompt, this.#said);
    const meta = make("p", { class: "ps-meta" }, this.#select, this.#at, this.#val, this.#phase);
    this.element = make("div", { class: "ps-side" }, meta, script);
    offer({
      script,
      said: this.#said,
      room,
      shown: () => {
        const sample = this.#sample;
        return sample ? { sample, from: { session } } : null;
      },
    });
  }

  draw(samples: readonly Sample[]): void {
    if (!sameSamples(samples, this.#samples)) {
      this.#samples = [...samples];
      this.#offer();
    }
    this.#show();
  }

  /** Rebuilds the list. Called only if the samples changed: a list that kept changing could not be used. */
  #offer(): void {
    const option = (value: string, text: string) => make("option", { value }, text);
    this.#select.replaceChildren(
      ...this.#samples.map(({ iteration }) => option(String(iteration), `iteration ${count(iteration)}`)),
      option(NEWEST, "the newest sample"),
    );
    const there = this.#chosen === NEWEST || this.#samples.some(({ iteration }) => String(iteration) === this.#chosen);
    if (!there) this.#chosen = String(this.#samples.at(0)?.iteration ?? NEWEST);
    this.#select.value = this.#chosen!;
  }

  get #sample(): Sample | undefined {
    return this.#chosen === NEWEST
      ? this.#samples.at(-1)
      : this.#samples.find(({ iteration }) => String(iteration) === this.#chosen);
  }

  #show(): void {
    const sample = this.#sample;
    const at = sample && this.#chosen === NEWEST ? `iteration ${count(sample.iteration)} · ` : "";
    setText(this.#at, this.#select.selectedOptions[0]?.textContent ?? "");
    setText(this.#val, sample ? `${at}val NLL ${loss(sample.val)}` : "");
    setText(this.#phase, sample?.phase ?? "");
    setText(this.#prompt, sample?.prompt ?? "");
    setText(this.#said, sample?.text ?? "");
  }
}

function sameSamples(some: readonly Sample[], others: readonly Sample[]): boolean {
  return some.length === others.length && some.every((sample, i) => sample === others[i]);
}
