// Decides when a session's run is kept, and does it: at milestones, every few seconds of training, when the run pauses
// or ends, and when its tab is hidden. One save at a time; the Worker makes the file between two iterations.
import type { History, TrainingSession } from "../session/session.ts";
import { keepingError } from "./database.ts";
import type { Kept, Place, Save } from "./kept_run.ts";
import type { RunStore } from "./run_store.ts";

/** While training, a save follows the one before after this long at the earliest. */
const GAP_MS = 4000;
/** And after so much training, in multiples of what that save cost: saving takes 0.5 % of the training time at most. */
const COSTS = 200;
/** While the run rests, or while a sample is written, no iteration waits for a save, so it may follow sooner. */
const RESTING_GAP_MS = 1000;
/** After a failure the next try waits so long. */
const RETRY_MS = 30_000;
/** A run shorter than this, without a sample of its own, is not worth an offer to go on. */
const WORTH_MS = 4000;
/** What a crash may cost: so many iterations, or so many milliseconds, whichever is more. */
const LOSES_ITERATIONS = 200, LOSES_MS = 5000;

/** What a save needs to know about its page. */
export interface Page {
  place: Place;
  /** Changes while the tab is hidden, so it is asked for at each save. */
  title(): string;
}

interface Done {
  /** When its save began. */
  at: number;
  iteration: number;
  ended: boolean;
  samples: number;
}

/** The run's samples, with the one that is being written: a file holds it already. */
function samplesOf({ samples, speaking }: TrainingSession): number {
  return samples.length + (speaking ? 1 : 0);
}

