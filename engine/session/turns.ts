// Who trains on this page, and who waits: two runs at once would share the machine's cores, and both would be slow. One
// has the turn; the others stop between two iterations, say for what they wait, and go on when it is theirs. Knows no DOM.
import { waitsFor } from "../wording.ts";
import type { Status, TrainingSession } from "./session.ts";

/** Who goes first. What a reader has asked for and sees end soon goes before a run that takes minutes. */
export const RANK = { run: 0, preset: 1, measurement: 2 };

/** Statuses of a run that trains, or would if it could. */
const WANTING: Status[] = ["loading", "running", "hidden", "waiting"];

/** One who takes turns. */
export interface Taker {
  /** What the others wait for, in words. */
  words: string;
  /** Where it stands in the page, counted from the top. */
  place: number;
  rank: number;
  wait(reason: string): void;
  goOn(): void;
}

type Place = Omit<Taker, "wait" | "goOn">;

export class Turns {
  /** All takers, with the reason for which each was told to wait. */
  #takers = new Map<Taker, { reason: string | null }>();
  /** Who wants the machine, in the order in which they get it: by rank, and by when they began to want it. */
  #queue: Taker[] = [];
  #settling = false;
  #changed = false;

  /** @returns a function by which the taker leaves for good */
  join(taker: Taker, wanted = false): () => void {
    this.#takers.set(taker, { reason: null });
    if (wanted) this.#enqueue(taker);
    this.#settle();
    return () => {
      this.#takers.delete(taker);
      this.want(taker, false);
    };
  }

  /** Who wants to go on wanting keeps the place in the queue. */
  want(taker: Taker, wanted: boolean): void {
    if (wanted === this.#queue.includes(taker)) return;
    if (wanted) this.#enqueue(taker);
    else this.#queue = this.#queue.filter((other) => other !== taker);
    this.#settle();
  }

  /**
   * Has a session take turns whenever it wants to train.
   * @param wanted it is about to start
   * @returns a function that ends it
   */
  follow(session: TrainingSession, place: Place, wanted = false): () => void {
    const taker = { ...place, wait: (reason: string) => session.wait(reason), goOn: () => session.goOn() };
    const leave = this.join(taker, wanted);
    const unsubscribe = session.on("status", (status) => this.want(taker, WANTING.includes(status)));
    return () => (unsubscribe(), leave());
  }

  /** For what cannot stop in between: `ready` resolves when nothing else computes on this page, until leave(). */
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
    if (this.#settling) return; // a taker that was told has changed something: another round follows
    this.#settling = true;
    while (this.#changed) {
      this.#changed = false;
      const reasons = [...this.#takers].map(([taker, known]) => ({ taker, known, reason: this.#reason(taker) }));
      const news = reasons.filter(({ known, reason }) => reason !== known.reason);
      for (const one of news) one.known.reason = one.reason;
      for (const { taker, reason } of news) if (reason !== null) taker.wait(reason);
      for (const { taker, reason } of news) if (reason === null) taker.goOn(); // once the others have stopped
    }
    this.#settling = false;
  }

  #reason(taker: Taker): string | null {
    const [first] = this.#queue;
    return !first || first === taker ? null : waitsFor.where(first.words, first.place < taker.place);
  }
}
