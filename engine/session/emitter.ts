// Events for listeners. An error in a listener does not reach the code that emits.
import { noEvent } from "../wording_of_failures.ts";

export class Emitter<Events> {
  #listeners: Map<keyof Events, Set<(value: never) => void>>;

  /** @param events the names of all events */
  constructor(events: (keyof Events)[]) {
    this.#listeners = new Map(events.map((event) => [event, new Set()]));
  }

  /**
   * @returns a function that ends the subscription
   * @throws Error if the event does not exist
   */
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(event);
    if (!listeners) throw new Error(noEvent(String(event), [...this.#listeners.keys()].map(String)));
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Reports what a listener throws to the console, like an uncaught error. */
  emit<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const listener of this.#listeners.get(event) as Set<(value: Events[E]) => void>) {
      try {
        listener(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
