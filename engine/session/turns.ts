// Runs on a page take turns, because two at once would share the machine's cores and both be slow. The others stop
// between two iterations, say what they wait for, and continue when it is their turn. Does not use the DOM.
import { waitsFor } from "../wording.ts";
import type { Status, TrainingSession } from "./session.ts";

/** Higher ranks go first, so that short tasks that a reader requests precede a run that takes minutes. */
export const RANK = { run: 0, preset: 1, measurement: 2 };

/** Statuses of a run that trains, or waits to train. */
const WANTING: Status[] = ["loading", "running", "hidden", "waiting"];

/** A run or a measurement that takes turns. */
export interface Taker {
  /** Text for the others: what they wait for. */
  words: string;
  /** Position in the page, counted from the top. */
  place: number;
  rank: number;
  wait(reason: string): void;
  goOn(): void;
}

type Place = Omit<Taker, "wait" | "goOn">;

export class Turns {
  /** All takers, each with the reason for its wait; null if it need not wait. */
  #takers = new Map<Taker, { reason: string | null }>();
  /** The takers that want the machine, in the order in which they get it: by rank, then first come, first served. */
  #queue: Taker[] = [];
  #settling = false;
  #changed = false;

  /** @returns a function that removes the taker for good */
  join(taker: Taker, wanted = false): () => void {
    this.#takers.set(taker, { reason: null });
    if (wanted) this.#enqueue(taker);
    this.#settle();
    return () => {
      this.#takers.delete(taker);
      this.want(taker, false);
    };
  }

  /** Enters the queue, or leaves it. A taker that is already queued keeps its place. */
  want(taker: Taker, wanted: boolean): void {
    if (wanted === this.#queue.includes(taker)) return;
    if (wanted) this.#enqueue(taker);
    else this.#queue = this.#queue.filter((other) => other !== taker);
    this.#settle();
  }

  /**
   * Makes a session take turns whenever it wants to train.
   * @param wanted whether the session is about to start
   * @returns a function that removes the session
   */
  follow(session: TrainingSession, place: Place, wanted = false): () => void {
    const taker = { ...place, wait: (reason: string) => session.wait(reason), goOn: () => session.goOn() };
    const leave = this.join(taker, wanted);
    const unsubscribe = session.on("status", (status) => this.want(taker, WANTING.includes(status)));
    return () => {
      unsubscribe();
      leave();
    };
  }

  /** For a task that cannot be interrupted: `ready` resolves once nothing else computes on this page, until leave(). */
  alone(place: Place): { ready: Promise<void>; leave: () => void } {
    let goOn = () => {};
    const ready = new Promise<void>((resolve) => goOn = resolve);
    const taker = { ...place, wait: () => {}, goOn };
    const leave = this.join(taker, true);
    if (this.#queue[0] === taker) goOn();
    return { ready, leave };
  }

  #enqueue(taker: Taker): void {
    const behind = this.#queue.findIndex(({ rank }) => rank < taker.rank);
    this.#queue.splice(behind < 0 ? this.#queue.length : behind, 0, taker);
  }

  #settle(): void {
    this.#changed = true;
    if (this.#settling) return; // called from a taker's wait() or goOn(): another round follows
    this.#settling = true;
    while (this.#changed) {
      this.#changed = false;
      const reasons = [...this.#takers].map(([taker, known]) => ({ taker, known, reason: this.#reason(taker) }));
      const news = reasons.filter(({ known, reason }) => reason !== known.reason);
      for (const one of news) one.known.reason = one.reason;
      for (const { taker, reason } of news) if (reason !== null) taker.wait(reason);
      for (const { taker, reason } of news) if (reason === null) taker.goOn(); // after the others have been stopped
    }
    this.#settling = false;
  }

  #reason(taker: Taker): string | null {
    const [first] = this.#queue;
    return !first || first === taker ? null : waitsFor.where(first.words, first.place < taker.place);
  }
}
