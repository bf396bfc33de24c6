// Where the replay of a recorded run stands: how far it has come, and for how long it still rests at a sample.
import type { History } from "../session/history.ts";
import { nearestRow } from "./shared/curve.ts";

/** Part of a replay's time that it stands still, shared among the samples: they are there to be read. */
const RESTING = 0.6;

export class Playback {
  /** A fraction while it moves between two. */
  iteration: number;
  /** Part of the rest at this stop that is still to come. */
  #rest = 0;

  /**
   * Begins at the end, with all to be seen.
   * @param stops iterations at which it rests, in rising order
   */
  constructor(readonly iterations: number, readonly stops: number[]) {
    this.iteration = iterations;
  }

  get ended(): boolean {
    return this.iteration >= this.iterations && this.#rest === 0;
  }

  /** Goes there; at a stop it rests when it plays on. */
  seek(iteration: number): void {
    this.iteration = Math.min(Math.max(iteration, 0), this.iterations);
    this.#rest = this.stops.includes(this.iteration) ? 1 : 0;
  }

  /** From the end it begins anew. */
  begin(): void {
    if (this.iteration >= this.iterations) this.seek(0);
  }

  /** Lets `ms` pass in a replay that takes `whole_ms` altogether. */
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

  /** The stop before or after where it stands, or null where there is none. */
  neighbour(direction: -1 | 1): number | null {
    const found = direction < 0
      ? this.stops.findLast((stop) => stop < this.iteration)
      : this.stops.find((stop) => stop > this.iteration);
    return found ?? null;
  }
}

/** A page that was away, or busy, does not jump ahead. */
const LONGEST_STEP_MS = 100;
/** Frames without time between them make a clock that does not move; a frame then counts as one of sixty a second. */
const STILL_FRAMES = 30, FRAME_MS = 1000 / 60;

/** How far to move from one animation frame to the next, however coarse the browser's clock. */
export class FrameClock {
  #last = 0;
  #still = 0;

  begin(now: number): void {
    this.#last = now;
    this.#still = 0;
  }

  /** @returns milliseconds since the frame before */
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
