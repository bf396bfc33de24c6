// Lets a run go on twice, beside it: from its whole checkpoint, and from its weights alone. The run itself waits, and then
// goes on from where it was. No DOM.
import { Emitter } from "./emitter.ts";
import type { History } from "./history.ts";
import type { TrainingSession } from "./session.ts";
import { RANK, type Turns } from "./turns.ts";
import type { RunHost } from "./types.ts";

/** Iterations that each way makes, and between two measurements; enough to see the loss rise and begin to fall. */
const LENGTH = { further: 60, val_every: 5 };
/** The page's name for the session of both ways; no author can write it. */
const SESSION = "(resumed)";

export type Way = "state" | "weights";

/** What the page provides. */
export interface WaysHost extends RunHost {
  sessions: Record<string, TrainingSession>;
  turns: Turns;
}

interface Place {
  place: number;
  words: string;
}

/** Losses since the checkpoint, in nats per character; null where not measured. */
export interface Losses {
  train: (number | null)[];
  val: (number | null)[];
}

export class TwoWays {
  running = false;
  /** The checkpoint's iteration; null before the first. */
  at: number | null = null;
  readonly further: number;
  /** What each way has shown so far. */
  readonly losses: Partial<Record<Way, Losses>> = {};
  session: TrainingSession | null = null;
  /** Why it ended early, in one sentence. */
  failure = "";
  #main: TrainingSession;
  #host: WaysHost;
  #Session: typeof TrainingSession;
  #place: Place;
  #val_every: number;
  #stopped = false;
  #events = new Emitter<{ change: void }>(["change"]);

  /**
   * @param Session the page's own class
   * @param place of the block in the page, and what other runs wait for
   */
  constructor(main: TrainingSession, host: WaysHost, Session: typeof TrainingSession, place: Place, length = LENGTH) {
    this.further = length.further;
    this.#val_every = length.val_every;
    this.#main = main;
    this.#host = host;
    this.#Session = Session;
    this.#place = place;
  }

  /** @returns a function that ends the subscription */
  on(listener: () => void): () => void {
    return this.#events.on("change", listener);
  }

  /** Whether the run has enough iterations left. */
  get possible(): boolean {
    return this.#main.iterations - this.#main.iteration >= this.further;
  }

  /** Makes both ways, from the run's state now. */
  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.#stopped = false;
    this.failure = "";
    delete this.losses.state;
    delete this.losses.weights;
    this.#changed();
    let leave = () => {};
    try {
      // Asked for at once, so that both are of the same iteration.
      const [state, weights] = await Promise.all([this.#main.save("state"), this.#main.save("weights")]);
      const files = { state, weights };
      const session = this.session = this.#makeSession();
      leave = this.#host.turns.follow(session, { ...this.#place, rank: RANK.preset }, true);
      for (const way of ["state", "weights"] as const) {
        if (this.#stopped) break;
        this.at = (await session.load(files[way])).about.iteration;
        if (this.#stopped) break;
        await this.#goOn(session, way, this.at);
      }
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
    this.session?.dispose();
    delete this.#host.sessions[SESSION];
    leave();
    this.running = false;
    this.#changed();
  }

  stop(): void {
    this.#stopped = true;
    this.session?.pause();
  }

  #makeSession(): TrainingSession {
    const { options, preferred } = this.#main, place = "preset" as const;
    const sampling = { ...options.sampling, every: this.#val_every, early: [], characters: 0, early_characters: 0 };
    const evaluation = { ...options.evaluation, whole_at_end: false };
    const session = new this.#Session(SESSION, { ...options, sampling, evaluation, observe: null, place }, this.#host);
    this.#host.sessions[SESSION] = session; // so that the page can hide and show it
    session.prefer(preferred);
    return session;
  }

  /** Trains the loaded run until it has made enough iterations. */
  #goOn(session: TrainingSession, way: Way, at: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        this.losses[way] = since(session.history, at, this.further);
        this.#changed();
        if (session.iteration >= this.#end(at) && session.history.val[this.#end(at)] != null) session.pause();
      };
      const ends = [
        session.on("metrics", look),
        session.on("status", (status) => {
          look();
          if (status !== "paused" && status !== "done" && status !== "diverged" && status !== "failed") return;
          ends.forEach((end) => end());
          if (status === "failed") reject(new Error(session.failure?.message ?? status));
          else resolve();
        }),
      ];
      session.start();
    });
  }

  /** The first iteration after all of them at which the session measures. */
  #end(at: number): number {
    return Math.min(this.#main.iterations, Math.ceil((at + this.further) / this.#val_every) * this.#val_every);
  }

  #changed(): void {
    this.#events.emit("change", undefined);
  }
}

/** The losses of the first `further` iterations after iteration `at`. */
function since({ train, val }: History, at: number, further: number): Losses {
  const part = (column: readonly (number | null)[], length: number) =>
    Array.from({ length }, (_, i) => column[at + i] ?? null);
  return { train: part(train, further), val: part(val, further + 1) };
}
