// Which engine is faster on this machine, as rehearsals have measured it. It is remembered for the graphics card and the
// browser, because engines differ in their last digits: noise must not change a reader's words from visit to visit.

/** The CPU engine must make this many times the card's iterations: it also takes the cores that a reader works with. */
export const CPU_MUST_WIN_BY = 1.2;

/** What both engines made, in iterations per second, and the CPU engine's Workers. */
export interface Measured {
  webgpu: number;
  cpu: number;
  workers: number;
}

/** Where a browser keeps a value from visit to visit. */
export interface Store {
  /** @returns null if nothing is kept, or the browser keeps nothing */
  recall(): unknown;
  remember(value: unknown): void;
}

/** A browser remembers the engines' speeds for so many browsers, programs and sizes of model: those last used. */
const MOST_KEPT = 8;

interface Kept {
  /** By the card's name. */
  cards: Record<string, Measured>;
  /** How many Workers were fastest; null if it was not measured. */
  workers: number | null;
}

export function cpuWins({ cpu, webgpu }: Pick<Measured, "cpu" | "webgpu">): boolean {
  return cpu >= CPU_MUST_WIN_BY * webgpu;
}

const isWorkers = (value: unknown) => [1, 2, 4, 8].includes(value as number);
const isRate = (value: unknown) => typeof value === "number" && value > 0 && value < Infinity;

function isMeasured(value: unknown): value is Measured {
  const { webgpu, cpu, workers } = Object(value);
  return isRate(webgpu) && isRate(cpu) && isWorkers(workers);
}

/** The part of a stored value that this program could have written. */
function soundPart(value: unknown): Kept {
  const { cards, workers } = Object(value);
  const sound = Object.entries(Object(cards)).filter(([, measured]) => isMeasured(measured));
  return {
    cards: Object.fromEntries(sound) as Record<string, Measured>,
    workers: isWorkers(workers) ? workers : null,
  };
}

export class MeasuredEngines {
  #about: () => string;
  #store: Store;
  #known: Kept | null = null;

  /** @param about browser, program and size of the model: what was measured holds for these alone */
  constructor(about: () => string, store: Store) {
    this.#about = about;
    this.#store = store;
  }

  /** @returns what both engines made on a machine with this card; null if they were not compared */
  of(card: string): Measured | null {
    return this.#kept.cards[card] ?? null;
  }

  /** Whether the CPU engine was faster than this card; null if that was found of no card. */
  get overrules(): ((card: string) => boolean) | null {
    const beaten = (card: string) => Object.hasOwn(this.#kept.cards, card) && cpuWins(this.#kept.cards[card]);
    return Object.keys(this.#kept.cards).some(beaten) ? beaten : null;
  }

  /** How many Workers were fastest; null if it was not measured. */
  get workers(): number | null {
    return this.#kept.workers;
  }

  /** Keeps a result, unless another tab has measured this card meanwhile. @returns the one that counts */
  keep(card: string, measured: Measured): Measured {
    this.#update((known) => known.cards[card] ??= measured);
    return this.#known!.cards[card];
  }

  keepWorkers(workers: number): void {
    this.#update((known) => known.workers ??= workers);
  }

  get #kept(): Kept {
    if (this.#known) return this.#known;
    const all = this.#recalled(), about = this.#about();
    // Reading is use, too: pages of other sizes must not push out what a reader's usual page goes by.
    if (all.has(about) && [...all.keys()].at(-1) !== about) this.#update(() => {});
    return this.#known ??= all.get(about) ?? { cards: {}, workers: null };
  }

  /** Changes what is kept for this page, which is then the last one used. */
  #update(change: (known: Kept) => void): void {
    const all = this.#recalled(), about = this.#about();
    const known = this.#known = all.get(about) ?? this.#known ?? { cards: {}, workers: null };
    change(known);
    all.delete(about);
    all.set(about, known);
    this.#store.remember(Object.fromEntries([...all].slice(-MOST_KEPT)));
  }

  /** What the store has, by what it holds for; the last one used comes last. */
  #recalled(): Map<string, Kept> {
    const all = Object.entries(Object(this.#store.recall())).map(([about, kept]) => [about, soundPart(kept)] as const);
    return new Map(all.filter(([, { cards, workers }]) => workers !== null || Object.keys(cards).length > 0));
  }
}
