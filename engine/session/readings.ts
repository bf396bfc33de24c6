// What widgets and scripts can read from a session: the state of its run and what follows from it. All of it is
// read-only; buttons and session.ts change the run.
import type { Fault } from "../training/backend.ts";
import type { Engine, EngineChoice } from "../workers/engine_link.ts";
import type { History } from "./history.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import type { FailureText } from "../wording_of_failures.ts";
import type { Observation, SampleReading } from "../training/observation.ts";
import { learningRate } from "../training/schedule.ts";
import type { Emitter } from "./emitter.ts";
import type { Measured } from "./measured_engines.ts";
import type { RunState } from "./run_state.ts";
import type { Note, SessionEvents, SessionOptions, Spoken, Status } from "./types.ts";
import type { Sample } from "../training/trainer.ts";

/** A reader who has waited this long would miss the run. */
const LONG_MS = 60_000;
/** A forward pass takes about a third of an iteration, because a backward pass costs about twice as much. */
const FORWARD_PART = 1 / 3;

export abstract class SessionReadings {
  #name: string;
  #state: RunState;
  #events: Emitter<SessionEvents>;

  protected constructor(name: string, state: RunState, events: Emitter<SessionEvents>) {
    this.#name = name;
    this.#state = state;
    this.#events = events;
  }

  /** @returns a function that ends the subscription */
  on<E extends keyof SessionEvents>(event: E, listener: (event: SessionEvents[E]) => void): () => void {
    return this.#events.on(event, listener);
  }

  get name(): string {
    return this.#name;
  }
  get options(): Readonly<SessionOptions> {
    return this.#state.options;
  }
  /** The normalised seed. */
  get seed(): string {
    return this.#state.seed;
  }
  get status(): Status {
    return this.#state.status;
  }
  /** The badge's sentence. */
  get detail(): string {
    return this.#state.detail;
  }
  get ended(): boolean {
    return this.status === "done" || this.status === "diverged";
  }
  get failure(): Readonly<FailureText> | null {
    return this.#state.failure;
  }
  /** The first fault in a run with careless arithmetic. */
  get fault(): Readonly<Fault> | null {
    return this.#state.fault;
  }
  /** Notes on what happened, in order. */
  get log(): readonly Readonly<Note>[] {
    return this.#state.log;
  }

  get engine(): Readonly<Engine> | null {
    return this.#state.engine;
  }
  /** What this engine and the other one made in a rehearsal, here or on an earlier visit; null if not compared. */
  get measured(): Readonly<Measured> | null {
    return this.#state.measured;
  }
  /** The engine for the next run; see prefer(). */
  get preferred(): EngineChoice {
    return this.#state.preferred;
  }
  /** The page has asked for the graphics card, which is slow to answer; the CPU engine could start without it. */
  get waits_for_gpu(): boolean {
    return this.#state.waits_for_gpu;
  }

  /** Weight updates made and reported so far. After a loss that is not a number: those before it. */
  get iteration(): number {
    return this.#state.iteration;
  }
  get iterations(): number {
    return this.#state.iterations;
  }
  get history(): History {
    return this.#state.record.history;
  }
  /** The engine's last report on a stretch of iterations; null before the first. */
  get last_report(): Readonly<IterationReport> | null {
    return this.#state.record.last_report;
  }
  get train_nll(): number | null {
    return this.#state.record.last_train;
  }
  get val_nll(): number | null {
    return this.#state.record.last_val;
  }
  get best_val_nll(): number | null {
    return this.#state.record.best_val;
  }
  /** Loss on the whole validation text, in nats per character; null before the end. */
  get whole_val_nll(): number | null {
    return this.#state.whole_val_nll;
  }
  get phase(): string | null {
    return this.#state.phase;
  }
  /** Rate of the next update. */
  get learning_rate(): number | null {
    const { begun, iteration, iterations, options: { training } } = this.#state;
    return begun ? learningRate(training, Math.min(iteration, iterations - 1)) : null;
  }

  get samples(): readonly Readonly<Sample>[] {
    return this.#state.samples;
  }
  /** The sample being written out, or null. */
  get speaking(): Spoken | null {
    return this.#state.speaking;
  }

  /** What the model expected where it wrote this sample; null for a run that was loaded or trained elsewhere. */
  reading({ iteration }: Pick<Sample, "iteration">): SampleReading | null {
    return this.#state.observed.reading(iteration);
  }
  /** What the instruments asked for in `options.observe`, by rising iteration; a loaded run lacks the earlier ones. */
  get observations(): readonly Observation[] {
    return this.#state.observed.observations;
  }

  /** Training time, without measurements and samples. */
  get elapsed_ms(): number {
    return this.#state.record.elapsed_ms;
  }
  /** Time spent on measurements and on their samples. */
  get measuring_ms(): number {
    return this.#state.record.measuring_ms;
  }
  /** Time that the Worker has spent on files, for all runs since the page was opened. */
  get saving_ms(): number {
    return this.#state.saving_ms;
  }
  /** The reader's time that the run has taken so far: training, measurements, and rests while a sample is written. */
  get taken_ms(): number {
    const { rest_ms, characters } = this.options.sampling;
    const written = this.samples.reduce((sum, { text }) => sum + text.length, 0);
    return this.elapsed_ms + this.measuring_ms + written * rest_ms / Math.max(1, characters);
  }
  /** Whether the run has taken so long that the page should ask before removing it. */
  get long(): boolean {
    return this.taken_ms >= LONG_MS;
  }
  /** Null until the engine has warmed up. */
  get iterations_per_second(): number | null {
    return this.#state.record.rate;
  }
  /** Includes rests and measurements. Uses the rehearsal's rate until the engine has warmed up; null without one. */
  get time_left_ms(): number | null {
    const { record, rehearsal, milestones, measured_at } = this.#state;
    const rate = record.rate ?? rehearsal.rate;
    if (rate === null) return null;
    const { training: { batch_size }, evaluation: { windows }, sampling } = this.options;
    const observing_ms = (characters: number) =>
      record.observing_ms || FORWARD_PART * (windows + characters) / batch_size / rate * 1000;
    const rest = sampling.rest_ms / Math.max(1, sampling.characters);
    const rests = milestones.filter(({ iteration, only_norms }) => iteration > measured_at && !only_norms)
      .reduce((sum, { characters }) => sum + characters * rest + observing_ms(characters), 0);
    return (this.iterations - this.iteration) / rate * 1000 + rests;
  }
}
