// TrainingSession is the one object that widgets use. It decides when to train, rest or wait, and informs listeners.
// The run's state is in run_state.ts. Uses Workers, but not the DOM.
import { causeOfDivergence } from "./divergence.ts";
import { Emitter } from "./emitter.ts";
import type { Hashes } from "../checkpoint/checkpoint.ts";
import type { FileFacts, LoadedRun } from "../checkpoint/run_files.ts";
import {
  type Engine,
  type EngineChoice,
  EngineError,
  type EngineLink,
  RefusedError,
  wantsCard,
} from "../workers/engine_link.ts";
import type { History } from "./history.ts";
import { badge, note } from "../wording.ts";
import { causeText, failureText, gone } from "../wording_of_failures.ts";
import { PassingWords } from "./passing_words.ts";
import { Tasks } from "./between_iterations.ts";
import type { CorpusSource, RunHost, SessionEvents, SessionOptions, Status } from "./types.ts";
import { SessionReadings } from "./readings.ts";
import { Rest } from "./rest.ts";
import { RunEngine } from "./run_engine.ts";
import { RunState } from "./run_state.ts";
import type { ObservedLine } from "../training/observation.ts";
import { bytesOf, fileFacts, type FilePart, loadedRun, runHashes, savedRun } from "./run_file.ts";
import { Speech } from "./speech.ts";
import type { Sample, Weights } from "../training/trainer.ts";

export type { CorpusSource, Engine, History, RunHost, Sample, SessionEvents, SessionOptions, Status, Weights };

export class TrainingSession extends SessionReadings {
  #state: RunState;
  #engine: RunEngine;
  #tasks: Tasks;
  #rest: Rest;
  #wanted = false; // the reader wants it to run
  #hidden = false;
  #waits_for: string | null = null; // what else needs the machine, as text for the reader
  #prepares = false;
  #driving = false;
  #returned: { waited_for: string | null } | null = null; // set when waiting or hiding ends, until training continues
  #words = new PassingWords(() => this.#settle());
  #events: Emitter<SessionEvents>;

  constructor(name: string, options: SessionOptions, host: RunHost) {
    const state = new RunState(options), events = new Emitter<SessionEvents>(["status", "metrics", "sample"]);
    super(name, state, events);
    this.#state = state;
    this.#events = events;
    this.#engine = new RunEngine(state, host, this.#words, { settle: () => this.#settle(), tell: () => this.#tell() });
    this.#tasks = new Tasks(state, this.#engine, () => this.#drive());
    this.#rest = new Rest(state, this.#engine, this.#tasks);
  }

