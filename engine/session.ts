// TrainingSession: the one object that widgets hold. It keeps the state and the record of a run, decides when to
// train, rest or wait, and tells who listens. It knows Workers, but no DOM.
import type { RunConfig } from "./config.ts";
import { Emitter } from "./emitter.ts";
import { type Engine, EngineFailure, EngineLink, type SessionHost } from "./engine_link.ts";
import { type History, RunRecord } from "./history.ts";
import { badge, type FailureText, failureText, note } from "./messages.ts";
import { type Milestone, milestones } from "./milestones.ts";
import { learningRate } from "./schedule.ts";
import type { CorpusSource, SessionEvents, SessionOptions, Status } from "./session_types.ts";
import { Speech } from "./speech.ts";
import type { Sample } from "./trainer.ts";
import type { SurvivalNotice } from "./webgpu/surviving_backend.ts";

export type { CorpusSource, Engine, History, Sample, SessionEvents, SessionHost, SessionOptions, Status };

/** For how long the badge says that the run was paused while the tab was hidden. */
const BACK_NOTICE_MS = 2000;
/** An engine that leaves a question unanswered for so long after a reset is replaced by a new one. */
const SILENCE_MS = 5000;

export class TrainingSession {
  readonly name: string;
  readonly options: SessionOptions;
  status: Status = "idle";
  /** The badge's sentence. */
  detail: string = badge.idle;
  failure: FailureText | null = null;
  seed: string;
  /** Weight updates made and reported so far. */
  iteration = 0;
  readonly iterations: number;
  phase: string | null = null;
  samples: Sample[] = [];
  /** Notes on what happened, in order. */
  log: { iteration: number; text: string }[] = [];
  engine: Engine | null = null;
  /** Which engine the next run gets: the fastest there is, or the CPU's; see prefer(). */
  preferred: "fastest" | "cpu" = "fastest";
  /** The sample that is being written out, of which the first `shown` characters are to be seen; else null. */
  speaking: Speech | null = null;
  /** Loss on the whole validation text, in nats per character; null before the end. */
  whole_val_nll: number | null = null;

  #host: SessionHost;
  #milestones: Milestone[];
  #record = new RunRecord();
  #observed = -1; // last milestone that was measured
  #link: EngineLink | null = null;
  #needs_reset = false; // the engine still holds the run before the last reset
  #wanted = false; // the reader wants it to run
  #hidden = false;
  #prepares = false;
  #driving = false;
  #questions: { resolve: (fingerprint: string) => void; reject: (error: Error) => void }[] = [];
  #returned = false; // from hiding, and not yet gone on
  #back: number | null = null; // while the badge tells of that pause, the iteration at which it was
  #back_timer: ReturnType<typeof setTimeout> | undefined;
  #silence_timer: ReturnType<typeof setTimeout> | undefined;
  #doing: string | null = null; // the badge's words for what is done between two iterations
  #events = new Emitter<SessionEvents>(["status", "metrics", "sample"]);

  constructor(name: string, options: SessionOptions, host: SessionHost) {
    this.name = name;
    this.options = options;
    this.seed = options.seed;
    this.iterations = options.training.iterations;
    this.#host = host;
    this.#milestones = milestones(this.#run());
  }

