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

interface Kept {
  /** What the measurements hold for. */
  about: string;
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

export class MeasuredEngines {
  #about: () => string;
  #store: Store;
  #known: Kept | null = null;

  /** @param about browser, program and size of the model: if one of them changes, the engines are measured again */
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
    this.#known = this.#recalled() ?? this.#kept;
    this.#known.cards[card] ??= measured;
    this.#store.remember(this.#known);
    return this.#known.cards[card];
  }

  keepWorkers(workers: number): void {
    this.#known = this.#recalled() ?? this.#kept;
    this.#known.workers ??= workers;
    this.#store.remember(this.#known);
  }

  get #kept(): Kept {
    return this.#known ??= this.#recalled() ?? { about: this.#about(), cards: {}, workers: null };
  }

  /** What the store has, without anything that this program would not have written. */
  #recalled(): Kept | null {
    const { about, cards, workers } = Object(this.#store.recall());
    if (about !== this.#about()) return null;
    const sound = Object.entries(Object(cards)).filter(([, measured]) => isMeasured(measured));
    return {
      about,
      cards: Object.fromEntries(sound) as Record<string, Measured>,
      workers: isWorkers(workers) ? workers : null,
    };
  }
}
