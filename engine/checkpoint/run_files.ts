// The files of one Trainer: saves its run, says what a file holds, and continues a file's run. The curve and the samples
// are not the Trainer's, so callers pass them.
import { isSound } from "../training/state_check.ts";
import type { Sample, Trainer } from "../training/trainer.ts";
import { fileFaultText, loaded } from "../wording_of_files.ts";
import { type About, FORMAT, type MadeBy, madeByOf, readAbout } from "./about.ts";
import { canonicalJson } from "./canonical_json.ts";
import { type Checkpoint, type Hashes, hashesOf, type Losses, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { FileError } from "./file_error.ts";
import { engineFor, madeBy, sameEngine } from "./made_by.ts";
import { bestLoss, lastMeasured, valsOf } from "./measured.ts";
import { whyUnlike } from "./unlike.ts";

/** What the Trainer does not know of its run. */
export interface RunNotes extends Losses {
  corpus: OwnText;
  samples: Sample[];
  phase: string | null;
  /** Loss on the whole validation text after the last update; null before. */
  whole_val: number | null;
}

/** The text that the Trainer trains on, as its page names it. */
export interface OwnText {
  name: string;
  sha256: string;
}

/** What a file holds. */
export interface FileFacts {
  about: About;
  weights_only: boolean;
  /** The last loss on the validation windows, in nats per character; null if there is none. */
  val: number | null;
  hashes: Hashes;
  /** Why this run cannot continue it, in one sentence; null if it can. */
  unlike: string | null;
  /** The engine to ask for, to continue it with the same bytes; null if this program has none. */
  wants: ReturnType<typeof engineFor>;
}

/** A run that continues from a file. */
export interface LoadedRun {
  about: About;
  weights_only: boolean;
  train: Float32Array<ArrayBuffer>;
  /** Per iteration, null where not measured; exact where there is a sample, else to f32's precision. */
  val: (number | null)[];
  /** Iteration of the last milestone that need not be measured again; -1 if there is none. */
  measured_at: number;
  /** Whether the engine that made the file continues it. */
  same_engine: boolean;
  /** How it goes on, for the log. */
  note: string;
}

const NO_LOSSES = { train: new Float32Array(), val: new Float32Array() };
const NO_NOTES = { ...NO_LOSSES, samples: [], phase: null, whole_val: null };

export class RunFiles {
  #trainer: Trainer;
  #careless: boolean;
  /** The engine now; a promise, because the details take some milliseconds. */
  #made_by: Promise<MadeBy>;
  /** Those that trained the run before, each up to iteration `until`. */
  #earlier: { made_by: Promise<MadeBy>; until: number }[] = [];

  /** @param careless whether the engine computes without guarding against large numbers */
  constructor(trainer: Trainer, careless = false) {
    this.#trainer = trainer;
    this.#careless = careless;
    this.#made_by = madeBy(trainer);
  }

  /** The run begins again. */
  forget(): void {
    this.#earlier = [];
  }

  /** Another engine continues the run from iteration `until`. */
  tookOver(until: number): void {
    const parts = [...this.#earlier, { made_by: this.#made_by, until }];
    this.#earlier = parts.map((part) => ({ ...part, until: Math.min(part.until, until) }));
    this.#made_by = madeBy(this.#trainer);
  }

  /** The run between two iterations, as a file. @throws FileError if it cannot be saved */
  async save(notes: RunNotes, weights_only: boolean): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#careless) throw new FileError({ kind: "careless" });
    const state = await this.#trainer.save(), { iteration, params, m, v } = state;
    if (!isSound(state) || this.#trainer.diverged_at !== null) throw new FileError({ kind: "diverged" });
    if (notes.train.length < iteration) throw new Error(`${notes.train.length} losses at iteration ${iteration}`);
    const val = new Float32Array(iteration + 1).fill(NaN);
    val.set(notes.val.subarray(0, iteration + 1));
    const losses = { train: notes.train.slice(0, iteration), val };
    const about = await this.#about(notes, iteration);
    return await writeCheckpoint({ about, params, rest: weights_only ? null : { m, v, losses } });
  }

  /** Of the weights, and of the whole state. */
  async hashes(corpus: OwnText): Promise<Hashes> {
    const state = await this.#trainer.save();
    return await hashesOf(await this.#about({ ...NO_NOTES, corpus }, state.iteration), state);
  }

  /**
   * What a file holds. Changes nothing.
   * @param size the file's length, if `bytes` is only its beginning
   * @throws FileError for a bad file
   */
  async read(bytes: Uint8Array<ArrayBuffer>, corpus: OwnText, size = bytes.length): Promise<FileFacts> {
    const checkpoint = await readCheckpoint(bytes, size), { about, params, rest } = checkpoint;
    const unlike = this.#unlike(about, corpus), measured = valsOf(checkpoint).filter((val) => val !== null);
    return {
      about,
      weights_only: rest === null,
      val: measured.at(-1) ?? null,
      hashes: await hashesOf(about, { params, m: rest?.m, v: rest?.v }),
      unlike: unlike && fileFaultText(unlike),
      wants: engineFor(about),
    };
  }

  /** Continues a file's run. @throws FileError if it is bad or another run's; nothing has changed then */
  async load(bytes: Uint8Array<ArrayBuffer>, corpus: OwnText): Promise<LoadedRun> {
    if (this.#careless) throw new FileError({ kind: "careless" });
    const checkpoint = await readCheckpoint(bytes), { about, params, rest } = checkpoint;
    const { iteration, seed } = about, unlike = this.#unlike(about, corpus), trainer = this.#trainer;
    if (unlike) throw new FileError(unlike);
    const { m, v } = rest ?? { m: new Float32Array(params.length), v: new Float32Array(params.length) };
    const train = rest?.losses.train ?? new Float32Array(iteration).fill(NaN), val = valsOf(checkpoint);
    const measured_at = lastMeasured(trainer, about, val), best = bestLoss(trainer.run, measured_at, train, val);
    await trainer.load({ iteration, params, m, v }, seed, { best, last_train: train.at(-1) ?? Infinity });
    this.#earlier = about.earlier.map(({ until, ...made_by }) => ({ until, made_by: Promise.resolve(made_by) }));
    const same_engine = sameEngine(await this.#made_by, about);
    if (!same_engine) this.#earlier.push({ until: iteration, made_by: Promise.resolve(about) });
    const note = noteOf(checkpoint, same_engine);
    return { about, weights_only: rest === null, train, val, measured_at, same_engine, note };
  }

  #unlike(about: About, corpus: OwnText): ReturnType<typeof whyUnlike> {
    const { run, corpus: { characters } } = this.#trainer;
    return whyUnlike(about, { run, characters, corpus });
  }

  /** Checked as a reader checks it, so that every file that is written can be read. */
  async #about({ corpus, samples, phase, whole_val }: Omit<RunNotes, keyof Losses>, iteration: number): Promise<About> {
    const { run: { seed, model, training }, corpus: { characters } } = this.#trainer;
    const about = {
      format: FORMAT,
      model,
      training,
      corpus: { name: corpus.name, sha256: corpus.sha256, characters: characters.join("") },
      seed,
      iteration,
      ...await this.#made_by,
      earlier: await this.#parts(),
      samples: samples.filter((sample) => sample.iteration <= iteration),
      phase,
      whole_val,
      checksum: "0".repeat(64),
    };
    return readAbout(JSON.parse(canonicalJson(about)), Infinity).about;
  }

  /** The engines before this one, without those that trained nothing; neighbours that are the same are one. */
  async #parts(): Promise<About["earlier"]> {
    const parts: About["earlier"] = [], now = await this.#made_by;
    for (const { made_by, until } of this.#earlier) {
      const engine = madeByOf(await made_by), last = parts.at(-1);
      if (until <= (last?.until ?? 0)) continue;
      if (last && sameEngine(last, engine)) last.until = until;
      else parts.push({ ...engine, until });
    }
    const last = parts.at(-1);
    return last && sameEngine(last, now) ? parts.slice(0, -1) : parts;
  }
}

function noteOf({ about, rest }: Checkpoint, same_engine: boolean): string {
  const { iteration, engine, browser } = about;
  if (rest === null) return loaded.weights(iteration);
  if (!same_engine) return loaded.other_engine(iteration, about);
  if (engine !== "webgpu") return loaded.same(iteration);
  return browser === undefined ? loaded.same_card(iteration) : loaded.same_browser(iteration);
}
