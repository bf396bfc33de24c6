// The position in a replay of a recorded run: its iteration, and how much longer it rests at a sample.
import type { History } from "../session/history.ts";
import { nearestRow } from "./shared/curve.ts";

/** Fraction of a replay's time spent at rest, shared evenly among the samples, so that they can be read. */
const RESTING = 0.6;

export class Playback {
  /** Fractional while it moves between two iterations. */
  iteration = 0;
  /** Fraction of the rest at this stop that remains. */
  #rest = 0;

  /**
   * Starts at iteration 0, so that the reader sees nothing that the model has yet to learn.
   * @param stops iterations at which it rests, in rising order
   */
  constructor(readonly iterations: number, readonly stops: number[]) {
    this.seek(0);
  }

  get ended(): boolean {
    return this.iteration >= this.iterations && this.#rest === 0;
  }

  /** Moves to `iteration`. If that is a stop, playing on begins with a rest. */
  seek(iteration: number): void {
    this.iteration = Math.min(Math.max(iteration, 0), this.iterations);
    this.#rest = this.stops.includes(this.iteration) ? 1 : 0;
  }

  /** Starts playing: from the beginning again if it is at the end. */
  begin(): void {
    if (this.iteration >= this.iterations) this.seek(0);
  }

  /** Advances by `ms` of a replay that takes `whole_ms` in total. */
  advance(ms: number, whole_ms: number): void {
    const rest_ms = RESTING * whole_ms / Math.max(1, this.stops.length);
    const ms_per_iteration = (1 - RESTING) * whole_ms / this.iterations;
    while (ms > 0 && !this.ended) {
      if (this.#rest > 0) {
        const rested = Math.min(ms, this.#rest * rest_ms);
        this.#rest = ms < this.#rest * rest_ms ? this.#rest - ms / rest_ms : 0;
        ms -= rested;
        continue;
      }
      const next = this.stops.find((stop) => stop > this.iteration) ?? this.iterations;
      const needed = (next - this.iteration) * ms_per_iteration;
      if (ms < needed) this.iteration += ms / ms_per_iteration;
      else this.seek(next);
      ms -= Math.min(ms, needed);
    }
  }

  /** The previous (-1) or next (1) stop, or null if there is none. */
  neighbour(direction: -1 | 1): number | null {
    const found = direction < 0
      ? this.stops.findLast((stop) => stop < this.iteration)
      : this.stops.find((stop) => stop > this.iteration);
    return found ?? null;
  }
}

/** Longer steps are cut to this, so that a page that was hidden or busy does not jump ahead. */
const LONGEST_STEP_MS = 100;
/** After this many frames without a change, the clock counts as stopped; each frame then counts as 1/60 s. */
const STILL_FRAMES = 30, FRAME_MS = 1000 / 60;

/** Measures the time between animation frames, even with a coarse or stopped clock. */
export class FrameClock {
  #last = 0;
  #still = 0;

  begin(now: number): void {
    this.#last = now;
    this.#still = 0;
  }

  /** @returns milliseconds since the previous frame */
  step(now: number): number {
    const passed = Math.min(Math.max(now - this.#last, 0), LONGEST_STEP_MS);
    this.#last = now;
    this.#still = passed > 0 ? 0 : this.#still + 1;
    return this.#still > STILL_FRAMES ? FRAME_MS : passed;
  }
}

/** The rows up to an iteration. */
export function upTo(columns: History, iteration: number): History {
  const nearest = nearestRow(columns, iteration);
  const rows = nearest === null ? 0 : columns.iteration[nearest] <= iteration ? nearest + 1 : nearest;
  const { iteration: at, train, val } = columns;
  return { iteration: at.slice(0, rows), train: train.slice(0, rows), val: val.slice(0, rows) };
}
