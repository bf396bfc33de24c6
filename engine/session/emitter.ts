// Telling others what happens, without letting their mistakes come back.
import { noEvent } from "../wording_of_failures.ts";

export class Emitter<Events> {
  #listeners: Map<keyof Events, Set<(value: never) => void>>;

  /** @param events the names of all of them */
  constructor(events: (keyof Events)[]) {
    this.#listeners = new Map(events.map((event) => [event, new Set()]));
  }

  /**
   * @returns a function that ends the subscription
   * @throws Error for an event that does not exist
   */
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(event);
    if (!listeners) throw new Error(noEvent(String(event), [...this.#listeners.keys()].map(String)));
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** What a listener throws goes to the console, as an uncaught error would. */
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
