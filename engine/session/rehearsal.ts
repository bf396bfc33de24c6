// A rehearsal times a few iterations before the start. They do not count: the engine is reset afterwards.
import type { EngineLink } from "../workers/engine_link.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import { RunRecord } from "./history.ts";

/** On a busy machine the pause can arrive before the first iteration; then nothing was timed, and it is tried again. */
const MOST_ATTEMPTS = 3;
/** Long enough to tell seconds from minutes, short enough not to warm a phone. */
const REHEARSAL_MS = 1000;
/** Browsers compile WebAssembly once more while it runs. What an engine makes until then does not show its speed. */
const WARM_UP_MS = 300;

export class Rehearsal {
  /** A rehearsal has been requested and has not begun. */
  wanted = false;
  /** Something else was more important than the rehearsal under way. */
  ended = false;
  /** The first iterations, and those after WARM_UP_MS; null before a rehearsal. */
  #records: { warming: RunRecord; warm: RunRecord } | null = null;
  /** Iterations per second of the engine that was chosen after several rehearsals. */
  #believed: number | null = null;
  /** The engine, while a rehearsal is under way. */
  #link: EngineLink | null = null;
  #attempts = 0;
  #over = false; // the time is up
  #reports = 0;
  /** Reports without which the engine's speed would not be known. */
  #least = 1;

  /** Whether a rehearsal has been held, or is under way. */
  get known(): boolean {
    return this.#records !== null;
  }

  /**
   * Iterations per second, or null if unknown. On a slow machine a short rehearsal covers only the engine's warm-up;
   * the estimate is then too low, but still better than none.
   */
  get rate(): number | null {
    return this.#believed ?? this.#records?.warm.rate ?? this.#records?.warming.rate ?? null;
  }

  /**
   * Trains for about a second, or up to the run's end.
   * @param least number of reports to wait for: with 2, even a slow engine has warmed up
   * @returns iterations per second, or null if the rehearsal was cut short
   */
  async hold(link: EngineLink, iterations: number, least = 1): Promise<number | null> {
    this.wanted = this.ended = this.#over = false;
    const records = this.#records = { warming: new RunRecord(true), warm: new RunRecord(true) };
    this.#believed = null;
    this.#link = link;
    this.#reports = 0;
    this.#least = least;
    const timer = setTimeout(() => {
      this.#over = true;
      this.#look();
    }, REHEARSAL_MS);
    try {
      await link.ask({ type: "train", until: iterations }, "trained");
    } finally {
      clearTimeout(timer);
      this.#link = null;
      if (records.warming.elapsed_ms === 0) this.#records = null; // cut short: it can be repeated
    }
    if (!this.known) this.tryAgain();
    const last = records.warm.last_report ?? records.warming.last_report;
    const whole = this.#over && this.#reports >= least ||
      last !== null && last.first + last.losses.length >= iterations;
    return whole ? this.rate : null;
  }

  /** Asks for another rehearsal, unless this one was ended for a reason or has been repeated too often. */
  tryAgain(): void {
    this.wanted = ++this.#attempts < MOST_ATTEMPTS && !this.ended;
  }

  /** Of several rehearsals, the one that counts made `rate` iterations per second. */
  believe(rate: number): void {
    this.#believed = rate;
  }

  /** Adds an engine's report to the rehearsal, if one is under way. */
  take(report: IterationReport, elapsed_ms: number): void {
    if (!this.#link) return;
    const { warming, warm } = this.#records!;
    (warming.elapsed_ms < WARM_UP_MS ? warming : warm).addReport(report, elapsed_ms);
    this.#reports++;
    this.#look();
  }

  /** Pauses the engine after the iteration under way, if that will be enough. */
  #look(): void {
    if (this.#over && this.#reports >= this.#least - 1) this.#link?.pause();
  }

  /** Whether this engine is being timed at the moment. */
  times(link: EngineLink): boolean {
    return this.#link === link;
  }

  /** Ends it after the iteration under way. */
  end(): void {
    this.wanted = false;
    this.ended = true;
    this.#link?.pause();
  }

  /** Discards the result, because another engine has another speed. */
  forget(): void {
    this.wanted = false;
    this.#records = this.#believed = null;
    this.#attempts = 0;
  }

  doubtClock(): void {
    this.#records?.warming.doubtClock();
    this.#records?.warm.doubtClock();
  }
}
