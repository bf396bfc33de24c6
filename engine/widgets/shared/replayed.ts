// Where replays of recorded runs are, for instruments that show the same run. Their script has its own copy of this
// file, so the two meet at the document.
const EVENT = "ps-replayed";

export interface Replayed {
  /** Name of the run's text. */
  name: string;
  iteration: number;
}

export function tellReplay(where: Replayed): void {
  document.dispatchEvent(new CustomEvent(EVENT, { detail: where }));
}

/** @returns a function that unsubscribes */
export function heedReplays(listener: (where: Replayed) => void): () => void {
  const hear = (event: Event) => listener((event as CustomEvent<Replayed>).detail);
  document.addEventListener(EVENT, hear);
  return () => document.removeEventListener(EVENT, hear);
}
