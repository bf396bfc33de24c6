// One sample that can be asked: the character under the pointer, and a control for the keyboard. To a screen reader that
// control is a slider through the characters, whose value is a sentence about the one that it has reached.
import type { AskableText, Shown } from "../shared/askable.ts";
import { make } from "../shared/dom.ts";
import { askWords as words, heard } from "./ask_words.ts";
import { characterAt, onNextLine, placesOf, split } from "./characters.ts";
import { answerFor, readingOf, unpack } from "./readings.ts";
import { shade } from "./shade.ts";

const POINTED = "ps-pointed", ASKED = "ps-asked", REACHED = "ps-reached";

/** Where the answers to a text's questions are shown. */
export interface Answering {
  readonly shaded: boolean;
  readonly follows: boolean;
  askedOf(text: AskedText): number | null;
  /** @param held whether the panel stays at this character; as before if missing */
  ask(text: AskedText, at: number, held?: boolean): void;
  /** Readings have been unpacked. */
  learned(): void;
  /** From held to not, or back. */
  turn(): void;
  close(): void;
}

export class AskedText {
  readonly #text: AskableText;
  readonly #room: Answering;
  readonly #range = make("input", { type: "range", class: "ps-ask-range ps-unseen", min: "1", step: "1", value: "1" });

  /** Whether the slider has the focus because of a press. */
  #pressed = false;
  /** The sample that was drawn last. */
  #sample: Shown["sample"] | null = null;

  constructor(text: AskableText, room: Answering) {
    this.#text = text;
    this.#room = room;
    const { said, script } = text, range = this.#range;
    said.after(range);
    script.classList.add("ps-askable");
    script.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.#point(event));
    script.addEventListener("pointerleave", () => this.#mark(POINTED, null));
    script.addEventListener("click", (event) => this.#press(event));
    range.addEventListener("focus", () => this.draw());
    range.addEventListener("blur", () => {
      this.#pressed = false;
      this.draw();
    });
    range.addEventListener("input", () => this.#reach(range.valueAsNumber - 1));
    range.addEventListener("keydown", (event) => this.#key(event));
    // The widget writes its text anew whenever that changes.
    new MutationObserver(() => this.draw()).observe(said, { childList: true });
    this.draw();
  }

  get element(): Element {
    return this.#text.said;
  }

  characterAt(at: number): Element {
    return split(this.#text.said)[at];
  }

  /** The sample, once all of it is there. */
  get whole(): Shown | null {
    const shown = this.#text.shown();
    return shown?.sample.text && shown.sample.text === this.#text.said.textContent ? shown : null;
  }

  focus(): void {
    this.#range.focus({ preventScroll: true });
  }

  /** Brings marks, shades and the slider up to date. */
  draw(): void {
    const shown = this.whole, range = this.#range, { said } = this.#text;
    range.disabled = !shown;
    if (!shown) return;
    this.#askAgain(shown);
    const asked = this.#room.askedOf(this), focused = document.activeElement === range;
    range.max = String(Array.from(shown.sample.text).length);
    range.setAttribute("aria-label", words.range(shown.sample.iteration));
    if (asked !== null) range.value = String(asked + 1);
    if (focused || asked !== null || this.#room.shaded) {
      split(said);
      unpack(shown, () => {
        if (this.#room.askedOf(this) !== null) this.#room.ask(this, this.#room.askedOf(this)!);
        this.draw();
        this.#room.learned();
      });
    }
    this.#mark(ASKED, asked);
    this.#mark(REACHED, focused && !this.#pressed ? range.valueAsNumber - 1 : null);
    const heard = focused ? this.#heard(shown, range.valueAsNumber - 1) : words.unheard(range.value, range.max);
    range.setAttribute("aria-valuetext", heard);
    shade(said.children, this.#room.shaded ? readingOf(shown)?.reading.surprise ?? null : null);
  }

  /** Where another sample has taken the place of one that was asked, its character at the same place is asked. */
  #askAgain({ sample }: Shown): void {
    const asked = this.#room.askedOf(this), another = this.#sample !== sample;
    this.#sample = sample;
    if (asked !== null && another) this.#room.ask(this, Math.min(asked, Array.from(sample.text).length - 1));
  }

  #heard(shown: Shown, at: number): string {
    const found = answerFor(shown, at);
    return typeof found === "string" ? found : heard(found);
  }

  #mark(how: string, at: number | null): void {
    const { children } = this.#text.said, wanted = at === null ? undefined : children[at];
    for (const one of this.#text.said.querySelectorAll(`.${how}`)) if (one !== wanted) one.classList.remove(how);
    wanted?.classList.add(how);
  }

  #at(event: MouseEvent): number | null {
    if (!this.whole || getSelection()?.isCollapsed === false) return null; // the reader is selecting text
    split(this.#text.said);
    return characterAt(this.#text.said, event);
  }

  #point(event: PointerEvent): void {
    const at = this.#at(event);
    this.#mark(POINTED, at);
    if (at !== null && this.#room.follows && this.#room.askedOf(this) !== at) this.#room.ask(this, at, false);
  }

  #press(event: MouseEvent): void {
    const at = this.#at(event);
    if (at === null) return;
    this.#range.value = String(at + 1);
    this.#pressed = true;
    this.#room.ask(this, at, true);
    this.focus();
  }

  #reach(at: number): void {
    this.#room.ask(this, at);
    this.draw();
    this.#text.said.children[at]?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  #key(event: KeyboardEvent): void {
    const range = this.#range, at = range.valueAsNumber - 1;
    this.#pressed = false;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      range.valueAsNumber = onNextLine(placesOf(this.#text.said), at, event.key === "ArrowUp" ? -1 : 1) + 1;
      this.#reach(range.valueAsNumber - 1);
    } else if (event.key === "Enter" || event.key === " ") {
      if (this.#room.askedOf(this) !== at) this.#room.ask(this, at, true);
      else this.#room.turn();
    } else if (event.key === "Escape") {
      this.#room.close();
      this.draw();
    } else return;
    event.preventDefault();
  }
}
