// TrainingSession: the one object that widgets hold. It keeps the state and the record of a run, decides when to
// train, rest or wait, and tells who listens. It knows Workers, but no DOM.
import { causeOfDivergence } from "./divergence.ts";
import { Emitter } from "./emitter.ts";
import { type Engine, type EngineChoice, EngineError, EngineLink, type SessionHost } from "../workers/engine_link.ts";
import { type History, RunRecord } from "./history.ts";
import { badge, causeText, failureText, note } from "../wording.ts";
import { engineAfter, PassingWords, survivalText, wrongCard } from "./passing_words.ts";
import { Questions } from "./questions.ts";
import type { CorpusSource, SessionEvents, SessionOptions, Status } from "./types.ts";
import { SessionReadings } from "./readings.ts";
import { Speech } from "./speech.ts";
import type { Sample } from "../training/trainer.ts";
import type { SurvivalNotice } from "../webgpu/surviving_backend.ts";

export type { CorpusSource, Engine, History, Sample, SessionEvents, SessionHost, SessionOptions, Status };

/** A rehearsal ends after so long: enough to tell seconds from minutes, too little to warm a phone. */
const REHEARSAL_MS = 800;
const RELEASED = "The engine of this run was closed, and its weights with it. A start begins a new run.";
/** An engine that gets on with nothing for so long after a reset is replaced by a new one. */
const SILENCE_MS = 5000;

export class TrainingSession extends SessionReadings {
  #host: SessionHost;
  #link: EngineLink | null = null;
  #needs_reset = false; // the engine still holds the run before the last reset
  #wanted = false; // the reader wants it to run
  #hidden = false;
  #waits_for: string | null = null; // something else that needs the machine, in words
  #prepares = false;
  #rehearses = false; // a rehearsal is wanted
  #rehearsing = false;
  #driving = false;
  #questions = new Questions();
  #returned: { waited_for: string | null } | null = null; // from waiting or hiding, and not yet gone on
  #chooses_anew = false; // the graphics card may be had by now
  #words = new PassingWords(() => this.#settle());
  #events = new Emitter<SessionEvents>(["status", "metrics", "sample"]);

  constructor(name: string, options: SessionOptions, host: SessionHost) {
    super(name, options);
    this.#host = host;
  }

