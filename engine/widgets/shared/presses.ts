// Which presses of a button a reader meant. A second press too many must neither undo the first nor destroy anything: the
// other half of a double click, a key that is held down, a press for what the button said a moment ago. Knows no DOM.

/** So long after a label has changed by itself a press may still be meant for the old one. */
export const MOMENT_MS = 500;
/** A browser that makes a click of a finger or a key does so at most this long after it was lifted. */
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
  /** While a press is answered: what buttons say then is no surprise. */
  #answering = false;

  /** The button says something else. */
  relabelled(button: Button, now: number): void {
    this.#of(button).changed_at = this.#answering ? -Infinity : now;
  }

  /** The button stands where there was none, maybe under the pointer. */
  appeared(button: Button, now: number): void {
    this.#of(button).changed_at = now;
  }

  /** The page moves the focus to the button: a key pressed a second time may still be meant for the one before. */
  focused(button: Button, now: number): void {
    this.#of(button).focused_at = now;
  }

  /** A pointer or a key goes down on a button, or elsewhere. */
  down(button: Button | null, now: number, means: Means = "mouse"): void {
    this.#held = button && { button, at: now, means, lifted_at: Infinity };
  }

  up(now: number): void {
    if (this.#held) this.#held.lifted_at = now;
  }

  /**
   * A click arrives. Where it counts, answered() is to follow once the button's own listeners have run.
   * @param detail the click's number in a row of quick ones; 0 from a keyboard, a screen reader or a script
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
