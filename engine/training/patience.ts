// Waiting for an answer that may never come. A sleeping machine and a tab in the background answer late without being
// broken, so what counts is the time during which this thread was awake: a tick that comes late counts as two.

/** Ticks of one wait, at least, and the longest of them. */
const TICKS = 8, LONGEST_TICK_MS = 500;

/** Is over after `ms` milliseconds awake without a sign of life. */
export class Patience {
  #left: number;
  #end = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(public ms: number) {
    this.#left = ms;
  }

  /** Begins the wait. */
  whenOver(end: () => void): void {
    this.#end = end;
    this.#tick();
  }

  /** A sign of life: the wait begins anew, for so long. */
  renew(ms = this.ms): void {
    this.ms = this.#left = ms;
  }

  /** The answer has come. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #tick(): void {
    const tick = Math.min(LONGEST_TICK_MS, this.ms / TICKS), begin = performance.now();
    this.#timer = setTimeout(() => {
      this.#left -= Math.min(performance.now() - begin, 2 * tick);
      if (this.#left > 0) this.#tick();
      else this.#end();
    }, tick);
  }
}

/**
 * @returns what `work` comes to; fails with `failure()` after `ms` milliseconds awake, and what `work` comes to later is
 * dropped
 */
export function patiently<Result>(ms: number, work: Promise<Result>, failure: () => Error): Promise<Result> {
  return new Promise((resolve, reject) => {
    const patience = new Patience(ms);
    patience.whenOver(() => reject(failure()));
    work.then(resolve, reject).finally(() => patience.stop());
  });
}
