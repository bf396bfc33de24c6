// Runs with the settings of a page's run but seeds of their own, trained side by side up to a given iteration and kept
// as files: twins, or one beside a neighbour's file. All other runs of the page wait meanwhile. Uses no DOM.
import type { Hashes } from "../checkpoint/checkpoint.ts";
import { waitsFor } from "../wording.ts";
import { rawWords } from "../wording_of_failures.ts";
import type { EngineChoice } from "../workers/engine_link.ts";
import type { PresetHost } from "./preset_runs.ts";
import type { SessionOptions, TrainingSession } from "./session.ts";
import { RANK } from "./turns.ts";

export interface Wish {
  /** For `pressStart.sessions`; in brackets, so that no runner has the same. */
  name: string;
  seed: string;
  /** The last iteration. */
  until: number;
  /** Twins use the CPU engine, because a graphics card promises no equal bits. */
  engine: EngineChoice;
}

/** The settings of a run do not change with where it stops: its learning rates are those of the whole run. */
export class ShortRun {
  readonly session: TrainingSession;
  readonly until: number;
  /** Null until it has reached its last iteration. */
  hashes: Hashes | null = null;
  /** The state at its last iteration. */
  file: Blob | null = null;
  /** Why it ended before. */
  failure: string | null = null;
  #ended: () => void;

  /** @param ended called once, when there is a file or a failure */
  constructor(
    main: TrainingSession,
    { name, seed, until, engine }: Wish,
    makeSession: (name: string, options: SessionOptions) => TrainingSession,
    changed: () => void,
    ended: () => void,
  ) {
    const { sampling, ...options } = main.options, last = this.until = Math.min(until, main.iterations);
    // A milestone at its last iteration, where the session measures; it does not rest for the sample.
    const own = { ...sampling, every: Math.max(1, last), early: [], rest_ms: 0 };
    const given = { ...options, seed, sampling: own, observe: null, place: "preset" } as const;
    const session = this.session = makeSession(name, given);
    this.#ended = ended;
    session.prefer(engine);
    session.on("metrics", changed);
    session.on("sample", ({ iteration }) => {
      if (iteration !== last) return;
      session.pause();
      this.#keep();
    });
    session.on("status", (status) => {
      changed();
      if (status === "failed" || status === "diverged") this.#end(session.failure?.message ?? session.detail);
    });
  }

  get ended(): boolean {
    return this.file !== null || this.failure !== null;
  }

  async #keep(): Promise<void> {
    try {
      this.hashes = await this.session.hashes();
      this.file = await this.session.save();
      this.#end(null);
    } catch (error) {
      this.#end(rawWords(error));
    }
  }

  #end(failure: string | null): void {
    if (this.failure !== null || !this.session) return;
    this.failure = failure;
    this.session.release(); // its record stays
    this.#ended();
  }
}

export class ShortRuns {
  runs: readonly ShortRun[] = [];
  #main: TrainingSession;
  #host: PresetHost;
  #Session: typeof TrainingSession;
  #place: number;
  #changed: () => void;
  #leave: () => void = () => {};

  /**
   * @param Session the page's class
   * @param main the run that provides these with text, model and training settings
   * @param place of the block in the page, counted from the top
   */
  constructor(
    Session: typeof TrainingSession,
    main: TrainingSession,
    host: PresetHost,
    place: number,
    changed: () => void,
  ) {
    this.#Session = Session;
    this.#main = main;
    this.#host = host;
    this.#place = place;
    this.#changed = changed;
  }

  get running(): boolean {
    return this.runs.some(({ ended }) => !ended);
  }

  /** Begins all runs; they replace those before. They share this machine's cores: the bits do not depend on that. */
  start(wishes: Wish[]): void {
    this.stop();
    const cores = Math.max(1, Math.floor(this.#host.cores / wishes.length));
    const host: PresetHost = { ...this.#host, cores, measured: undefined };
    const runs = this.runs = wishes.map((wish) =>
      new ShortRun(this.#main, wish, (name, options) => new this.#Session(name, options, host), this.#changed, () => {
        if (this.runs === runs && !this.running) this.#leave();
        this.#changed();
      })
    );
    for (const { session } of runs) this.#host.sessions[session.name] = session;
    this.#leave = this.#host.turns.join({
      words: waitsFor.side_by_side(wishes.length),
      place: this.#place,
      rank: RANK.preset,
      wait: (reason) => runs.forEach(({ session }) => session.wait(reason)),
      goOn: () => runs.forEach(({ session }) => session.goOn()),
    }, true);
    for (const { session } of runs) session.start();
    this.#changed();
  }

  /** Ends all runs; what they have made is gone. */
  stop(): void {
    const { runs } = this;
    this.runs = [];
    this.#leave();
    this.#leave = () => {};
    for (const { session } of runs) {
      if (this.#host.sessions[session.name] === session) delete this.#host.sessions[session.name];
      session.dispose();
    }
  }
}

/** By how much two runs' train losses differ, by iteration, in nats per character; null where one has none. */
export function differences(runs: readonly ShortRun[]): (number | null)[] {
  const [a, b] = runs.map(({ session }) => session.history.train);
  if (!a || !b) return [];
  const both = Math.min(a.length, b.length);
  return Array.from({ length: both }, (_, i) => {
    const [mine, other] = [a[i], b[i]];
    return mine === null || other === null ? null : Math.abs(mine - other);
  });
}
