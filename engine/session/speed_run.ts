// One measurement of this machine: the engines to measure, their order, and the results. Does not use the DOM.
import { type BenchPart, type BenchWishes, type GrowthRow, type SpeedRow } from "../bench/bench_run.ts";
import { megabytes } from "../bench/bytes_moved.ts";
import type { RunConfig } from "../training/config.ts";
import { FINGERPRINT_AT } from "../bench/lesson_fingerprint.ts";
import { mostWorkersFor, workersFor } from "../cpu/cpu_backend.ts";
import { EngineLink, failureKind, type SessionHost } from "../workers/engine_link.ts";
import { badge, speedBadge, waitsFor } from "../wording.ts";
import { failureText, rawWords } from "../wording_of_failures.ts";
import type { KernelClock, KernelTime } from "../bench/kernel_times.ts";
import type { WebGpuErrorText } from "../webgpu/webgpu_error.ts";
import { CardDraft, type RecordedFingerprints, type ReportCard } from "./report_card.ts";

export interface ReportRow extends SpeedRow {
  /** 10^6 bytes that the GPU's workgroups load and store, by the rule in moves.ts; null on the CPU. */
  mb_per_iteration: number | null;
}

/** A result, as the page takes it. */
export type SpeedPart = Exclude<BenchPart, { kind: "row" }> | { kind: "row"; row: ReportRow };

/** The format of docs/recorded/speed.json, and of the report that a reader copies. */
export interface SpeedReport {
  format: 1;
  /** The browser's name for the graphics adapter; null if only the CPU was measured. */
  adapter: string | null;
  browser: string;
  /** Year, month, day. */
  date: string;
  rows: ReportRow[];
  kernels?: KernelTime[];
  kernels_by?: KernelClock;
  growth?: GrowthRow[];
  /** Training loss in nats per character by iteration. */
  losses?: Record<string, number>;
}

/** What the page provides. */
export interface SpeedHost extends SessionHost {
  /** Reserves the machine for this measurement, from `ready` until leave(). */
  alone(): { ready: Promise<void>; leave(): void };
}

export interface SpeedOptions {
  /** In the order of measurement. The GPU comes first, because most readers want to know its speed. */
  engines: ("webgpu" | "cpu")[];
  wishes: BenchWishes;
  run: RunConfig;
  /** Name of the text. */
  text: string;
  gzip_base64: string;
  /** Of this run. */
  recorded: RecordedFingerprints;
  browser: string;
  date: string;
}

export class SpeedRun {
  readonly report: SpeedReport;
  /** Text for the badge: the current step, or how the measurement ended. */
  detail = "";
  /** Why the GPU was not measured. */
  no_gpu: WebGpuErrorText | null = null;
  failure: string | null = null;
  /** Null until the measurement is done, and if it had to leave something out. */
  card: ReportCard | null = null;
  #draft = new CardDraft();
  /** Workers of the CPU engine that is being measured; null for the graphics card. */
  #workers: number | null = null;
  /** Text for what is being measured. */
  #doing = "";
  #options: SpeedOptions;
  #host: SpeedHost;
  #link: EngineLink | null = null;
  #stopped = false;
  #endWait = () => {};
  #changed: (part: SpeedPart | null) => void;

  /** @param changed called with each new result, and with null when `detail` has changed */
  constructor(options: SpeedOptions, host: SpeedHost, changed: (part: SpeedPart | null) => void) {
    this.#options = options;
    this.#host = host;
    this.#changed = changed;
    this.report = { format: 1, adapter: null, browser: options.browser, date: options.date, rows: [] };
  }

  /** Measures one engine after the other. Resolves when the measurement is done, stopped or failed; never rejects. */
  async start(): Promise<void> {
    const { ready, leave } = this.#host.alone();
    try {
      this.#tell(waitsFor.other_measurement);
      await Promise.race([ready, new Promise<void>((resolve) => this.#endWait = resolve)]);
      for (const engine of this.#options.engines) {
        if (engine === "webgpu") {
          this.no_gpu = await this.#measure("webgpu", 1, speedBadge.gpu);
          continue;
        }
        for (const workers of new Set([1, workersFor(this.#host.cores), this.#most_workers])) {
          await this.#measure("cpu", workers, speedBadge.cpu(workers));
        }
      }
      if (!this.#stopped) this.card = this.#finishedCard();
      this.#tell(this.#stopped ? speedBadge.stopped : speedBadge.done);
    } catch (error) {
      if (this.#stopped) return this.#tell(speedBadge.stopped);
      this.failure = wordsFor(error);
      this.#tell(speedBadge.stopped);
    } finally {
      leave();
    }
  }

  /** Ends the measurement at once, keeping the results so far. */
  stop(): void {
    this.#stopped = true;
    this.#endWait();
    this.#link?.dispose();
  }

  async #measure(engine: "webgpu" | "cpu", workers: number, detail: string): Promise<WebGpuErrorText | null> {
    if (this.#stopped) return null;
    this.#tell(this.#doing = detail);
    this.#workers = engine === "cpu" ? workers : null;
    // New Workers for each measurement: the memory and threads of the previous one are gone.
    const link = this.#link = new EngineLink(this.#host, { bench_part: (part) => this.#take(part) });
    const { run, gzip_base64, wishes } = this.#options;
    // The number of Workers does not change the weights, so the fastest engine makes the fingerprint.
    const fingerprint = wishes.fingerprint && (engine === "webgpu" || workers === this.#most_workers);
    try {
      return await link.bench({ run, gzip_base64, engine, wishes: { ...wishes, fingerprint } }, workers);
    } finally {
      link.dispose();
    }
  }

  get #most_workers(): number {
    return mostWorkersFor(this.#host.cores);
  }

  #finishedCard(): ReportCard | null {
    const { date, browser, text, recorded, wishes, run: { seed } } = this.#options;
    const facts = { date, browser, cores: this.#host.cores, batch_size: wishes.batch_sizes[0], text, seed, recorded };
    return this.#draft.finished(facts, this.no_gpu?.kind ?? null);
  }

  #tell(detail: string): void {
    this.detail = detail;
    this.#changed(null);
  }

  #take(part: BenchPart): void {
    const { report } = this;
    if (part.kind === "compiling") {
      return this.#tell(part.ready < part.of ? badge.compiling(part.ready, part.of) : this.#doing);
    }
    if (part.kind === "fingerprinting") return this.#tell(speedBadge.fingerprint(part.done, FINGERPRINT_AT));
    this.#draft.take(part, this.#workers);
    if (part.kind === "fingerprint") return;
    if (part.kind === "row") {
      const row = { ...part.row, mb_per_iteration: megabytes(part.program) };
      report.rows.push(row);
      return this.#changed({ kind: "row", row });
    }
    if (part.kind === "adapter") report.adapter = part.adapter;
    else if (part.kind === "growth") (report.growth ??= []).push(part.row);
    else if (part.kind === "losses") report.losses = part.losses;
    else {
      report.kernels = part.kernels;
      report.kernels_by = part.clock;
    }
    this.#changed(part);
  }
}

function wordsFor(error: unknown): string {
  const kind = failureKind(error);
  const { message, way_out } = failureText(kind, rawWords(error), "measurement");
  return `${message} ${way_out}`;
}
