// The engine of a session's run: created when needed, reset to the current seed, replaced if it fails.
import { type EngineChoice, EngineError, EngineLink, type SessionHost } from "../workers/engine_link.ts";
import { badge } from "../wording.ts";
import { engineAfter, type PassingWords, survivalText, wrongCard } from "./passing_words.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import type { RunState } from "./run_state.ts";
import type { SurvivalNotice } from "../training/backend.ts";
import { ownDetail } from "../wording_of_failures.ts";

/** An engine that makes no progress for this long after a reset is replaced. */
const SILENCE_MS = 5000;

/** What an engine needs its session to do. */
export interface EngineOwner {
  /** Updates status and badge. */
  settle(): void;
  /** Informs listeners that a number has changed. */
  tell(): void;
}

export class RunEngine {
  /** The engine holds a run from before a reset, or a rehearsal, not the session's run. Its reports do not count. */
  stale = false;
  #link: EngineLink | null = null;
  #chooses_anew = false; // the graphics card may be available again
  #state: RunState;
  #host: SessionHost;
  #words: PassingWords;
  #owner: EngineOwner;

  constructor(state: RunState, host: SessionHost, words: PassingWords, owner: EngineOwner) {
    this.#state = state;
    this.#host = host;
    this.#words = words;
    this.#owner = owner;
  }

  /** Whether the engine exists or is being created. */
  get exists(): boolean {
    return this.#link !== null;
  }

  /** The engine, prepared for the current seed. */
  async ready(): Promise<EngineLink> {
    const link = this.#link ?? await this.#make();
    while (this.stale) {
      if (this.#chooses_anew && await this.#gpuIsBack(link)) return await this.ready();
      this.stale = false;
      await link.ask({ type: "reset", seed: this.#state.seed }, "reset_done");
    }
    return link;
  }

  /** Ends a `train` request under way after its current iteration. */
  pause(): void {
    this.#link?.pause();
  }

  /** The run was abandoned. A Worker that has ended silently would otherwise block the next run for ever. */
  giveUpRun(): void {
    const link = this.#link;
    this.stale = link !== null;
    link?.whenStuck(SILENCE_MS, () => this.#link === link && this.drop());
  }

  /** Chooses the next engine's kind. A graphics card that computed wrong results gets another try and another check. */
  prefer(engine: EngineChoice): void {
    if (engine === "fastest") this.#host.wrong_card = null;
    this.#state.preferred = engine;
    this.drop();
  }

  /** Lets a run that begins anew use the graphics card if it is back. @returns whether to look for it */
  chooseAnew(): boolean {
    if (this.#state.preferred !== "fastest") return false;
    this.#host.no_gpu = null;
    if (!this.#state.engine?.instead?.passing) return false;
    return this.#chooses_anew = true;
  }

  /** Ends the engine; its pending requests fail, and the next request creates a new one. */
  drop(): void {
    const link = this.#link, state = this.#state;
    state.rehearsal.forget();
    this.#link = null;
    state.engine = null;
    this.stale = false;
    state.waits_for_gpu = this.#chooses_anew = false;
    this.#words.doing = null;
    link?.dispose();
  }

  async #make(): Promise<EngineLink> {
    const state = this.#state;
    const link = this.#link = new EngineLink(this.#host, {
      report: (report, elapsed_ms) => this.#take(report, elapsed_ms),
      progress: ({ ready, of }) => {
        if (!state.engine) this.#words.tellDoing(badge.compiling(ready, of));
      },
      notice: (notice) => this.#survived(notice),
      waits_for_gpu: (waits) => this.#link === link && this.#waitForGpu(waits),
    });
    const { gzip_base64, rungs } = state.options.corpus;
    const run = state.config;
    const wish = { prefer: state.preferred, allow_software: this.#host.allow_software ?? false };
    const engine = await link.create(run, gzip_base64, rungs, wish);
    if (this.#link !== link) throw new EngineError("worker-died", ownDetail.other_engine);
    state.engine = engine;
    this.#distrust();
    this.#words.doing = null;
    this.stale = run.seed !== state.seed;
    this.#owner.settle();
    this.#owner.tell(); // a widget shows the engine's name even before the start
    return link;
  }

  #take(report: IterationReport, elapsed_ms: number): void {
    const state = this.#state;
    state.rehearsal.take(report, elapsed_ms);
    if (this.stale) return;
    state.record.addReport(report, elapsed_ms);
    state.iteration = report.first + report.losses.length;
    this.#owner.tell();
  }

  /** Reports that the graphics device failed, or where training continues. */
  #survived(notice: SurvivalNotice): void {
    const state = this.#state, text = survivalText(notice);
    state.engine = engineAfter(notice) ?? state.engine;
    if (wrongCard(notice)) this.#host.wrong_card = state.engine!.instead;
    this.#distrust();
    if (this.stale) return;
    if (notice.kind === "wrong-results") state.rewind(notice.iteration);
    state.note(notice.iteration, text);
    this.#words.tellHappened(text);
  }

  /** Avoids a card that computes wrong results, unless the reader chooses it. */
  #distrust(): void {
    if (this.#host.wrong_card && this.#state.preferred === "fastest") this.#state.preferred = "cpu";
  }

  /** If the graphics card is back, drops the engine that replaced it. */
  async #gpuIsBack(link: EngineLink): Promise<boolean> {
    this.#chooses_anew = false;
    const found = await link.seesGpu(this.#host.allow_software ?? false).catch(() => true);
    if (found && this.#link === link) this.drop();
    return found;
  }

  #waitForGpu(waits: boolean): void {
    this.#state.waits_for_gpu = waits;
    this.#words.doing = waits ? this.#words.doing ?? badge.asking_gpu : null;
    this.#owner.settle();
    this.#owner.tell();
  }
}
