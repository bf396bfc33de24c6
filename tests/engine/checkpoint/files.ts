// Checkpoints for tests: of a tiny model after some iterations, and pieces to build bad files from.
import { canonicalJson } from "../../../engine/checkpoint/canonical_json.ts";
import { digest } from "../../../engine/checkpoint/digest.ts";
import { RunFiles, type RunNotes } from "../../../engine/checkpoint/run_files.ts";
import type { RunConfig } from "../../../engine/training/config.ts";
import { sha256Hex } from "../../../engine/training/sha256.ts";
import { type Sample, Trainer } from "../../../engine/training/trainer.ts";
import type { BackendOptions, CpuModule } from "../../../engine/training/backend.ts";
import { readCorpus } from "../../../engine/training/corpus.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { milestones } from "../../../engine/training/milestones.ts";
import { smallRun, smallText } from "../small_runs.ts";

export const TEXT = smallText(4000);
export const CORPUS = { name: "small", sha256: sha256Hex(new TextEncoder().encode(TEXT)) };

/** A run with the notes that a session would keep. */
export class Kept {
  readonly files: RunFiles;
  train: number[] = [];
  val: (number | null)[] = [];
  samples: Sample[] = [];
  whole_val: number | null = null;

  constructor(readonly trainer: Trainer) {
    this.files = new RunFiles(trainer);
  }

  /** @param module by default the one for this machine */
  static async of(run: RunConfig = smallRun(), text = TEXT, module?: CpuModule): Promise<Kept> {
    const corpus = readCorpus(text, run.evaluation.train_fraction);
    const make = (options: BackendOptions) => createCpuBackend(options, [], { module });
    return new Kept(await Trainer.create(structuredClone(run), corpus, null, make));
  }

  /** Trains up to `until`, and measures at the milestones up to there that have not been measured yet. */
  async train_to(until: number): Promise<void> {
    for (const { iteration, characters } of milestones(this.trainer.run)) {
      if (iteration < this.trainer.iteration || this.samples.some((sample) => sample.iteration === iteration)) continue;
      await this.#train(Math.min(iteration, until));
      if (iteration > until) return;
      const sample = await this.trainer.evaluateAndSample(characters);
      this.samples.push(sample);
      this.val[iteration] = sample.val;
    }
    this.whole_val = await this.trainer.evaluateWhole();
  }

  async #train(until: number): Promise<void> {
    await this.trainer.train(until, ({ losses }) => this.train.push(...losses), { requested: false });
  }

  notes(): RunNotes {
    const { iteration } = this.trainer, { samples, whole_val } = this;
    return {
      corpus: CORPUS,
      samples,
      phase: samples.at(-1)?.phase ?? null,
      whole_val,
      train: Float32Array.from(this.train),
      val: Float32Array.from({ length: iteration + 1 }, (_, i) => this.val[i] ?? NaN),
    };
  }

  save(weights_only = false): Promise<Uint8Array<ArrayBuffer>> {
    return this.files.save(this.notes(), weights_only);
  }

  /** Goes on from a file as a session would. */
  async load(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const run = await this.files.load(bytes, CORPUS);
    this.train = [...run.train];
    this.val = run.val;
    this.samples = run.about.samples.filter(({ iteration }) => iteration <= run.measured_at);
    this.whole_val = run.about.whole_val;
  }

  /** Everything that a run leaves behind. */
  async outcome() {
    const { train, val, samples, whole_val, trainer } = this;
    return {
      weights: await trainer.fingerprint(),
      train,
      val: Array.from(val, (one) => one ?? null),
      samples,
      whole_val,
    };
  }
}

/** A file's bytes with another header; the data stay as they are. */
export function withHeader(bytes: Uint8Array, change: (header: string) => string): Uint8Array<ArrayBuffer> {
  const { header, data } = partsOf(bytes);
  return fileOf(new TextEncoder().encode(change(header)), data);
}

/** The same, for the header as JSON. `press_start` is the metadata's text. */
export function withJson(bytes: Uint8Array, change: (header: Header) => void): Uint8Array<ArrayBuffer> {
  return withHeader(bytes, (text) => {
    const header = JSON.parse(text);
    change(header);
    return JSON.stringify(header);
  });
}

// deno-lint-ignore no-explicit-any -- tests put anything there
export type Header = Record<string, any>;

/** The same, for the metadata; the checksum is made to fit. */
export async function withAbout(bytes: Uint8Array, change: (about: Header) => void): Promise<Uint8Array<ArrayBuffer>> {
  const { header, data } = partsOf(bytes), { checksum: _old, ...about } = JSON.parse(metadataOf(header));
  change(about);
  const checksum = await digest([canonicalJson(about), data]);
  return withJson(bytes, ({ __metadata__ }) => __metadata__.press_start = canonicalJson({ ...about, checksum }));
}

const metadataOf = (header: string): string => JSON.parse(header).__metadata__.press_start;

export function partsOf(bytes: Uint8Array): { header: string; header_bytes: number; data: Uint8Array<ArrayBuffer> } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return { header, header_bytes: length, data: new Uint8Array(bytes.subarray(8 + length)) };
}

export function fileOf(header: Uint8Array, data: Uint8Array, length = header.length): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(8 + header.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(header, 8);
  file.set(data, 8 + header.length);
  return file;
}
