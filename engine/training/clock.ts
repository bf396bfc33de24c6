// The browser's clock, with care. Where it is made coarse against fingerprinting it ticks every 16 or 100 ms, or every
// second; some go back when the machine's time is set, some stand still.

import { nextTurn } from "./next_turn.ts";
/** A clock that gives no time at all: nothing can be measured by it. */
export class ClockStoppedError extends Error {
  constructor() {
    super("performance.now() gives the same time again and again");
  }
}

/** A clock that has not moved for so long is taken to stand still. */
const PATIENCE_MS = 3000;
/** So often it is looked at without a rest: an exact clock has moved by then. */
const LOOKS = 20;
/** Coarser clocks are not known; what moves further has been set, or the machine was asleep. */
const LONGEST_STEP_MS = 1000;

let last = Infinity, time = 0;

/** Milliseconds since some moment. Never less than before: a step backwards counts as none. */
export function now(): number {
  const reading = performance.now();
  time += Math.max(0, reading - last);
  last = reading;
  return time;
}

/** A moment at which the clock has just moved, and how far it moved. */
export interface Tick {
  at: number;
  step: number;
}

/**
 * Waits for the clock to move: what is timed from there on is not short by what the first reading hid.
 * @throws ClockStoppedError
 */
export async function nextTick(): Promise<Tick> {
  const before = now();
  let over = false, looks = 0;
  const timer = setTimeout(() => over = true, PATIENCE_MS);
  try {
    while (!over) {
      const at = now();
      if (at > before) return { at, step: Math.min(at - before, LONGEST_STEP_MS) };
      if (++looks < LOOKS) await nextTurn();
      else await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    clearTimeout(timer);
  }
  throw new ClockStoppedError();
}
