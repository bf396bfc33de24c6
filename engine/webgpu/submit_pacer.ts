// How many iterations to hand to the GPU, and when. A GPU that waits for the page loses time; one that has too much in
// its queue cannot be stopped. What is in the queue is never known, only what was in it when the last answer came, and
// some browsers answer only every 100 ms. So the queue is estimated: the GPU works on at the pace that it has shown.
// The clock may be coarse, go back or stand still. So a pace is measured only from one of its moves to another; as long
// as it has not moved, a single iteration is handed over at a time.
import { piecesFor } from "./pieces.ts";

/** One submit takes about this long: below what anyone notices, far below the 2 s after which Windows resets a GPU. */
const SUBMIT_MS = 15;
/** New work is handed over when the queue is estimated to hold less than this. */
const QUEUE_MS = 30;
/** Never more than this without an answer, and two iterations, whatever the clock says has passed meanwhile. */
const MOST_QUEUED_MS = 200;
/** The pace is measured over no less than this: answers may come in heaps. */
const MEASURE_MS = 10;
/** How much of a new measurement is believed at once, and how many times slower than before it may be. */
const BELIEF = 0.5, SLOWER = 3;
/** No GPU is faster, and none that is slower need be told from this, in milliseconds per iteration. */
const FASTEST = 0.02, SLOWEST = 5000;

export class Pacer {
  #largest: number;
  /** Estimated milliseconds per iteration; null as long as the clock has not shown it. */
  #pace: number | null = null;
  #submitted = 0;
  #answered = 0;
  #answered_at = 0;
  /** What wait() had asked for since the last answer, and has been waited: the clock may not show it. */
  #waited = 0;
  #asked = 0;
  /** The measurement under way: from an answer at which the clock had moved. */
  #from: { iteration: number; at: number; idle: boolean; dry: boolean } | null = null;
  /** The time at the last answer. */
  #seen = 0;
  #ending = false;
  /** The clock's last reading, and the time that it has shown: a step backwards counts as none. */
  #reading = Infinity;
  #time = 0;

  /** @param largest iterations of one submit at most */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Training begins, with an empty queue. */
  begin(iteration: number): void {
    this.#submitted = this.#answered = iteration;
    this.#from = null;
    this.#waited = this.#asked = 0;
    this.#ending = false;
  }

  /** Nothing more will be submitted: the queue may run dry. */
  end(): void {
    this.#ending = true;
  }

  /** Iterations for the next submit. */
  get count(): number {
    return this.#pace === null ? 1 : Math.max(1, Math.min(this.#largest, Math.round(SUBMIT_MS / this.#pace)));
  }

  /** Submits to cut an iteration into. */
  get pieces(): number {
    return piecesFor(this.#pace);
  }

  /** @returns for how many milliseconds nothing should be submitted; Infinity: until the next answer */
  wait(now: number): number {
    const passed = this.#timeAt(now) - this.#answered_at, queued = this.#submitted - this.#answered;
    if (queued === 0) return 0;
    if (this.#pace === null || queued >= Math.max(2, MOST_QUEUED_MS / this.#pace)) return Infinity;
    // Asked again without an answer in between: what was asked for last time has passed.
    this.#waited += this.#asked;
    return this.#asked = Math.max(0, queued * this.#pace - Math.max(passed, this.#waited) - QUEUE_MS);
  }

  /** Told after each submit. */
  submitted(iterations: number, now: number): void {
    const at = this.#timeAt(now);
    if (this.#submitted === this.#answered) {
      this.#answered_at = at;
      this.#waited = this.#asked = 0;
      if (this.#from === null) this.#seen = at;
    }
    this.#submitted += iterations;
  }

  /** The GPU says that all up to iteration `until` is done. */
  answered(until: number, now: number): void {
    const at = this.#timeAt(now), moved = at > this.#seen, dry = until === this.#submitted;
    this.#answered = until;
    this.#answered_at = this.#seen = at;
    this.#waited = this.#asked = 0;
    if (this.#from && dry && !this.#ending) this.#from.dry = true;
    if (!moved) return;
    if (this.#from && at - this.#from.at < MEASURE_MS) return;
    if (this.#from) this.#measure((at - this.#from.at) / (until - this.#from.iteration), this.#from);
    this.#from = { iteration: until, at, idle: dry, dry: false };
  }

  #measure(measured: number, { idle, dry }: { idle: boolean; dry: boolean }): void {
    let pace = this.#pace;
    if (pace === null) pace = measured;
    else if (dry) pace /= 2; // an estimate that let it run dry was too slow
    else if (!idle) pace += BELIEF * (Math.min(measured, SLOWER * pace) - pace);
    this.#pace = Math.min(Math.max(pace, FASTEST), SLOWEST);
  }

  #timeAt(now: number): number {
    this.#time += Math.max(0, now - this.#reading);
    this.#reading = now;
    return this.#time;
  }
}
