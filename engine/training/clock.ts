// A clock that tolerates the browser's. To prevent fingerprinting, some browsers make performance.now() tick only every
// 16 ms, 100 ms or second; some go back when the machine's time is set; some stand still.
import { nextTurn } from "./next_turn.ts";

/** The clock stands still, so it cannot measure anything. */
export class ClockStoppedError extends Error {
  constructor() {
    super("performance.now() gives the same time again and again");
  }
}

/** After this long without a change, the clock counts as stopped. */
const PATIENCE_MS = 3000;
/** Readings in quick succession before it sleeps between them: a precise clock has moved by then. */
const LOOKS = 20;
/** No known clock ticks more coarsely: a longer step means that the clock was set or the machine slept. */
const LONGEST_STEP_MS = 1000;

let last = Infinity, time = 0;

/** Milliseconds since an arbitrary moment. Never decreases: a backward step of the browser's clock counts as 0. */
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
 * Waits for the clock to move, so that a measurement starting there loses no fraction of a tick.
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
