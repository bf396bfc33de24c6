// How long something usually takes, and so which of the time that a clock shows was not spent on it: a page that was
// frozen, kept for the Back button, or on a computer that slept finds its clock far ahead, and nothing computed.

/** So many times what is usual, and so much more, is a pause and no slow iteration. */
const FAR = 5, LEAST_MS = 1000;
/** What is usual is the median of so many: a machine that is slower from now on is believed after half of them. */
const REMEMBERED = 9;

/** @returns whether it took so much longer than usual that it cannot have gone on all the time */
export function farBeyond(ms: number, usual_ms: number): boolean {
  return ms > FAR * usual_ms && ms - usual_ms > LEAST_MS;
}

/** @returns the middle one, the lower of two; null of none */
export function lowerMedian(values: number[]): number | null {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] ?? null;
}

export class Pace {
  #recent: number[] = [];

  /** Milliseconds per unit; null before the first. */
  get usual_ms(): number | null {
    return lowerMedian(this.#recent);
  }

  /**
   * @param ms by the clock, for so many units of work
   * @returns the milliseconds that count
   */
  counted(ms: number, units: number): number {
    const usual = this.usual_ms;
    this.#recent.push(ms / units);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    return usual !== null && farBeyond(ms, usual * units) ? usual * units : ms;
  }
}
