// A report card: what a machine made of the lesson, small enough for a QR code. `build/recorded/report_cards.py` checks
// the cards in docs/recorded/reports against the same form. It holds no personal data.
import type { BenchPart } from "../bench/bench_run.ts";
import { FINGERPRINT_AT } from "../bench/lesson_fingerprint.ts";
import type { CpuModule } from "../training/backend.ts";
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
  /** The fingerprint is the recorded one of this module. */
  module: CpuModule;
  /** By the number of Workers. */
  iterations_per_second: Record<string, number>;
  fingerprint: string;
}

/** A card's text must fit a QR code that a telephone can still read. */
export const MOST_BYTES = 1000;
/** Some browsers describe an adapter at length. */
const ADAPTER_CHARACTERS = 80;

/** Collects what a card says about the engines, while they are measured. */
export class CardDraft {
  #webgpu: Partial<OnWebGpu> = {};
  #rates: Record<string, number> = {};
  #cpu: Omit<OnCpu, "iterations_per_second"> | null = null;

  /** @param workers number of Workers of the CPU engine; null for the graphics card */
  take(part: BenchPart, workers: number | null): void {
    if (part.kind === "fingerprint") {
      const { module, fingerprint } = part;
      if (module === null) this.#webgpu.fingerprint = fingerprint;
      else this.#cpu = { module, fingerprint };
    } else if (part.kind === "adapter") {
      this.#webgpu.adapter = part.adapter.slice(0, ADAPTER_CHARACTERS);
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
    { text, seed, ...facts }: Pick<ReportCard, "date" | "browser" | "cores" | "batch_size"> & Run,
    no_gpu: WebGpuErrorKind | null,
  ): ReportCard | null {
    const { adapter, plan, iterations_per_second, fingerprint } = this.#webgpu;
    if (!this.#cpu || !no_gpu && !fingerprint) return null;
    const { module, fingerprint: on_cpu } = this.#cpu;
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
      cpu: { module, iterations_per_second: this.#rates, fingerprint: on_cpu },
    };
  }
}

interface Run {
  text: string;
  seed: string;
}

/** A card as JSON, in ASCII alone: readers of QR codes disagree about other characters. */
export function cardText(card: ReportCard): string {
  return JSON.stringify(card, null, 1).replaceAll(
    /[^\n -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A file name for a card. */
export const cardFile = ({ date }: ReportCard) => `press-start-report-${date}.json`;
