// Estimates how long work usually takes, to exclude time when nothing ran. After a page was frozen, kept for the Back
// button, or on a computer that slept, the clock is far ahead although nothing was computed.

/** More than FAR times the usual time, and over LEAST_MS longer, is a pause rather than a slow iteration. */
const FAR = 5, LEAST_MS = 1000;
/** The usual time is the median of this many. A machine that becomes slower is believed after half of them. */
const REMEMBERED = 9;

/** @returns whether the work took so much longer than usual that it must have been interrupted */
export function farBeyond(ms: number, usual_ms: number): boolean {
  return ms > FAR * usual_ms && ms - usual_ms > LEAST_MS;
}

/** @returns the median, the lower of the two middle values if there are two; null if `values` is empty */
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
   * @param ms measured time for `units` units of work
   * @returns the milliseconds to count: `ms`, or the usual time if there was a pause
   */
  counted(ms: number, units: number): number {
    const usual = this.usual_ms;
    this.#recent.push(ms / units);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    return usual !== null && farBeyond(ms, usual * units) ? usual * units : ms;
  }
}