  /** Starts, or resumes from the very iteration at which it was paused. A run that was released begins again at 0. */
  start(): void {
    if (this.status !== "idle" && this.status !== "paused") return;
    if (this.#released) this.#beginAnew();
    this.#wanted = true;
    this.#endRehearsal();
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
    const link = this.#link; // a Worker that has ended without a word would hold up the next run for ever
    link?.whenStuck(SILENCE_MS, () => this.#link === link && this.#dropLink());
    this.seed = seed;
    this.iteration = 0;
    this.phase = null;
    this.whole_val_nll = null;
    this.failure = null;
    this.fault = null;
    this.speaking = null;
    this.#words.clear();
    this.samples = [];
    this.log = [];
    this.record = new RunRecord();
    this.measured_at = -1;
    this.#returned = null;
    this.#set("idle", badge.idle);
    this.#events.emit("metrics", undefined);
    this.#chooseAnew();
  }

  /**
   * Chooses the engine; "fastest" asks for the graphics card once more where it was not to be had. Another engine has
   * other last digits, so a run that has begun is reset; one that waits for its engine is not.
   */
  prefer(engine: EngineChoice): void {
    if (engine === this.preferred && !(engine === "fastest" && this.engine?.instead)) return;
    if (engine === "fastest") this.#host.wrong_card = null; // it is tried, and compared, again
    const waits = this.#wanted && this.history.iteration.length === 0;
    this.preferred = engine;
    this.#dropLink();
    this.reset();
    if (waits) this.start();
    else this.prepare();
  }

  /** Gets the engine ready before the reader presses start, so that nobody waits for its kernels. */
  prepare(): void {
    if (this.#link || this.failure || this.#released) return;
    this.#prepares = true;
    this.#drive();
  }

  /**
   * Trains for less than a second and undoes it, so that time_left_ms is known before the start. The run that follows
   * is the same as without; who presses start meanwhile waits at most for the iteration under way.
   */
  rehearse(): void {
    if (this.status !== "idle" || this.#hidden || this.#waits_for !== null || this.rehearsal) return;
    this.#rehearses = true;
    this.#drive();
  }

  /** The page is out of sight: nobody watches, so nothing is trained. */
  hide(): void {
    if (this.#hidden) return;
    this.#hidden = true;
    this.#endRehearsal();
    if (!this.#wanted) return;
    this.#interrupt();
    this.#settle();
  }

  /** The page is in sight again: a run that hide() stopped goes on from that very iteration. */
  show(): void {
    if (!this.#hidden) return;
    this.#hidden = false;
    if (this.#waits_for === null) this.#return({ waited_for: null });
    else this.#settle();
  }

  /** Something else needs the machine: the run stops between two iterations until goOn(), and says for what it waits. */
  wait(reason: string): void {
    this.#waits_for = reason;
    this.#endRehearsal();
    if (!this.#wanted) return;
    this.#interrupt();
    this.#settle();
  }

  /** A run that wait() stopped goes on from that very iteration. */
  goOn(): void {
    const waited_for = this.#waits_for;
    this.#waits_for = null;
    if (waited_for !== null) this.#return({ waited_for });
  }

  /** @returns a function that ends the subscription */
  on<E extends keyof SessionEvents>(event: E, listener: (event: SessionEvents[E]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * SHA-256 of the weights between two iterations; a run that is under way goes on afterwards.
   * @throws Error where the engine has failed or was released: its weights are gone with it
   */
  fingerprint(): Promise<string> {
    if (this.failure) return Promise.reject(new Error(this.failure.message));
    if (this.#released) return Promise.reject(new Error(RELEASED));
    const answer = this.#questions.ask();
    this.#link?.pause();
    this.#drive();
    return answer;
  }

  /** Ends the Workers of a run that will not be resumed. Its record stays until a start; its weights are gone. */
  release(): void {
    this.pause();
    this.#dropLink();
    this.#questions.refuse(RELEASED);
    this.#settle();
  }

  /** Ends the Workers. A start makes new ones, for a run from iteration 0. */
  dispose(): void {
    this.#dropLink();
    this.#questions.refuse("The session was closed.");
    this.reset();
  }

  /** A run has been recorded, and the weights that belong to it are gone. */
  get #released(): boolean {
    return this.#link === null && this.history.iteration.length > 0;
  }

  /** New weights know nothing of the record: it would tell of two runs as one. */
  #beginAnew(): void {
    const text = note.began_anew(this.iteration);
    this.reset();
    this.log.push({ iteration: 0, text });
  }

  get #active(): boolean {
    return this.#wanted && !this.#hidden && this.#waits_for === null;
  }

  /** The one loop that talks to the engine: it ends when nothing is left to do. */
  async #drive(): Promise<void> {
    if (this.#driving) return;
    this.#driving = true;
    try {
      while (this.#busy) {
        this.#prepares = false;
        const link = await this.#ready();
        if (this.#questions.open) {
          const { fingerprint } = await link.ask({ type: "fingerprint" }, "fingerprint");
          this.#questions.answer(fingerprint);
        } else if (!this.#needs_reset && this.#active) {
          if (this.#returned) this.#noteReturn(this.#returned.waited_for);
          await this.#step(link);
        } else if (!this.#needs_reset && this.#rehearses) {
          await this.#rehearse(link);
        }
      }
    } catch (error) {
      if (this.#link === null) return; // dropped on purpose
      // What fails before anyone has asked for it is tried again, and told, when someone does.
      const awaited = this.#wanted || this.#questions.open || this.history.iteration.length > 0;
      if (awaited) this.#fail(error);
      else this.#dropLink();
    } finally {
      this.#driving = false;
      this.#settle();
      if (this.#busy) this.#drive();
    }
  }

  get #busy(): boolean {
    return this.#active || this.#prepares || this.#rehearses || this.#questions.open;
  }

  async #rehearse(link: EngineLink): Promise<void> {
    this.#rehearses = false;
    if (this.status !== "idle") return;
    const record = this.rehearsal = new RunRecord();
    this.#rehearsing = this.#needs_reset = true; // none of these losses counts, and the engine begins anew
    const timer = setTimeout(() => link.pause(), REHEARSAL_MS);
    try {
      await link.ask({ type: "train", until: this.iterations }, "trained");
    } finally {
      clearTimeout(timer);
      this.#rehearsing = false;
      if (record.elapsed_ms === 0) this.rehearsal = null; // cut short: it may be had again
    }
    this.#events.emit("metrics", undefined);
    await this.#ready(); // now, and not when the reader presses start
  }

  #endRehearsal(): void {
    this.#rehearses = false;
    if (this.#rehearsing) this.#link?.pause();
  }

  #return(from: { waited_for: string | null }): void {
    if (!this.#wanted) return;
    this.#returned = from;
    this.#settle();
    this.#drive();
  }

  /** Called between two iterations, so that the number is the exact one. */
  #noteReturn(waited_for: string | null): void {
    const { iteration } = this;
    this.#returned = null;
    this.log.push({ iteration, text: waited_for === null ? note.back(iteration) : note.waited(iteration, waited_for) });
    this.#words.tellHappened(waited_for === null ? badge.back(iteration) : badge.waited(iteration, waited_for));
  }

  /** The engine, prepared for the seed in force. */
  async #ready(): Promise<EngineLink> {
    if (!this.#link) {
      const link = this.#link = new EngineLink(this.#host, {
        losses: ({ first, losses, elapsed_ms }) => {
          if (this.#rehearsing) this.rehearsal?.addLosses(first, losses, elapsed_ms);
          if (this.#needs_reset) return;
          this.record.addLosses(first, losses, elapsed_ms);
          this.iteration = first + losses.length;
          this.#events.emit("metrics", undefined);
        },
        progress: ({ ready, of }) => {
          if (!this.engine) this.#words.tellDoing(badge.compiling(ready, of));
        },
        notice: (notice) => this.#survived(notice),
        waits_for_gpu: (waits) => this.#link === link && this.#waitForGpu(waits),
      });
      const { gzip_base64, rungs } = this.options.corpus;
      const run = this.run();
      const wish = { prefer: this.preferred, allow_software: this.#host.allow_software ?? false };
      const engine = await link.create(run, gzip_base64, rungs, wish);
      if (this.#link !== link) throw new EngineError("worker-died", "another engine was chosen");
      this.engine = engine;
      this.#distrust();
      this.#words.doing = null;
      this.#needs_reset = run.seed !== this.seed;
      this.#settle();
      this.#events.emit("metrics", undefined); // a widget shows which engine it is, also before the start
    }
    while (this.#needs_reset) {
      if (this.#chooses_anew && await this.#gpuIsBack(this.#link)) return await this.#ready();
      this.#needs_reset = false;
      await this.#link.ask({ type: "reset", seed: this.seed }, "reset_done");
    }
    return this.#link;
  }

  /** The graphics device failed: says so, and where training goes on. */
  #survived(notice: SurvivalNotice): void {
    const text = survivalText(notice);
    this.engine = engineAfter(notice) ?? this.engine;
    if (wrongCard(notice)) this.#host.wrong_card = this.engine!.instead;
    this.#distrust();
    if (this.#rehearsing || this.#needs_reset) return;
    if (notice.kind === "wrong-results") this.rewind(notice.iteration);
    this.log.push({ iteration: notice.iteration, text });
    this.#words.tellHappened(text);
  }

  /** A card that computes wrong results stays out, unless the reader chooses it. */
  #distrust(): void {
    if (this.#host.wrong_card && this.preferred === "fastest") this.preferred = "cpu";
  }

  /** Measures and speaks where a milestone is reached; else trains up to the next. */
  async #step(link: EngineLink): Promise<void> {
    const due = this.milestones.find(({ iteration }) => iteration > this.measured_at)!;
    if (this.iteration < due.iteration) {
      this.#settle();
      if (!this.#active || this.#questions.open) return; // a listener has changed what is wanted
      const { diverged_at, fault } = await link.ask({ type: "train", until: due.iteration }, "trained");
      if (this.#needs_reset || diverged_at === null) return;
      this.fault = fault;
      const cause = fault ? null : causeOfDivergence(this.options.training, diverged_at);
      if (cause) this.log.push({ iteration: diverged_at, text: causeText(cause) });
      this.#end("diverged", badge.diverged(diverged_at));
      return;
    }
    this.#words.tellDoing(badge.measuring(this.iteration));
    const { sample, elapsed_ms } = await link.ask(
      { type: "evaluate_and_sample", characters: due.characters },
      "evaluated_and_sampled",
    );
    if (this.#needs_reset || sample.iteration !== due.iteration) return; // it went back meanwhile
    this.measured_at = due.iteration;
    this.record.addVal(sample.iteration, sample.val, elapsed_ms);
    this.phase = sample.phase;
    if (sample.val === null && sample.iteration === 0) {
      this.log.push({ iteration: 0, text: note.no_validation(this.options.model.block_size) });
    }
    this.#words.doing = null;
    this.#events.emit("metrics", undefined);
    if (due.characters > 0) await this.#speak(sample);
    if (this.#needs_reset || this.iteration < this.iterations) return;
    if (!this.options.evaluation.whole_at_end) return this.#end("done", badge.done(this.iterations, null));
    this.#words.tellDoing(badge.finishing);
    const { val } = await link.ask({ type: "evaluate_whole" }, "evaluated_whole");
    if (this.#needs_reset) return;
    this.whole_val_nll = val;
    this.#end("done", badge.done(this.iterations, val));
  }

  /** Shows a sample character by character while training rests; an interruption shows the rest of it at once. */
  async #speak(sample: Sample): Promise<void> {
    const { rest_ms, characters } = this.options.sampling;
    const speech = this.speaking = new Speech(sample);
    this.#words.tellDoing(badge.speaking(sample.iteration));
    this.#events.emit("sample", sample);
    if (this.#active) await speech.write(rest_ms / characters, () => this.#events.emit("metrics", undefined));
    if (this.speaking !== speech) return; // a reset has ended the run that it belongs to
    this.speaking = null;
    this.#words.doing = null;
    this.samples.push(sample);
    this.#events.emit("metrics", undefined);
  }

  /** A run from its beginning gets the graphics card where that has come back meanwhile. */
  #chooseAnew(): void {
    if (this.preferred !== "fastest") return;
    this.#host.no_gpu = null;
    if (!this.engine?.instead?.passing) return;
    this.#chooses_anew = this.#prepares = true;
    this.#drive();
  }

  /** Where it is, the engine that stood in for it is dropped. */
  async #gpuIsBack(link: EngineLink): Promise<boolean> {
    this.#chooses_anew = false;
    const found = await link.seesGpu(this.#host.allow_software ?? false).catch(() => true);
    if (found && this.#link === link) this.#dropLink();
    return found;
  }

  #waitForGpu(waits: boolean): void {
    this.waits_for_gpu = waits;
    this.#words.doing = waits ? this.#words.doing ?? badge.asking_gpu : null;
    this.#settle();
    this.#events.emit("metrics", undefined);
  }

  /** What was asked of the engine fails; the next question goes to a new one. */
  #dropLink(): void {
    const link = this.#link;
    this.rehearsal = null; // another engine has another speed
    this.#rehearses = false;
    this.#link = null;
    this.engine = null;
    this.#needs_reset = false;
    this.waits_for_gpu = this.#chooses_anew = false;
    this.#words.doing = null;
    link?.dispose();
  }

  #interrupt(): void {
    this.#link?.pause();
    this.speaking?.cut();
  }

  #end(status: "done" | "diverged", detail: string): void {
    this.#wanted = false;
    this.speaking = null;
    this.#words.clear();
    this.#set(status, detail);
  }

  #fail(error: unknown): void {
    this.#wanted = false;
    this.#dropLink();
    this.speaking = null;
    this.#words.clear();
    const known = error instanceof EngineError ? error : new EngineError("worker-died", String(error));
    this.failure = failureText(known.kind, known.message, this.options.place);
    this.#questions.refuse(this.failure.message);
    this.#set("failed", badge.failed);
  }

  /** Brings status and badge in line with what is wanted and where the run stands. */
  #settle(): void {
    if (this.status === "done" || this.status === "diverged" || this.status === "failed") return;
    if (this.#wanted && this.#hidden) this.#set("hidden", badge.hidden);
    else if (this.#wanted && this.#waits_for !== null) {
      this.#set("waiting", badge.waiting(this.iteration, this.#waits_for));
    } else if (this.#wanted && !this.engine) this.#set("loading", this.#words.doing ?? badge.loading);
    else if (this.#wanted) {
      this.#set("running", this.#words.happened ?? this.#words.doing ?? badge.training(this.engine!.description));
    } else if (this.#released) this.#set("paused", badge.released(this.iteration));
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
