// How many iterations to submit to the GPU, and when. If its queue runs dry, time is lost; if its queue is long, it
// cannot be stopped soon. The queue's length is known only at each answer, and some browsers answer only every 100 ms.
// So in between it is estimated: the GPU is assumed to keep the pace that it has shown. The clock may be coarse, go
// back or stand still. So the pace is measured only between two moments at which the clock moved; until it has, one
// iteration is submitted at a time.
import { piecesFor } from "./pieces.ts";

/** One submit takes about this long: too short to notice, and far below the 2 s after which Windows resets a GPU. */
const SUBMIT_MS = 15;
/** The first submit to an empty queue is shorter, because the GPU is idle until it has been encoded. */
const FIRST_MS = 2;
/** New work is submitted when the queue is estimated to hold less than this. */
const QUEUE_MS = 30;
/**
 * Never more than this unanswered (or two iterations, if that is more), even if the clock says that it must be done.
 */
const MOST_QUEUED_MS = 200;
/** The pace is measured over at least this long: answers may come in bursts. */
const MEASURE_MS = 10;
/** Weight of a new measurement; it counts as at most SLOWER times slower than the estimate so far. */
const BELIEF = 0.5, SLOWER = 3;
/** Bounds of the pace, in milliseconds per iteration: no GPU is faster, and anything slower is treated alike. */
const FASTEST = 0.02, SLOWEST = 5000;

export class Pacer {
  #largest: number;
  /** Estimated milliseconds per iteration; null until the clock has shown it. */
  #pace: number | null = null;
  #submitted = 0;
  #answered = 0;
  #answered_at = 0;
  /** Milliseconds waited since the last answer, as wait() asked for: the clock may not show them. */
  #waited = 0;
  /** The wait that was asked for last. */
  #asked = 0;
  /** Start of the current measurement: an answer at which the clock had moved. */
  #from: { iteration: number; at: number; idle: boolean; dry: boolean } | null = null;
  /** The time at the last answer. */
  #seen = 0;
  #ending = false;
  /** The clock's last reading, and its time without backward steps. */
  #reading = Infinity;
  #time = 0;

  /** @param largest most iterations in one submit */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Call when training begins, with an empty queue. */
  begin(iteration: number): void {
    this.#submitted = this.#answered = iteration;
    this.#from = null;
    this.#waited = this.#asked = 0;
    this.#ending = false;
  }

  /** Call when nothing more will be submitted: the queue may then run dry. */
  end(): void {
    this.#ending = true;
  }

  /**
   * Iterations for the next submit: as many as the queue holds, within FIRST_MS and SUBMIT_MS. The GPU computes the queued
   * ones while the CPU encodes the new ones.
   */
  get count(): number {
    if (this.#pace === null) return 1;
    const queued_ms = (this.#submitted - this.#answered) * this.#pace;
    const ms = Math.min(SUBMIT_MS, Math.max(FIRST_MS, queued_ms));
    return Math.max(1, Math.min(this.#largest, Math.round(ms / this.#pace)));
  }

  /** Number of submits for one iteration, if it is too long for one; else 1. */
  get pieces(): number {
    return piecesFor(this.#pace);
  }

  /** @returns milliseconds to wait before the next submit; Infinity: until the next answer */
  wait(now: number): number {
    const passed = this.#timeAt(now) - this.#answered_at, queued = this.#submitted - this.#answered;
    if (queued === 0) return 0;
    if (this.#pace === null || queued >= Math.max(2, MOST_QUEUED_MS / this.#pace)) return Infinity;
    // No answer since the last call, which would have cleared #asked: so the caller has waited that long.
    this.#waited += this.#asked;
    return this.#asked = Math.max(0, queued * this.#pace - Math.max(passed, this.#waited) - QUEUE_MS);
  }

  /** Call after each submit. */
  submitted(iterations: number, now: number): void {
    const at = this.#timeAt(now);
    if (this.#submitted === this.#answered) {
      this.#answered_at = at;
      this.#waited = this.#asked = 0;
      if (this.#from === null) this.#seen = at;
    }
    this.#submitted += iterations;
  }

  /** Call when the GPU reports that all iterations before `until` are done. */
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
    else if (dry) pace /= 2; // the queue ran dry: the estimate was too slow
    else if (!idle) pace += BELIEF * (Math.min(measured, SLOWER * pace) - pace);
    this.#pace = Math.min(Math.max(pace, FASTEST), SLOWEST);
  }

  #timeAt(now: number): number {
    this.#time += Math.max(0, now - this.#reading);
    this.#reading = now;
    return this.#time;
  }
}
