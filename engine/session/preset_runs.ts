// Runs of a presets block: one at a time, each in its own session. All other runs of the page wait meanwhile (see
// turns.ts), then continue from the iteration they had reached. No DOM: the widget displays this state.
import type { EvaluationConfig, SamplingConfig, TrainingConfig } from "../training/config.ts";
import type { Observation, ObserveOptions } from "../training/observation.ts";
import { Emitter } from "./emitter.ts";
import type { History } from "./history.ts";
import { withCause } from "./divergence.ts";
import { waitsFor } from "../wording.ts";
import type { SessionReadings } from "./readings.ts";
import { TrainingSession } from "./session.ts";
import type { RunHost } from "./types.ts";
import { RANK, type Turns } from "./turns.ts";
import { tooShort, type Verdict } from "./verdict.ts";
import { ownDetail } from "../wording_of_failures.ts";

/** A run that a button starts, as the site's build resolved it from docs/presets.yml. */
export interface NamedRun {
  name: string;
  label: string;
  training: TrainingConfig;
  /** Name of the run whose first weights and batches it has; null if it has its own. */
  seed_of: string | null;
}

export interface Preset extends NamedRun {
  /** What to look for. */
  about: string;
  /** The difference from the healthy run, or null if there is none. A `healthy` of null means the whole text. */
  change: { key: keyof TrainingConfig; value: number; healthy: number | null } | null;
  /** Whether readers may run it with careless arithmetic. */
  careless_switch: boolean;
  /** Its shape in docs/shapes.yml, with textbook curves: points [part of the run, loss in parts of ln V]. */
  shape: { name: string; train: [number, number][]; val: [number, number][] | null };
  /** What a mystery run really is. */
  stands_for?: Preset;
}

/** How all runs of a block are measured; they write no samples. */
export interface PresetSettings {
  evaluation: EvaluationConfig;
  sampling: SamplingConfig;
  /** What the block's instruments want to know at each milestone. */
  observe?: ObserveOptions | null;
}

/** What remains of a run that has ended. */
export interface Outcome {
  verdict: Verdict;
  /** Time spent training and measuring. */
  elapsed_ms: number;
  engine: string;
  /** Whether it had careless arithmetic. */
  careless: boolean;
  history: History;
  observations: readonly Observation[];
}

/** The page's name for the session of the current or last run. */
export const PRESET_SESSION = "preset";

/** What the page provides. */
export interface PresetHost extends RunHost {
  /** The page's sessions, by name. The run's session is added here, so that the page can hide and show it. */
  sessions: Record<string, TrainingSession>;
  turns: Turns;
}

export class PresetRuns<Run extends NamedRun = Preset> {
  /** The block, among all on the page, whose run is under way. */
  static #busy: { stop(): void } | null = null;
  /** The current or last run. */
  session: TrainingSession | null = null;
  preset: Run | null = null;
  running = false;
  /** Whether the current or last run has careless arithmetic. */
  careless = false;
  /** The outcome of each preset's last run, by the preset's name. */
  readonly outcomes = new Map<string, Outcome>();
  #main: TrainingSession;
  #settings: PresetSettings;
  #host: PresetHost;
  #place: number;
  #leaveTurns = () => {};
  #engine = "";
  #events = new Emitter<{ change: void }>(["change"]);

  /**
   * @param main the run that provides these runs with text, model and seed
   * @param place of the block in the page, counted from the top
   */
  constructor(main: TrainingSession, settings: PresetSettings, host: PresetHost, place: number) {
    this.#main = main;
    this.#settings = settings;
    this.#host = host;
    this.#place = place;
  }

  /** The run that provides these with text, model and seed. */
  get main(): SessionReadings {
    return this.#main;
  }

  /** What was observed of the last run with that name; empty if there was none. */
  observationsOf(name: string): readonly Observation[] {
    if (this.preset?.name === name) return this.session!.observations;
    return this.outcomes.get(name)?.observations ?? [];
  }

  /** The seed from which those of these runs are made. */
  get main_seed(): string {
    return this.#main.seed;
  }

  /** What the current run's curve shows so far. */
  get verdict(): Verdict | null {
    if (!this.session) return null;
    const { history, options: { corpus, training } } = this.session;
    if (history.iteration.length === 0) return tooShort(0); // the late script may not have come yet
    const verdict = globalThis.pressStartVerdictOf!(history, corpus.vocab_size, corpus.rungs);
    return this.session.fault ? verdict : withCause(verdict, training);
  }

  /** Time that the current run has spent training and measuring. */
  get elapsed_ms(): number {
    return this.session ? this.session.elapsed_ms + this.session.measuring_ms : 0;
  }

  /** Starts a run from its beginning; it replaces the run under way. */
  run(preset: Run, careless = false): void {
    PresetRuns.#busy?.stop();
    PresetRuns.#busy = this;
    const seed = `${this.#main.seed} / ${preset.seed_of ?? preset.name}`;
    const { training } = preset, place = "preset" as const;
    const { observe = null, ...settings } = this.#settings; // not what the page's own run is observed for
    const options = { ...this.#main.options, ...settings, observe, seed, training, place };
    const session = this.session = new TrainingSession(PRESET_SESSION, options, this.#host);
    this.preset = preset;
    this.running = true;
    this.careless = careless;
    this.#engine = "";
    this.outcomes.delete(preset.name);
    const words = waitsFor.preset(preset.label);
    this.#leaveTurns = this.#host.turns.follow(session, { words, place: this.#place, rank: RANK.preset }, true);
    this.#host.sessions[PRESET_SESSION] = session;
    session.on("status", () => this.#look(session));
    session.on("metrics", () => this.#events.emit("change", undefined));
    session.prefer(careless ? "careless" : this.#main.preferred);
    session.start();
  }

  /** Whether the run waits for a graphics card that is slow to answer. */
  get waits_for_gpu(): boolean {
    return this.running && this.session!.waits_for_gpu;
  }

  /** Continues the run under way without the graphics card; so do later runs, until a run is reset. */
  useCpu(): void {
    if (!this.running) return;
    this.#host.no_gpu = { kind: "silent", message: ownDetail.cpu_chosen };
    this.session!.prefer("cpu");
  }

  /** Ends the run under way where it stands. */
  stop(): void {
    if (this.running) this.#end();
  }

  /** @returns a function that ends the subscription */
  on(listener: () => void): () => void {
    return this.#events.on("change", listener);
  }

  #look(session: TrainingSession): void {
    if (session !== this.session || !this.running) return;
    this.#engine = session.engine?.description ?? this.#engine;
    if (session.status === "done" || session.status === "diverged" || session.status === "failed") this.#end();
    else this.#events.emit("change", undefined);
  }

  #end(): void {
    const { session, preset, verdict } = this;
    this.running = false;
    PresetRuns.#busy = null;
    session!.release();
    if (session!.status !== "failed" && verdict!.name !== "too short to tell") {
      const { elapsed_ms, careless } = this, { history, observations } = session!, engine = this.#engine;
      this.outcomes.set(preset!.name, { verdict: verdict!, elapsed_ms, engine, careless, history, observations });
    }
    this.#leaveTurns();
    this.#events.emit("change", undefined);
  }
}
