// What a session shows: where its run stands, and what is worked out from that. session.ts is what changes it.
import type { RunConfig } from "../training/config.ts";
import type { Fault } from "../cpu/instance.ts";
import type { Engine, EngineChoice } from "../workers/engine_link.ts";
import { type History, RunRecord } from "./history.ts";
import { badge, type FailureText } from "../wording.ts";
import { type Milestone, milestones } from "../training/milestones.ts";
import { learningRate } from "../training/schedule.ts";
import { normaliseSeed } from "../training/seed.ts";
import type { SessionOptions, Status } from "./types.ts";
import type { Speech } from "./speech.ts";
import type { Sample } from "../training/trainer.ts";

/** A reader who has waited for so long would miss a run. */
const LONG_MS = 60_000;
/** A forward pass alone takes about a third of an iteration, which goes forward and twice as far back. */
const FORWARD_PART = 1 / 3;

export abstract class SessionReadings {
  readonly name: string;
  readonly options: SessionOptions;
  status: Status = "idle";
  /** The badge's sentence. */
  detail: string = badge.idle;
  failure: FailureText | null = null;
  /** What went wrong first in a run with careless arithmetic. */
  fault: Fault | null = null;
  /** Weight updates made and reported so far. */
  iteration = 0;
  readonly iterations: number;
  phase: string | null = null;
  samples: Sample[] = [];
  /** Notes on what happened, in order. */
  log: { iteration: number; text: string }[] = [];
  engine: Engine | null = null;
  /** The graphics card was asked for and takes its time to answer; the CPU engine need not wait for it. */
  waits_for_gpu = false;
  /** Which engine the next run gets: the fastest there is, or the CPU's; see prefer(). */
  preferred: EngineChoice = "fastest";
  /** The sample that is being written out, of which the first `shown` characters are to be seen; else null. */
  speaking: Speech | null = null;
  /** Loss on the whole validation text, in nats per character; null before the end. */
  whole_val_nll: number | null = null;

  #seed = "";
  protected record = new RunRecord();
  /** Iterations that were made before the start, to see how long they take, and undone; null where none were. */
  protected rehearsal: RunRecord | null = null;
  protected readonly milestones: Milestone[];
  /** The last milestone that was measured. */
  protected measured_at = -1;

  protected constructor(name: string, options: SessionOptions) {
    this.name = name;
    this.options = options;
    this.seed = options.seed;
    this.iterations = options.training.iterations;
    this.milestones = milestones(this.run());
  }

  /** As it counts, however it was given. */
  get seed(): string {
    return this.#seed;
  }
  set seed(given: string) {
    this.#seed = normaliseSeed(given);
  }
  get history(): History {
    return this.record.history;
  }
  /** Training time alone. */
  get elapsed_ms(): number {
    return this.record.elapsed_ms;
  }
  /** Time spent on measurements, and on the samples that go with them. */
  get measuring_ms(): number {
    return this.record.measuring_ms;
  }
  /** What the run has taken of the reader's time so far: training, measurements, and rests while a sample is written. */
  get taken_ms(): number {
    const { rest_ms, characters } = this.options.sampling;
    const written = this.samples.reduce((sum, { text }) => sum + text.length, 0);
    return this.elapsed_ms + this.measuring_ms + written * rest_ms / Math.max(1, characters);
  }
  /** Whether a reader would miss the run if it were gone without a question: it took long. */
  get long(): boolean {
    return this.taken_ms >= LONG_MS;
  }
  get ended(): boolean {
    return this.status === "done" || this.status === "diverged";
  }
  /** Null until the engine has warmed up. */
  get iterations_per_second(): number | null {
    return this.record.rate;
  }
  get train_nll(): number | null {
    return this.record.last_train;
  }
  get val_nll(): number | null {
    return this.record.last_val;
  }
  get best_val_nll(): number | null {
    return this.record.best_val;
  }
  /** Rate of the update that comes next. */
  get learning_rate(): number | null {
    return this.history.iteration.length === 0
      ? null
      : learningRate(this.options.training, Math.min(this.iteration, this.iterations - 1));
  }
  /** Rests and measurements counted in. Before the start, and until the engine has warmed up, by the rehearsal. */
  get time_left_ms(): number | null {
    const rate = this.record.rate ?? rateOf(this.rehearsal);
    if (rate === null) return null;
    const { training: { batch_size }, evaluation: { windows } } = this.options;
    const observing_ms = (characters: number) =>
      this.record.observing_ms || FORWARD_PART * (windows + characters) / batch_size / rate * 1000;
    const rest = this.options.sampling.rest_ms / Math.max(1, this.options.sampling.characters);
    const rests = this.milestones.filter(({ iteration }) => iteration > this.measured_at)
      .reduce((sum, { characters }) => sum + characters * rest + observing_ms(characters), 0);
    return (this.iterations - this.iteration) / rate * 1000 + rests;
  }

  /** What was reported from `iteration` on does not count; its milestone is measured anew. */
  protected rewind(iteration: number): void {
    this.iteration = iteration;
    this.record.cut(iteration);
    this.samples = this.samples.filter((sample) => sample.iteration < iteration);
    this.measured_at = this.milestones.findLast((milestone) => milestone.iteration < iteration)?.iteration ?? -1;
  }

  /** The page was frozen or put aside, and its clock ran on. */
  doubtClock(): void {
    this.record.doubtClock();
    this.rehearsal?.doubtClock();
  }

  protected run(): RunConfig {
    const { corpus, model, place: _place, ...rest } = this.options;
    return { ...rest, seed: this.seed, model: { ...model, vocab_size: corpus.vocab_size } };
  }
}

/** A short rehearsal on a slow machine holds no more than the warm-up: better a low estimate than none. */
function rateOf(rehearsal: RunRecord | null): number | null {
  if (!rehearsal || rehearsal.elapsed_ms === 0) return null;
  return rehearsal.rate ?? rehearsal.history.iteration.length / rehearsal.elapsed_ms * 1000;
}
