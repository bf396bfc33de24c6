// Decides which presses of a button were intended. An accidental second press must neither undo the first nor destroy
// anything: the second half of a double click, a key held down, a press meant for the button's previous label. No DOM.

/** For this long after a label has changed by itself, a press may still be meant for the old label. */
export const MOMENT_MS = 500;
/** A browser turns a touch or a key press into a click at most this long after its release. */
const LATEST_CLICK_MS = 400;

type Means = "mouse" | "touch" | "key";

interface Known {
  changed_at: number;
  pressed_at: number;
  focused_at: number;
}

export class Presses<Button extends object> {
  #known = new WeakMap<Button, Known>();
  #held: { button: Button; at: number; means: Means; lifted_at: number } | null = null;
  /** Whether a press is being handled: readers expect labels to change then. */
  #answering = false;

  /** The button's label has changed. */
  relabelled(button: Button, now: number): void {
    this.#of(button).changed_at = this.#answering ? -Infinity : now;
  }

  /** The button has appeared, perhaps under the pointer. */
  appeared(button: Button, now: number): void {
    this.#of(button).changed_at = now;
  }

  /** The page has moved the focus to the button; a second key press may still be meant for the previous one. */
  focused(button: Button, now: number): void {
    this.#of(button).focused_at = now;
  }

  /** A pointer or key goes down on a button, or elsewhere (null). */
  down(button: Button | null, now: number, means: Means = "mouse"): void {
    this.#held = button && { button, at: now, means, lifted_at: Infinity };
  }

  up(now: number): void {
    if (this.#held) this.#held.lifted_at = now;
  }

  /**
   * Whether a click counts. If so, call answered() once the button's own listeners have run.
   * @param now in milliseconds
   * @param detail how many quick clicks this is in a row; 0 from a keyboard, a screen reader or a script
   */
  counts(button: Button, now: number, detail: number): boolean {
    const held = this.#held?.button === button && now - this.#held.lifted_at <= LATEST_CLICK_MS ? this.#held : null;
    this.#held = null;
    const known = this.#of(button), began = held?.at ?? now;
    const second_tap = held?.means === "touch" && began - known.pressed_at < MOMENT_MS;
    const second_key = held?.means === "key" && began - known.focused_at < MOMENT_MS;
    if (detail > 1 || second_tap || second_key || began - known.changed_at < MOMENT_MS) return false;
    known.pressed_at = now;
    this.#answering = true;
    return true;
  }

  answered(): void {
    this.#answering = false;
  }

  #of(button: Button): Known {
    const known = this.#known.get(button) ??
      { changed_at: -Infinity, pressed_at: -Infinity, focused_at: -Infinity };
    this.#known.set(button, known);
    return known;
  }
}
