// How many iterations to hand to the GPU, and when. A GPU that waits for the page loses time; one that has too much in
// its queue cannot be stopped. What is in the queue is never known, only what was in it when the last answer came, and
// some browsers answer only every 100 ms. So the queue is estimated: the GPU works on at the pace that it has shown.

/** One submit takes about this long: below what anyone notices, far below the 2 s after which Windows resets a GPU. */
const SUBMIT_MS = 15;
/** New work is handed over when the queue is estimated to hold less than this. */
const QUEUE_MS = 30;
/** The pace is measured over no less than this: answers may come in heaps. */
const MEASURE_MS = 10;
/** How much of a new measurement is believed at once. */
const BELIEF = 0.5;

export class Pacer {
  #largest: number;
  /** Estimated milliseconds per iteration; null before the first answer. */
  #pace: number | null = null;
  #submitted = 0;
  #answered = 0;
  #answered_at = 0;
  /** Where the measurement under way began. */
  #from = { iteration: 0, at: 0 };
  /** Whether the GPU has been busy ever since. */
  #busy = false;
  #ending = false;

  /** @param largest iterations of one submit at most */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Training begins, with an empty queue. */
  begin(iteration: number): void {
    this.#submitted = this.#answered = iteration;
    this.#busy = this.#ending = false;
  }

  /** Nothing more will be submitted: the queue may run dry. */
  end(): void {
    this.#ending = true;
  }

  /** Iterations for the next submit. */
  get count(): number {
    return this.#pace === null ? 1 : Math.max(1, Math.min(this.#largest, Math.round(SUBMIT_MS / this.#pace)));
  }

  /** @returns for how many milliseconds nothing should be submitted; Infinity: until the next answer */
  wait(now: number): number {
    const queued = this.#submitted - this.#answered;
    if (queued === 0) return 0;
    if (this.#pace === null) return Infinity;
    return Math.max(0, queued * this.#pace - (now - this.#answered_at) - QUEUE_MS);
  }

  /** Told after each submit. */
  submitted(iterations: number, now: number): void {
    if (this.#submitted === this.#answered) {
      this.#answered_at = now;
      this.#from = { iteration: this.#answered, at: now };
    }
    this.#submitted += iterations;
  }

  /** The GPU says that all up to iteration `until` is done. */
  answered(until: number, now: number): void {
    this.#answered = until;
    this.#answered_at = now;
    const spent = now - this.#from.at, measured = spent / (until - this.#from.iteration);
    const dry = until === this.#submitted;
    if (this.#pace === null) this.#pace = measured;
    else if (dry && !this.#ending) this.#pace /= 2; // an estimate that let it run dry was too slow
    else if (spent < MEASURE_MS) return;
    else if (this.#busy) this.#pace += BELIEF * (measured - this.#pace);
    this.#from = { iteration: until, at: now };
    this.#busy = !dry;
  }
}