/** A name for a run that no other run has. */
function newName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Autosave {
  /** Why the run is not kept, as a sentence; null while it is. */
  failure: string | null = null;
  #session: TrainingSession;
  #store: Pick<RunStore, "keep" | "remove">;
  #page: Page;
  #changed: () => void;
  #now: () => number;
  /** The session's run; a run that begins anew, or comes from a file, gets a name of its own. */
  #run = newName();
  /** Its curve: another run of the session has another one. */
  #history: History;
  #began: number;
  #cost_ms = 0;
  #saving = false;
  #last: Done | null = null;
  /** The training time at the last save. */
  #trained_ms = 0;
  /** The save that the store has of this run. */
  #kept: Kept | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #suspended = false;
  #subscriptions: (() => void)[];

  /**
   * @param changed called when `failure` or `safe` may have changed
   * @param now in milliseconds
   */
  constructor(
    session: TrainingSession,
    store: Pick<RunStore, "keep" | "remove">,
    page: Page,
    changed: () => void,
    now = () => performance.now(),
  ) {
    this.#session = session;
    this.#history = session.history;
    this.#store = store;
    this.#page = page;
    this.#changed = changed;
    this.#now = now;
    this.#began = now();
    this.#subscriptions = [
      session.on("status", () => this.#look()),
      session.on("metrics", () => this.#look()),
      session.on("sample", () => this.#look()),
    ];
  }

  dispose(): void {
    this.#suspended = true;
    clearTimeout(this.#timer);
    for (const unsubscribe of this.#subscriptions) unsubscribe();
  }

  /** Whether closing the tab now would cost no more than a crash may. */
  get safe(): boolean {
    const last = this.#last, { iteration } = this.#session;
    if (this.failure || last === null) return false;
    return this.#fresh || iteration - last.iteration <= LOSES_ITERATIONS || this.#now() - last.at <= LOSES_MS;
  }

  /** Saves now, if there is anything new: the page is about to go. The file may come too late for that. */
  saveNow(): void {
    if (this.#worth && !this.#fresh && !this.#saving && !this.#suspended) this.#save();
  }

  /** Lets `work` replace the session's run by one that is kept, which then goes on under its own name. */
  async resume(run: Kept, work: () => Promise<unknown>): Promise<void> {
    this.#suspended = true;
    try {
      await work();
      const { iteration, ended } = this.#session;
      this.#forget(run.run);
      this.#kept = run;
      this.#last = { at: this.#now(), iteration, ended, samples: samplesOf(this.#session) };
    } finally {
      this.#suspended = false;
      this.#changed();
    }
  }

  #forget(run = newName()): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#run = run;
    this.#history = this.#session.history;
    this.#began = this.#now();
    this.#trained_ms = 0;
    this.#last = this.#kept = null;
  }

  /** Whether a reader would want the run back. */
  get #worth(): boolean {
    const { iteration, samples, speaking, status, taken_ms } = this.#session;
    if (iteration === 0 || status === "diverged" || status === "failed" || status === "loading") return false;
    return (speaking?.sample ?? samples.at(-1))?.iteration! > 0 || taken_ms >= WORTH_MS;
  }

  /** Whether the run is kept as it is now. */
  get #fresh(): boolean {
    const { iteration, ended } = this.#session, last = this.#last;
    return last?.iteration === iteration && last.ended === ended && last.samples === samplesOf(this.#session);
  }

  #look(): void {
    if (this.#suspended) return;
    const { status, history } = this.#session;
    if (history !== this.#history) this.#forget();
    if (status === "diverged") this.#drop();
    if (this.#saving || !this.#worth || this.#fresh) return;
    const wait_ms = this.#wait_ms;
    if (wait_ms <= 0) this.#save();
    else if (status !== "running") this.#timer ??= setTimeout(() => this.#lookAgain(), wait_ms); // nothing else calls
  }

  #lookAgain(): void {
    this.#timer = undefined;
    this.#look();
  }

  /** How long to wait for the next save. */
  get #wait_ms(): number {
    const { status, speaking, elapsed_ms, options: { sampling } } = this.#session, since = this.#now() - this.#began;
    if (this.failure) return RETRY_MS - since;
    if (status === "hidden" || status === "done") return 0; // a hidden tab may be closed at any moment
    const writes = speaking !== null && this.#cost_ms <= sampling.rest_ms / 2;
    if (status !== "running" || writes) return this.#last === null ? 0 : RESTING_GAP_MS - since;
    return Math.max(GAP_MS - since, COSTS * this.#cost_ms - (elapsed_ms - this.#trained_ms));
  }

  async #save(): Promise<void> {
    this.#saving = true;
    const began = this.#began = this.#now();
    this.#trained_ms = this.#session.elapsed_ms;
    try {
      const file = await this.#file();
      // The session is still at the iteration that the file holds; if it has begun anew meanwhile, this is the new run.
      if (file !== null && this.#worth && !this.#suspended) await this.#keep(file, began);
    } finally {
      this.#saving = false;
      this.#changed();
      this.#look();
    }
  }

  async #file(): Promise<Blob | null> {
    const session = this.#session, before_ms = session.saving_ms;
    const file = await session.save().catch((error: Error) => {
      // A run that has lost its weights says so itself; any other is refused with a sentence.
      if (session.engine !== null && this.#worth) this.failure = error.message;
      return null;
    });
    this.#cost_ms = session.saving_ms - before_ms;
    return file;
  }

  async #keep(file: Blob, began: number): Promise<void> {
    const { iteration, ended } = this.#session, run = this.#run, samples = samplesOf(this.#session);
    const save = this.#describe(file.size), at = { ...this.#page.place, title: this.#page.title() };
    try {
      const { newest } = await this.#store.keep(at, save, await file.arrayBuffer());
      this.failure = null;
      if (run !== this.#run) return;
      this.#kept = newest;
      this.#last = { at: began, iteration, ended, samples };
    } catch (error) {
      const { message, final } = keepingError(error);
      this.failure = message;
      if (final) this.dispose();
    }
  }

  #describe(bytes: number): Save {
    const session = this.#session, { options: { model, training, corpus } } = session;
    return {
      run: this.#run,
      seed: session.seed,
      iteration: session.iteration,
      iterations: session.iterations,
      val: session.val_nll,
      done: session.status === "done",
      when: Date.now(),
      bytes,
      model: { ...model, vocab_size: corpus.vocab_size },
      training,
      corpus: { name: corpus.name, sha256: corpus.sha256 },
    };
  }

  /** Of a run that has diverged, nothing is worth going on from. */
  #drop(): void {
    const kept = this.#kept;
    if (kept === null) return;
    this.#forget();
    this.#store.remove(this.#page.place, kept).catch(() => {}); // then the offer remains, which does no harm
  }
}
