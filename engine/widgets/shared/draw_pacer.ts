// Limits how often something is drawn: updates may come at any rate, but ten pictures a second look live.

/** Calls `draw` in an animation frame, at most once per `interval_ms`, and always after the last request. */
export class Pacer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #drawn_at = -Infinity;

  constructor(private readonly draw: () => void, private readonly interval_ms: number) {}

  request(): void {
    if (this.#timer !== undefined || this.#frame !== 0) return;
    const passed = performance.now() - this.#drawn_at, wait = this.interval_ms - Math.max(0, passed);
    if (wait <= 0) this.#nextFrame();
    else this.#timer = setTimeout(() => this.#nextFrame(), wait); // works even if the clock stands still
  }

  /** Cancels a request that has not been drawn yet. */
  cancel(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#timer = undefined;
    this.#frame = 0;
  }

  #nextFrame(): void {
    this.#timer = undefined;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawn_at = performance.now();
      this.draw();
    });
  }
}
