// A rehearsal times a few iterations before the start. They do not count: the engine is reset afterwards.
import type { EngineLink } from "../workers/engine_link.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import { RunRecord } from "./history.ts";

/** On a busy machine the pause can arrive before the first iteration; then nothing was timed, and it is tried again. */
const MOST_ATTEMPTS = 3;
/** Long enough to tell seconds from minutes, short enough not to warm a phone. */
const REHEARSAL_MS = 800;

export class Rehearsal {
  /** A rehearsal has been requested and has not begun. */
  wanted = false;
  #record: RunRecord | null = null;
  /** The engine, while a rehearsal is under way. */
  #link: EngineLink | null = null;
  #attempts = 0;
  /** Something else was more important than the rehearsal under way. */
  #ended = false;

  /** Whether a rehearsal has been held, or is under way. */
  get known(): boolean {
    return this.#record !== null;
  }

  /**
   * Iterations per second, or null if unknown. On a slow machine a short rehearsal covers only the engine's warm-up;
   * the estimate is then too low, but still better than none.
   */
  get rate(): number | null {
    const record = this.#record;
    if (record === null || record.elapsed_ms === 0) return null;
    return record.rate ?? record.history.iteration.length / record.elapsed_ms * 1000;
  }

  /** Trains for less than a second, or up to the run's end. */
  async hold(link: EngineLink, iterations: number): Promise<void> {
    this.wanted = false;
    const record = this.#record = new RunRecord();
    this.#link = link;
    this.#ended = false;
    const timer = setTimeout(() => link.pause(), REHEARSAL_MS);
    try {
      await link.ask({ type: "train", until: iterations }, "trained");
    } finally {
      clearTimeout(timer);
      this.#link = null;
      if (record.elapsed_ms === 0) this.#record = null; // cut short: it can be repeated
    }
    this.#attempts++;
    if (!this.known && !this.#ended && this.#attempts < MOST_ATTEMPTS) this.wanted = true;
  }

  /** Adds an engine's report to the rehearsal, if one is under way. */
  take(report: IterationReport, elapsed_ms: number): void {
    if (this.#link) this.#record?.addReport(report, elapsed_ms);
  }

  /** Ends it after the iteration under way. */
  end(): void {
    this.wanted = false;
    this.#ended = true;
    this.#link?.pause();
  }

  /** Discards the result, because another engine has another speed. */
  forget(): void {
    this.wanted = false;
    this.#record = null;
    this.#attempts = 0;
  }

  doubtClock(): void {
    this.#record?.doubtClock();
  }
}
