// Which iteration the reader points at. One per session: pointing at a sample marks its place on the curve.

export class Spotlight {
  #iteration: number | null = null;
  readonly #listeners = new Set<(iteration: number | null) => void>();

  get iteration(): number | null {
    return this.#iteration;
  }

  /** Points at an iteration, or at none (null). */
  point(iteration: number | null): void {
    if (iteration === this.#iteration) return;
    this.#iteration = iteration;
    for (const listener of this.#listeners) listener(iteration);
  }

  /** @returns a function that unsubscribes */
  on(listener: (iteration: number | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
