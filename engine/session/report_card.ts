// A report card: what a machine made of the lesson, small enough for a QR code. `build/recorded/report_cards.py` checks
// the cards in docs/recorded/reports against the same form. It holds no personal data.
import type { BenchPart } from "../bench/bench_run.ts";
import { FINGERPRINT_AT } from "../bench/lesson_fingerprint.ts";
import type { CpuModule } from "../training/backend.ts";
import { unnamed_adapter } from "../wording.ts";
import type { WebGpuErrorKind } from "../wording_of_failures.ts";

export interface ReportCard {
  format: 1;
  /** Year, month, day. */
  date: string;
  /** Name, version and system: "Chrome 140, Linux". */
  browser: string;
  /** As the browser reports them. */
  cores: number;
  /** Of the rates. */
  batch_size: number;
  /** Whose fingerprints these are: the lesson's run, after so many iterations. */
  run: { text: string; seed: string; iterations: number };
  webgpu: OnWebGpu | { missing: WebGpuErrorKind };
  cpu: OnCpu;
}

interface OnWebGpu {
  adapter: string;
  plan: string;
  iterations_per_second: number;
  fingerprint: string;
}

interface OnCpu {
  module: CpuModule;
  /** By the number of Workers. */
  iterations_per_second: Record<string, number>;
  fingerprint: string;
  /** What the page expected of this module. It outlives the recording, which changes with the program. */
  recorded?: string;
}

/** Fingerprints of the recorded run by module of the CPU engine, then by iteration; empty without a recording. */
export type RecordedFingerprints = Partial<Record<CpuModule, Record<string, string>>>;

/** A card's text must fit a QR code that a telephone can still read. */
export const MOST_BYTES = 1000;
/** Some browsers describe an adapter at length. */
const ADAPTER_CHARACTERS = 80;

/** Collects what a card says about the engines, while they are measured. */
export class CardDraft {
  #webgpu: Partial<OnWebGpu> = {};
  #rates: Record<string, number> = {};
  #cpu: Pick<OnCpu, "module" | "fingerprint"> | null = null;

  /** @param workers number of Workers of the CPU engine; null for the graphics card */
  take(part: BenchPart, workers: number | null): void {
    if (part.kind === "fingerprint") {
      const { module, fingerprint } = part;
      if (module === null) this.#webgpu.fingerprint = fingerprint;
      else this.#cpu = { module, fingerprint };
    } else if (part.kind === "adapter") {
      this.#webgpu.adapter = shortened(part.adapter) || unnamed_adapter;
    } else if (part.kind === "row") {
      const { plan, iterations_per_second } = part.row;
      // Only the first batch size counts.
      if (workers === null) this.#webgpu = { plan, iterations_per_second, ...this.#webgpu };
      else this.#rates[workers] ??= iterations_per_second;
    }
  }

  /**
   * @param no_gpu why the graphics card was not measured
   * @returns null if the measurement did not get as far as both fingerprints
   */
  finished(
    { text, seed, recorded, ...facts }: Pick<ReportCard, "date" | "browser" | "cores" | "batch_size"> & Run,
    no_gpu: WebGpuErrorKind | null,
  ): ReportCard | null {
    const { adapter, plan, iterations_per_second, fingerprint } = this.#webgpu;
    if (!this.#cpu || !no_gpu && !fingerprint) return null;
    const { module, fingerprint: on_cpu } = this.#cpu;
    const expected = recorded[module]?.[FINGERPRINT_AT];
    return {
      format: 1,
      ...facts,
      run: { text, seed, iterations: FINGERPRINT_AT },
      webgpu: no_gpu ? { missing: no_gpu } : {
        adapter: adapter!,
        plan: plan!,
        iterations_per_second: iterations_per_second!,
        fingerprint: fingerprint!,
      },
      cpu: {
        module,
        iterations_per_second: this.#rates,
        fingerprint: on_cpu,
        ...(expected ? { recorded: expected } : {}),
      },
    };
  }
}

interface Run {
  text: string;
  seed: string;
  recorded: RecordedFingerprints;
}

/** Without control characters and other invisible ones, and without half of a character at the end. */
function shortened(text: string): string {
  const visible = text.replaceAll(/[\p{C}\p{Z}]+/gu, " ").trim();
  return [...visible].slice(0, ADAPTER_CHARACTERS).join("").trimEnd();
}

/** Whether the CPU engine came to the recorded weights; null if the page has no recording of this run. */
export const asRecorded = ({ cpu: { fingerprint, recorded } }: ReportCard): boolean | null =>
  recorded === undefined ? null : fingerprint === recorded;

/** A card as JSON, in ASCII alone: readers of QR codes disagree about other characters. */
export function cardText(card: ReportCard): string {
  return JSON.stringify(card, null, 1).replaceAll(
    /[^\n -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A file name for a card. */
export const cardFile = ({ date }: ReportCard) => `press-start-report-${date}.json`;
