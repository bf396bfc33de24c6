// A rehearsal: a few iterations before the start, to see how long they take. None of them counts, and the engine is
// reset afterwards.
import type { EngineLink } from "../workers/engine_link.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import { RunRecord } from "./history.ts";

/** Enough to tell seconds from minutes, too little to warm a phone. */
const REHEARSAL_MS = 800;

export class Rehearsal {
  /** Somebody has asked for one, and it has not begun. */
  wanted = false;
  #record: RunRecord | null = null;
  /** While it is under way. */
  #link: EngineLink | null = null;

  /** Whether there is one to go by. */
  get known(): boolean {
    return this.#record !== null;
  }

  /**
   * Iterations per second; null where they are not known. On a slow machine a short rehearsal holds no more than the
   * engine's warm-up: then the estimate is too low, and still better than none.
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
    const timer = setTimeout(() => link.pause(), REHEARSAL_MS);
    try {
      await link.ask({ type: "train", until: iterations }, "trained");
    } finally {
      clearTimeout(timer);
      this.#link = null;
      if (record.elapsed_ms === 0) this.#record = null; // cut short: it may be held again
    }
  }

  /** What an engine reports is a rehearsal's while one is under way. */
  take(report: IterationReport, elapsed_ms: number): void {
    if (this.#link) this.#record?.addReport(report, elapsed_ms);
  }

  /** Ends it after the iteration under way. */
  end(): void {
    this.wanted = false;
    this.#link?.pause();
  }

  /** Another engine has another speed. */
  forget(): void {
    this.wanted = false;
    this.#record = null;
  }

  doubtClock(): void {
    this.#record?.doubtClock();
  }
}