  get history(): History {
    return this.#record.history;
  }
  /** Training time alone. */
  get elapsed_ms(): number {
    return this.#record.elapsed_ms;
  }
  /** Null until the engine has warmed up. */
  get iterations_per_second(): number | null {
    return this.#record.rate;
  }
  get train_nll(): number | null {
    return this.#record.last_train;
  }
  get val_nll(): number | null {
    return this.#record.last_val;
  }
  get best_val_nll(): number | null {
    return this.#record.best_val;
  }
  /** Rate of the update that comes next. */
  get learning_rate(): number | null {
    return this.history.iteration.length === 0
      ? null
      : learningRate(this.options.training, Math.min(this.iteration, this.iterations - 1));
  }
  /** Rests and measurements counted in. */
  get time_left_ms(): number | null {
    const rate = this.#record.rate;
    if (rate === null) return null;
    const rest = this.options.sampling.rest_ms / this.options.sampling.characters;
    const rests = this.#milestones.filter(({ iteration }) => iteration > this.#observed)
      .reduce((sum, { characters }) => sum + characters * rest + this.#record.observing_ms, 0);
    return (this.iterations - this.iteration) / rate * 1000 + rests;
  }

  /** Starts, or resumes from the very iteration at which it was paused. */
  start(): void {
    if (this.status !== "idle" && this.status !== "paused") return;
    this.#wanted = true;
    this.#settle();
    this.#drive();
  }

  /** Stays paused until start(). */
  pause(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#interrupt();
    this.#settle();
  }

  /** Back to iteration 0, with the same seed unless another is given. */
  reset(seed: string = this.seed): void {
    this.#wanted = false;
    this.#interrupt();
    this.#needs_reset = this.#link !== null;
    this.#replaceIfSilent();
    this.seed = seed;
    this.iteration = 0;
    this.phase = null;
    this.whole_val_nll = null;
    this.failure = null;
    this.#clearBadge();
    this.samples = [];
    this.log = [];
    this.#record = new RunRecord();
    this.#observed = -1;
    this.#returned = false;
    this.#set("idle", badge.idle);
    this.#events.emit("metrics", undefined);
  }

  /** Chooses the engine. Another engine has other last digits, so a run that has begun is reset. */
  prefer(engine: "fastest" | "cpu"): void {
    if (engine === this.preferred) return;
    this.preferred = engine;
    this.#dropLink();
    this.reset();
    this.prepare();
  }

  /** Gets the engine ready before the reader presses start, so that nobody waits for its kernels. */
  prepare(): void {
    if (this.#link || this.failure) return;
    this.#prepares = true;
    this.#drive();
  }

  /** The page is out of sight: nobody watches, so nothing is trained. */
  hide(): void {
    if (this.#hidden) return;
    this.#hidden = true;
    if (!this.#wanted) return;
    this.#interrupt();
    this.#settle();
  }

  /** The page is in sight again: a run that hide() stopped goes on from that very iteration. */
  show(): void {
    if (!this.#hidden) return;
    this.#hidden = false;
    if (!this.#wanted) return;
    this.#returned = true;
    this.#settle();
    this.#drive();
  }

  /** @returns a function that ends the subscription */
  on<E extends keyof SessionEvents>(event: E, listener: (event: SessionEvents[E]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * SHA-256 of the weights between two iterations; a run that is under way goes on afterwards.
   * @throws Error where the engine has failed: its weights are gone with it
   */
  fingerprint(): Promise<string> {
    if (this.failure) return Promise.reject(new Error(this.failure.message));
    return new Promise((resolve, reject) => {
      this.#questions.push({ resolve, reject });
      this.#link?.pause();
      this.#drive();
    });
  }

  /** Ends the Workers. A start makes new ones, for a run from iteration 0. */
  dispose(): void {
    this.#dropLink();
    this.#refuse("The session was closed.");
    this.reset();
  }

  get #active(): boolean {
    return this.#wanted && !this.#hidden;
  }

  #run(): RunConfig {
    const { corpus, model, ...rest } = this.options;
    return { ...rest, seed: this.seed, model: { ...model, vocab_size: corpus.vocab_size } };
  }

  /** The one loop that talks to the engine: it ends when nothing is left to do. */
  async #drive(): Promise<void> {
    if (this.#driving) return;
    this.#driving = true;
    try {
      while (this.#active || this.#prepares || this.#questions.length > 0) {
        this.#prepares = false;
        const link = await this.#ready();
        if (this.#questions.length > 0) {
          const { fingerprint } = await link.ask({ type: "fingerprint" }, "fingerprint");
          this.#questions.shift()?.resolve(fingerprint);
        } else if (!this.#needs_reset && this.#active) {
          if (this.#returned) this.#noteReturn();
          await this.#step(link);
        }
      }
    } catch (error) {
      if (this.#link === null) return; // dropped on purpose
      // What fails before anyone has asked for it is tried again, and told, when someone does.
      if (this.#wanted || this.#questions.length > 0) this.#fail(error);
      else this.#dropLink();
    } finally {
      this.#driving = false;
      this.#settle();
      if (this.#active || this.#prepares || this.#questions.length > 0) this.#drive();
    }
  }

  /** Called between two iterations, so that the number is the exact one. */
  #noteReturn(): void {
    this.#returned = false;
    this.#back = this.iteration;
    clearTimeout(this.#back_timer);
    this.#back_timer = setTimeout(() => {
      this.#back = null;
      this.#settle();
    }, BACK_NOTICE_MS);
    this.log.push({ iteration: this.iteration, text: note.back(this.iteration) });
    this.#settle();
  }

  /** The engine, prepared for the seed in force. */
  async #ready(): Promise<EngineLink> {
    if (!this.#link) {
      const link = this.#link = new EngineLink(this.#host, {
        losses: ({ first, losses, elapsed_ms }) => {
          if (this.#needs_reset) return;
          this.#record.addLosses(first, losses, elapsed_ms);
          this.iteration = first + losses.length;
          this.#events.emit("metrics", undefined);
        },
        progress: ({ ready, of }) => {
          if (!this.engine) this.#tellDoing(badge.compiling(ready, of));
        },
        notice: ({ notice }) => this.#survived(notice),
      });
      const { gzip_base64, rungs } = this.options.corpus;
      const run = this.#run();
      const wish = { prefer: this.preferred, allow_software: this.#host.allow_software ?? false };
      const engine = await link.create(run, gzip_base64, rungs, wish);
      if (this.#link !== link) throw new EngineFailure("worker-died", "another engine was chosen");
      this.engine = engine;
      this.#doing = null;
      this.#needs_reset = run.seed !== this.seed;
      this.#settle();
    }
    while (this.#needs_reset) {
      this.#needs_reset = false;
      await this.#link.ask({ type: "reset", seed: this.seed }, "reset_done");
    }
    return this.#link;
  }

  /** The graphics device was lost: says so, and where training goes on. */
  #survived(notice: SurvivalNotice): void {
    const { iteration } = notice;
    if (notice.kind === "device-lost") {
      this.log.push({ iteration, text: note.device_lost(iteration, notice.reason) });
    } else {
      const back = notice.kind === "device-back";
      this.engine = { kind: back ? "webgpu" : "cpu", description: notice.description, instead: null };
      this.log.push({ iteration, text: (back ? note.device_back : note.cpu_instead)(iteration, notice.description) });
    }
    this.#doing = this.log[this.log.length - 1].text;
    setTimeout(() => {
      this.#doing = null;
      this.#settle();
    }, BACK_NOTICE_MS);
    this.#settle();
  }

  /** Measures and speaks where a milestone is reached; else trains up to the next. */
  async #step(link: EngineLink): Promise<void> {
    const due = this.#milestones.find(({ iteration }) => iteration > this.#observed)!;
    if (this.iteration < due.iteration) {
      this.#settle();
      if (!this.#active || this.#questions.length > 0) return; // whoever heard of the status has changed their mind
      const { diverged_at } = await link.ask({ type: "train", until: due.iteration }, "rested");
      if (!this.#needs_reset && diverged_at !== null) this.#end("diverged", badge.diverged(diverged_at));
      return;
    }
    this.#tellDoing(badge.measuring(this.iteration));
    const { sample, elapsed_ms } = await link.ask({ type: "observe", characters: due.characters }, "observed");
    if (this.#needs_reset) return;
    this.#observed = due.iteration;
    this.#record.addVal(sample.iteration, sample.val, elapsed_ms);
    this.phase = sample.phase;
    if (sample.val === null && sample.iteration === 0) {
      this.log.push({ iteration: 0, text: note.no_validation(this.options.model.block_size) });
    }
    await this.#speak(sample);
    if (this.#needs_reset || this.iteration < this.iterations) return;
    this.#tellDoing(badge.finishing);
    const { val } = await link.ask({ type: "evaluate_whole" }, "evaluated_whole");
    if (this.#needs_reset) return;
    this.whole_val_nll = val;
    this.#end("done", badge.done(this.iterations, val));
  }

  /** Shows a sample character by character while training rests; an interruption shows the rest of it at once. */
  async #speak(sample: Sample): Promise<void> {
    const { rest_ms, characters } = this.options.sampling;
    const speech = this.speaking = new Speech(sample);
    this.#tellDoing(badge.speaking(sample.iteration));
    this.#events.emit("sample", sample);
    if (this.#active) await speech.write(rest_ms / characters, () => this.#events.emit("metrics", undefined));
    if (this.speaking !== speech) return; // a reset has ended the run that it belongs to
    this.speaking = null;
    this.#doing = null;
    this.samples.push(sample);
    this.#events.emit("metrics", undefined);
  }

  #tellDoing(words: string): void {
    this.#doing = words;
    this.#settle();
  }

  /** Nothing is going on any more that the badge would tell of. */
  #clearBadge(): void {
    this.speaking = null;
    this.#doing = null;
    this.#back = null;
    clearTimeout(this.#back_timer);
  }

  /** A Worker that has ended without a word would hold up the next run for ever. */
  #replaceIfSilent(): void {
    clearTimeout(this.#silence_timer);
    const link = this.#link, question = link?.open_question;
    if (!question) return;
    this.#silence_timer = setTimeout(() => {
      if (this.#link === link && link.open_question === question) this.#dropLink();
    }, SILENCE_MS);
  }

  /** What was asked of the engine fails; the next question goes to a new one. */
  #dropLink(): void {
    const link = this.#link;
    this.#link = null;
    this.engine = null;
    this.#needs_reset = false;
    link?.dispose();
  }

  #interrupt(): void {
    this.#link?.pause();
    this.speaking?.cut();
  }

  #end(status: "done" | "diverged", detail: string): void {
    this.#wanted = false;
    this.#clearBadge();
    this.#set(status, detail);
  }

  #fail(error: unknown): void {
    this.#wanted = false;
    this.#dropLink();
    this.#clearBadge();
    const known = error instanceof EngineFailure ? error : new EngineFailure("worker-died", String(error));
    this.failure = failureText(known.trouble, known.message);
    this.#refuse(this.failure.message);
    this.#set("failed", badge.failed);
  }

  /** Nobody is left to answer. */
  #refuse(reason: string): void {
    for (const { reject } of this.#questions.splice(0)) reject(new Error(reason));
  }

  /** Brings status and badge in line with what is wanted and where the run stands. */
  #settle(): void {
    if (this.status === "done" || this.status === "diverged" || this.status === "failed") return;
    if (this.#wanted && this.#hidden) this.#set("hidden", badge.hidden);
    else if (this.#wanted && !this.engine) this.#set("loading", this.#doing ?? badge.loading);
    else if (this.#wanted && this.#back !== null) this.#set("running", badge.back(this.#back));
    else if (this.#wanted) this.#set("running", this.#doing ?? badge.training(this.engine!.description));
    else if (this.history.iteration.length > 0) this.#set("paused", badge.paused(this.iteration));
    else this.#set("idle", badge.idle);
  }

  #set(status: Status, detail: string): void {
    if (this.status === status && this.detail === detail) return;
    this.status = status;
    this.detail = detail;
    this.#events.emit("status", status);
  }
}
