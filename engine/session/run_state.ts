// The state of a session's run. The session and its parts change it; all other code reads it through readings.ts.
import type { LoadedRun } from "../checkpoint/run_files.ts";
import type { RunConfig } from "../training/config.ts";
import type { Fault } from "../training/backend.ts";
import type { Engine, EngineChoice } from "../workers/engine_link.ts";
import { RunRecord } from "./history.ts";
import { Observed } from "./observed.ts";
import { badge } from "../wording.ts";
import type { FailureText } from "../wording_of_failures.ts";
import { type Milestone, milestones } from "../training/milestones.ts";
import { normaliseSeed } from "../training/seed.ts";
import { Rehearsal } from "./rehearsal.ts";
import type { Measured } from "./measured_engines.ts";
import type { Note, SessionOptions, Status } from "./types.ts";
import type { Speech } from "./speech.ts";
import type { Sample } from "../training/trainer.ts";

export class RunState {
  readonly options: SessionOptions;
  readonly milestones: Milestone[];
  readonly rehearsal = new Rehearsal();
  status: Status = "idle";
  detail: string = badge.idle;
  engine: Engine | null = null;
  measured: Measured | null = null;
  waits_for_gpu = false;
  preferred: EngineChoice = "fastest";

  failure: FailureText | null = null;
  fault: Fault | null = null;
  iteration = 0;
  phase: string | null = null;
  samples: Sample[] = [];
  log: Note[] = [];
  speaking: Speech | null = null;
  whole_val_nll: number | null = null;
  record = new RunRecord();
  observed = new Observed();
  /** Iteration of the last measured milestone; -1 before the first. */
  measured_at = -1;
  /** Time that Workers have spent on files of this session's runs. */
  saving_ms = 0;
  /** The run comes from a file. */
  loaded = false;
  #seed = "";

  constructor(options: SessionOptions) {
    this.options = options;
    this.seed = options.seed;
    this.milestones = milestones(this.config, options.observe);
  }

  /** The normalised seed. */
  get seed(): string {
    return this.#seed;
  }
  set seed(given: string) {
    this.#seed = normaliseSeed(given);
  }

  get iterations(): number {
    return this.options.training.iterations;
  }

  /** What the engine needs to know about this run. */
  get config(): RunConfig {
    const { corpus, model, place: _place, observe: _observe, ...rest } = this.options;
    return { ...rest, seed: this.seed, model: { ...model, vocab_size: corpus.vocab_size } };
  }

  /** Whether the run has a record or comes from a file, even if its engine is gone. */
  get begun(): boolean {
    return this.loaded || this.record.history.iteration.length > 0;
  }

  /** Adds to the log. */
  note(iteration: number, text: string): void {
    this.log.push({ iteration, text });
  }

  /** Back to iteration 0, as before the first run. Keeps the engine and what is known about it. */
  clear(seed: string): void {
    this.seed = seed;
    this.iteration = 0;
    this.phase = null;
    this.whole_val_nll = null;
    this.failure = null;
    this.fault = null;
    this.speaking = null;
    this.samples = [];
    this.log = [];
    this.record = new RunRecord();
    this.observed = new Observed();
    this.measured_at = -1;
    this.loaded = false;
  }

  /** Becomes a file's run, as it was when it was saved. */
  restore({ about, train, val, measured_at, note }: LoadedRun): void {
    const { seed, iteration, samples, phase, whole_val } = about;
    this.clear(seed);
    this.loaded = true;
    this.iteration = iteration;
    this.phase = phase;
    this.whole_val_nll = whole_val;
    this.samples = samples.filter((sample) => sample.iteration <= measured_at);
    this.measured_at = measured_at;
    this.record.restore(train, val, measured_at === iteration ? iteration + 1 : iteration);
    this.note(iteration, note);
  }

  /** Discards the reports from `iteration` on; milestones from there on are measured again. */
  rewind(iteration: number): void {
    this.iteration = iteration;
    this.record.cut(iteration);
    this.observed.cut(iteration);
    this.samples = this.samples.filter((sample) => sample.iteration < iteration);
    if (this.speaking && this.speaking.sample.iteration >= iteration) this.speaking = null;
    this.measured_at = this.milestones.findLast((milestone) => milestone.iteration < iteration)?.iteration ?? -1;
  }
}
