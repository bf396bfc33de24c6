// Timeouts for answers that may never come. A sleeping machine or a background tab answers late without being broken,
// so only the time that this thread was awake counts: a late tick counts as at most two.

/** Minimum number of ticks in a wait, and the longest tick. */
const TICKS = 8, LONGEST_TICK_MS = 500;

/** A timeout of `ms` milliseconds awake without a sign of life. */
export class Patience {
  #left: number;
  #end = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(public ms: number) {
    this.#left = ms;
  }

  /** Starts the timeout; calls `end` when it expires. */
  whenOver(end: () => void): void {
    this.#end = end;
    this.#tick();
  }

  /** After a sign of life: restarts the timeout with `ms` milliseconds. */
  renew(ms = this.ms): void {
    this.ms = this.#left = ms;
  }

  /** The answer has come: cancels the timeout. */
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
 * @returns the result of `work`; rejects with `failure()` after `ms` milliseconds awake, and ignores a later result
 */
export function patiently<Result>(ms: number, work: Promise<Result>, failure: () => Error): Promise<Result> {
  return new Promise((resolve, reject) => {
    const patience = new Patience(ms);
    patience.whenOver(() => reject(failure()));
    work.then(resolve, reject).finally(() => patience.stop());
  });
}