  /**
   * Starts the run, or resumes it at the iteration where it paused. A released run begins again at iteration 0. Nothing
   * happens where the text is not here.
   */
  start(): void {
    if (this.status !== "idle" && this.status !== "paused" || this.options.corpus.only_characters) return;
    if (this.#tasks.released) this.#beginAnew();
    this.#wanted = true;
    this.#engine.endRehearsal();
    this.#settle();
    this.#drive();
  }

  /** Pauses the run until start(). */
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
    this.#engine.giveUpRun();
    this.#state.clear(seed);
    this.#words.clear();
    this.#returned = null;
    this.#set("idle", badge.idle);
    this.#tell();
    if (this.#engine.chooseAnew()) this.#prepare();
  }

  /**
   * Chooses the engine; "fastest" and "webgpu" ask again for a graphics card that was not available. Engines differ in
   * their last digits, so a run that has begun is reset; a run that still waits for its engine starts with the new one.
   */
  prefer(engine: EngineChoice): void {
    const asks_again = wantsCard(engine) && this.engine?.instead;
    if (engine === this.preferred && !asks_again) return;
    const waits = this.#wanted && !this.#state.begun;
    this.#engine.prefer(engine);
    this.reset();
    if (waits) this.start();
    else this.prepare();
  }

  /** Gets the engine ready before the reader presses start, to avoid a wait for its kernels. */
  prepare(): void {
    if (!this.#engine.exists && !this.failure && !this.#tasks.released) this.#prepare();
  }

  /**
   * Trains for about a second and undoes it, so that time_left_ms is known before the start. Where there is a graphics
   * card, the first rehearsal compares it with the CPU engine, which takes another second or two. This does not change
   * the run that follows. A reader who presses start meanwhile waits for one iteration at most.
   */
  rehearse(): void {
    if (this.status !== "idle" || this.#hidden || this.#waits_for !== null || this.#engine.rehearsed) return;
    if (this.options.corpus.only_characters) return;
    this.#state.rehearsal.wanted = true;
    this.#drive();
  }

  /** The page is out of sight, so training stops. */
  hide(): void {
    if (this.#hidden) return;
    this.#hidden = true;
    this.#engine.endRehearsal();
    if (!this.#wanted) return;
    this.#interrupt();
    this.#settle();
  }

  /** The page is in sight again: a run that hide() stopped continues from the same iteration. */
  show(): void {
    if (!this.#hidden) return;
    this.#hidden = false;
    if (this.#waits_for === null) this.#return({ waited_for: null });
    else this.#settle();
  }

  /** Something else needs the machine: the run stops after an iteration until goOn(), and the badge says why. */
  wait(reason: string): void {
    this.#waits_for = reason;
    this.#engine.endRehearsal();
    if (!this.#wanted) return;
    this.#interrupt();
    this.#settle();
  }

  /** Continues a run that wait() stopped, from the same iteration. */
  goOn(): void {
    const waited_for = this.#waits_for;
    this.#waits_for = null;
    if (waited_for !== null) this.#return({ waited_for });
  }

  /** The page was frozen or in the background while its clock ran on. */
  doubtClock(): void {
    this.#state.record.doubtClock();
    this.#state.rehearsal.doubtClock();
  }

  /**
   * SHA-256 of the weights between two iterations; a run under way continues afterwards.
   * @throws Error if the engine has failed or was released, because its weights are gone
   */
  fingerprint(): Promise<string> {
    return this.#tasks.ask(async (link) => (await link.ask({ type: "fingerprint" }, "fingerprint")).fingerprint);
  }

  /** A copy of the weights between two iterations, and what they need to write. @throws Error as fingerprint() */
  weights(): Promise<Weights> {
    return this.#tasks.ask(async (link) => (await link.ask({ type: "weights" }, "weights")).weights);
  }

  /** Hashes of the weights, and of the whole state: of everything that decides how the run goes on. */
  hashes(): Promise<Hashes> {
    return this.#tasks.ask((link) => runHashes(link, this.#state));
  }

  /**
   * The run between two iterations as a .safetensors file: all of its state, or its weights alone.
   * @throws RefusedError for a run that cannot be saved; Error as fingerprint()
   */
  save(part: FilePart = "state"): Promise<Blob> {
    return this.#tasks.ask((link) => savedRun(link, this.#state, part));
  }

  /** The validation loss of other weights, and their SHA-256; the run stays as it is. @throws Error as fingerprint() */
  tryWeights(params: Float32Array<ArrayBuffer>): Promise<{ val: number | null; fingerprint: string }> {
    return this.#tasks.ask((link) => link.ask({ type: "try_weights", params }, "weights_tried"));
  }

  /**
   * What the model now expects in a text, and where its heads look.
   * @param tokens [2 to T + 1]: the last character is only predicted
   * @param heads_off [L NH]: 1 for each head that is switched off
   * @throws Error as fingerprint()
   */
  observe(tokens: Uint8Array, heads_off?: Uint8Array): Promise<ObservedLine> {
    const request = { type: "observe", tokens, heads_off } as const;
    return this.#tasks.ask(async (link) => (await link.ask(request, "observed")).line);
  }

  /** What a file holds, and whether this run could be replaced by it. @throws RefusedError for a bad file */
  async read(file: Blob | BufferSource): Promise<FileFacts> {
    const bytes = await bytesOf(file);
    return await this.#tasks.askAnyway((link) => fileFacts(link, this.#state, bytes));
  }

  /**
   * Replaces the run by a file's, paused at its iteration. It goes on with the engine that made it, if the browser has it.
   * @throws RefusedError for a bad file, or one of another model, text or training; the run stays as it is then
   */
  async load(file: Blob | BufferSource): Promise<FileFacts> {
    const bytes = await bytesOf(file);
    return await this.#tasks.askAnyway(async (link) => {
      const facts = await fileFacts(link, this.#state, bytes);
      if (facts.unlike !== null) throw new RefusedError(facts.unlike);
      const suited = await this.#engine.suited(link, facts.wants), run = await loadedRun(suited, this.#state, bytes);
      if (this.#engine.stale) throw new RefusedError(gone.reset);
      this.#replace(run);
      return facts;
    });
  }

  /** Ends the Workers of a run that will not be resumed. Its record stays until a start; its weights are gone. */
  release(): void {
    this.pause();
    this.#engine.drop();
    this.#tasks.refuse(gone.released);
    this.#settle();
  }

  /** Ends the Workers. A start makes new ones, for a run from iteration 0. */
  dispose(): void {
    this.#engine.drop();
    this.#tasks.refuse(gone.disposed);
    this.reset();
  }

  #replace(run: LoadedRun): void {
    this.#wanted = false;
    this.#returned = null;
    this.#words.clear();
    this.#state.restore(run);
    this.#set("idle", badge.idle);
    if (run.measured_at === this.iterations) this.#end("done", badge.done(this.iterations, this.whole_val_nll));
    else this.#settle();
    this.#tell();
  }

  /** Resets the record, because the new weights do not belong to it: it would join two runs. */
  #beginAnew(): void {
    const text = note.began_anew(this.iteration);
    this.reset();
    this.#state.note(0, text);
  }

  #prepare(): void {
    this.#prepares = true;
    this.#drive();
  }

  get #active(): boolean {
    return this.#wanted && !this.#hidden && this.#waits_for === null;
  }

  /** The only loop that talks to the engine. It ends when nothing is left to do. */
  async #drive(): Promise<void> {
    if (this.#driving) return;
    this.#driving = true;
    try {
      while (this.#busy) {
        this.#prepares = false;
        const link = await this.#engine.ready();
        if (this.#tasks.open) await this.#tasks.doNext(link);
        else if (!this.#engine.stale && this.#active) {
          if (this.#returned) this.#noteReturn(this.#returned.waited_for);
          await this.#step(link);
        } else if (!this.#engine.stale && this.#state.rehearsal.wanted) {
          await this.#rehearse(link);
        }
      }
    } catch (error) {
      if (!this.#engine.exists) return; // dropped on purpose
      // A failure that the reader does not yet wait for is not reported: the next request tries again.
      const awaited = this.#wanted || this.#tasks.open || this.#state.begun;
      if (awaited) this.#fail(error);
      else this.#engine.drop();
    } finally {
      this.#driving = false;
      this.#settle();
      if (this.#busy) this.#drive();
    }
  }

  get #busy(): boolean {
    return this.#active || this.#prepares || this.#state.rehearsal.wanted || this.#tasks.open;
  }

  async #rehearse(link: EngineLink): Promise<void> {
    this.#state.rehearsal.wanted = false;
    if (this.status !== "idle") return;
    await this.#engine.rehearse(link);
    this.#tell();
    await this.#engine.ready(); // reset now, not when the reader presses start
  }

  #return(from: { waited_for: string | null }): void {
    if (!this.#wanted) return;
    this.#returned = from;
    this.#settle();
    this.#drive();
  }

  /** Called between two iterations, so that the iteration number is exact. */
  #noteReturn(waited_for: string | null): void {
    const { iteration } = this;
    this.#returned = null;
    this.#state.note(iteration, waited_for === null ? note.back(iteration) : note.waited(iteration, waited_for));
    this.#words.tellHappened(waited_for === null ? badge.back(iteration) : badge.waited(iteration, waited_for));
  }

  /** Trains up to the next milestone, or measures and writes a sample if it is reached. */
  async #step(link: EngineLink): Promise<void> {
    const state = this.#state, { record } = state;
    const due = state.milestones.find(({ iteration }) => iteration > state.measured_at)!;
    if (this.iteration < due.iteration) {
      this.#settle();
      if (!this.#active || this.#tasks.open) return; // a listener has changed what to do
      const { diverged_at, fault } = await link.ask({ type: "train", until: due.iteration }, "trained");
      if (this.#engine.stale || diverged_at === null) return;
      state.iteration = diverged_at; // a graphics card has made some more, of which none counts
      state.fault = fault;
      const cause = fault ? null : causeOfDivergence(this.options.training, diverged_at);
      if (cause) state.note(diverged_at, causeText(cause));
      this.#end("diverged", badge.diverged(diverged_at));
      return;
    }
    if (due.only_norms) return await this.#observeNorms(link, due.iteration);
    this.#words.tellDoing(badge.measuring(this.iteration));
    const { characters } = due, observe = this.options.observe ?? null;
    const request = { type: "evaluate_and_sample", characters, observe } as const;
    const { measured, elapsed_ms } = await link.ask(request, "evaluated_and_sampled"), { sample } = measured;
    if (this.#engine.stale || sample.iteration !== due.iteration) return; // the run was reset or went back meanwhile
    state.measured_at = due.iteration;
    state.record.addVal(sample.iteration, sample.val, elapsed_ms);
    state.observed.take(measured);
    state.phase = sample.phase;
    if (sample.val === null && sample.iteration === 0) {
      state.note(0, note.no_validation(this.options.model.block_size));
    }
    this.#words.doing = null;
    this.#tell();
    if (characters > 0) await this.#speak(sample);
    if (this.#engine.stale || state.record !== record || this.iteration < this.iterations) return;
    if (!this.options.evaluation.whole_at_end) return this.#end("done", badge.done(this.iterations, null));
    this.#words.tellDoing(badge.finishing);
    const { val } = await link.ask({ type: "evaluate_whole" }, "evaluated_whole");
    if (this.#engine.stale) return;
    state.whole_val_nll = val;
    this.#end("done", badge.done(this.iterations, val));
  }

  /** Between two milestones, where only norms are wanted. */
  async #observeNorms(link: EngineLink, iteration: number): Promise<void> {
    const { observation } = await link.ask({ type: "observe_norms" }, "norms_observed"), state = this.#state;
    if (this.#engine.stale || observation.iteration !== iteration) return; // as above
    state.measured_at = iteration;
    state.observed.add(observation);
    this.#tell();
  }

  /** Shows a sample character by character while training rests; an interruption shows the rest of it at once. */
  async #speak(sample: Sample): Promise<void> {
    const state = this.#state, speech = state.speaking = new Speech(sample);
    this.#words.tellDoing(badge.speaking(sample.iteration));
    this.#events.emit("sample", sample);
    if (this.#active) await this.#rest.during(speech, () => this.#tell());
    if (this.speaking === speech) { // else a reset has ended its run
      state.speaking = null;
      this.#words.doing = null;
      state.samples.push(sample);
      this.#tell();
    }
    await this.#rest.end();
  }

  #interrupt(): void {
    this.#engine.pause();
    this.#state.speaking?.cut();
  }

  #end(status: "done" | "diverged", detail: string): void {
    this.#wanted = false;
    this.#state.speaking = null;
    this.#words.clear();
    this.#set(status, detail);
  }

  #fail(error: unknown): void {
    this.#wanted = false;
    this.#engine.drop();
    this.#state.speaking = null;
    this.#words.clear();
    const known = error instanceof EngineError ? error : new EngineError("worker-died", String(error));
    const failure = this.#state.failure = failureText(known.kind, known.message, this.options.place);
    this.#tasks.refuse(failure.message);
    this.#set("failed", badge.failed);
  }

  /** Updates status and badge from what the reader wants and how far the run is. */
  #settle(): void {
    if (this.status === "done" || this.status === "diverged" || this.status === "failed") return;
    if (this.#wanted && this.#hidden) this.#set("hidden", badge.hidden);
    else if (this.#wanted && this.#waits_for !== null) {
      this.#set("waiting", badge.waiting(this.iteration, this.#waits_for));
    } else if (this.#wanted && (!this.engine || this.waits_for_gpu)) {
      this.#set("loading", this.#words.doing ?? badge.loading);
    } else if (this.#wanted) {
      this.#set("running", this.#words.happened ?? this.#words.doing ?? badge.training(this.engine!.description));
    } else if (this.#tasks.released) this.#set("paused", badge.released(this.iteration));
    else if (this.#state.begun) this.#set("paused", badge.paused(this.iteration));
    else this.#set("idle", badge.idle);
  }

  #tell(): void {
    this.#events.emit("metrics", undefined);
  }

  #set(status: Status, detail: string): void {
    if (this.status === status && this.detail === detail) return;
    this.#state.status = status;
    this.#state.detail = detail;
    this.#events.emit("status", status);
  }
}
