// The weights of a run at each of its samples, so that a reader can ask the earlier and the present model the same. They are
// in the page's memory, 824 KB each for the lesson's model: not in the Worker, which ends when its run is released.
import { Emitter } from "./emitter.ts";
import type { Sample, TrainingSession, Weights } from "./session.ts";

/** Room for 20 of the lesson's 206,016 weights; its run writes 14 samples. */
const MOST_BYTES = 16.5e6;
/** For larger models: the first and the last of a run. */
const FEWEST = 2;

export class KeptWeights {
  #session: TrainingSession;
  #kept: Weights[] = [];
  #events = new Emitter<{ change: void }>(["change"]);
  #most_bytes: number;
  /** The run that they belong to: a reset replaces its history. */
  #run: TrainingSession["history"];
  #leave: (() => void)[];

  constructor(session: TrainingSession, most_bytes = MOST_BYTES) {
    this.#session = session;
    this.#most_bytes = most_bytes;
    this.#run = session.history;
    this.#leave = [
      session.on("sample", (sample) => this.#keep(sample)),
      session.on("metrics", () => this.#look()),
    ];
  }

  /** By rising iteration. */
  get all(): readonly Weights[] {
    return this.#kept;
  }

  /** @returns a function that ends the subscription */
  on(listener: () => void): () => void {
    return this.#events.on("change", listener);
  }

  stop(): void {
    for (const leave of this.#leave) leave();
    this.#kept = [];
  }

  /** While a sample is shown, training rests: the next thing that the session does is to answer this. */
  async #keep({ iteration }: Sample): Promise<void> {
    const run = this.#session.history, weights = await this.#session.weights().catch(() => null);
    if (weights?.iteration !== iteration || run !== this.#session.history) return; // reset, released or failed meanwhile
    this.#look();
    const others = this.#kept.filter((one) => one.iteration !== iteration);
    this.#kept = fitting([...others, weights].sort((a, b) => a.iteration - b.iteration), this.#most_bytes);
    this.#events.emit("change", undefined);
  }

  /** Forgets what a reset has removed, and what a card with wrong results has made. */
  #look(): void {
    const { history, iteration } = this.#session, before = this.#kept.length;
    if (history !== this.#run) this.#kept = [];
    this.#run = history;
    this.#kept = this.#kept.filter((one) => one.iteration <= iteration);
    if (this.#kept.length < before) this.#events.emit("change", undefined);
  }
}

/** As many as there is room for: where the gaps are narrowest, one is left out, but never the first or the last. */
export function fitting(weights: Weights[], most_bytes: number): Weights[] {
  const kept = [...weights];
  while (kept.length > FEWEST && kept.reduce((sum, { params }) => sum + params.byteLength, 0) > most_bytes) {
    let narrowest = 1;
    const gap = (i: number) => kept[i + 1].iteration - kept[i - 1].iteration;
    for (let i = 2; i < kept.length - 1; i++) if (gap(i) < gap(narrowest)) narrowest = i;
    kept.splice(narrowest, 1);
  }
  return kept;
}
