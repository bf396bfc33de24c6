// Shows a sample character by character while training rests.
import { now } from "../training/clock.ts";
import type { Spoken } from "./types.ts";
import type { Sample } from "../training/trainer.ts";

/** Interval between updates of the shown text. */
const TICK_MS = 25;
/** The most time that one tick may count, so that after a freeze the text continues where it was. */
const LONGEST_STEP_MS = 500;

export class Speech implements Spoken {
  readonly sample: Sample;
  shown = 0;
  #length: number;
  #ms_per_character = 0;
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(sample: Sample) {
    this.sample = sample;
    this.#length = [...sample.text].length;
  }

  /** How long the characters take that write() has not shown yet, in milliseconds. */
  get left_ms(): number {
    return (this.#length - this.shown) * this.#ms_per_character;
  }

  /**
   * Lets the text appear at an even pace. Resolves when all of it is shown, or as soon as cut() is called.
   * @param on_more called after each tick, when `shown` may have grown
   */
  async write(ms_per_character: number, on_more: () => void): Promise<void> {
    const length = this.#length;
    this.#ms_per_character = ms_per_character;
    let written_ms = 0, last = now();
    for (let ticks = 1; !this.#ended && this.shown < length; ticks++) {
      await this.#tick();
      if (this.#ended) return;
      const at = now();
      written_ms += Math.min(at - last, LONGEST_STEP_MS);
      last = at;
      // In browsers whose clock stands still, ticks still measure time.
      this.shown = Math.min(length, Math.floor(Math.max(written_ms, ticks * TICK_MS) / ms_per_character));
      on_more();
    }
  }

  cut(): void {
    this.#ended = true;
    this.#wake?.();
  }

  #tick(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, TICK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
