// What an engine must report when it is observed: NumPy's float64 numbers on the golden weights, the inputs that they
// belong to, and how far an engine is from them. record_observed.py writes the files and documents their contents. This
// file knows no engine, so every engine is compared with the same numbers in the same way.
import { type Expectations, type ForwardPass, softmax, type UpdateNorms } from "../../engine/training/observation.ts";
import type { ModelConfig } from "../../engine/training/config.ts";
import type { Backend, BackendOptions, TrainingState } from "../../engine/training/backend.ts";
import { hash32 } from "../../engine/training/rng.ts";
import { type Golden, golden_gradients, goldenBatch } from "./golden.ts";
import { goldenOptions } from "./webgpu/shapes.ts";
import awkward_file from "./golden/observed_awkward.json" with { type: "json" };
import lesson_file from "./golden/observed_lesson.json" with { type: "json" };
import odd_heads_file from "./golden/observed_odd_heads.json" with { type: "json" };

/**
 * The largest relative error of any number. Logits are compared as the probabilities that they give: they are fixed up to
 * a constant for each row, and one near 0 has no relative error. Attention, probabilities and norms are all positive, and
 * each is compared with itself: |a - b| <= 1e-4 |b|, however small it is beside its row or map.
 */
export const OBSERVED_TOLERANCE = 1e-4;

interface Recorded {
  passes: {
    heads_off: number[];
    places: number[];
    logits: string;
    early: string;
    attention: string;
    stream_rms: number[];
  }[];
  expectations: { prompt: number; written: number; logits: string; early: string };
  norms: { iteration: number; gradient: number[]; update: number[]; weight: number[] };
}

/** A golden model, and what is observed of it. */
export interface Observed {
  golden: Golden;
  recorded: Recorded;
}

/** The lesson's shape, a small one with odd T and V, and one whose heads have nine channels. */
export const observed: Record<keyof typeof golden_gradients, Observed> = {
  lesson: { golden: golden_gradients.lesson, recorded: lesson_file },
  awkward: { golden: golden_gradients.awkward, recorded: awkward_file },
  odd_heads: { golden: golden_gradients.odd_heads, recorded: odd_heads_file },
};

const MOMENTS_KEY = 19;
/** Added to the logit of a character that shall be written. */
const FORCE = 1e6;

/** A backend with these options has the golden weights, and draws the batch of the recorded norms. */
export function observedOptions({ golden }: Observed): BackendOptions {
  return goldenOptions(golden).options;
}

/** The state before the update whose norms are recorded. */
function stateBefore({ golden, recorded }: Observed): TrainingState {
  const { params } = goldenOptions(golden).options.initial,
    u = (i: number, k: number) => hash32(MOMENTS_KEY, i, k) / 2 ** 32;
  return {
    iteration: recorded.norms.iteration,
    params,
    m: params.map((_, i) => (u(i, 0) - 0.5) * 0.02),
    v: params.map((_, i) => (u(i, 1) + 0.5) * 1e-4),
  };
}

/** The worst of some relative errors, and where it is. An error that is NaN is the worst. */
export class WorstError {
  error = 0;
  where = "nothing was compared";
  compared = 0;

  compare(where: string, found: ArrayLike<number>, expected: ArrayLike<number>): void {
    if (found.length !== expected.length) {
      this.#take(Infinity, `${where} has ${found.length} numbers, expected ${expected.length}`);
    }
    for (let i = 0; i < expected.length; i++) {
      this.compared++;
      if (found[i] === expected[i]) continue;
      this.#take(Math.abs(found[i] - expected[i]) / Math.abs(expected[i]), `${where}, number ${i}`);
    }
  }

  /** Rows of V logits, compared as probabilities. */
  compareLogits(where: string, found: Float32Array, expected: Float32Array, V: number): void {
    this.compare(where, probabilities(found, V), probabilities(expected, V));
  }

  #take(error: number, where: string): void {
    if (!(error <= this.error)) Object.assign(this, { error: Number.isNaN(error) ? Infinity : error, where });
  }
}

function probabilities(logits: Float32Array, V: number): Float64Array {
  const result = new Float64Array(logits.length);
  for (let at = 0; at + V <= logits.length; at += V) result.set(softmax(logits.subarray(at, at + V)), at);
  return result;
}

function unpacked(base64: string): Float32Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

/** Those rows, each of `length` numbers. */
function rowsAt(values: Float32Array, rows: number[], length: number): Float32Array {
  const result = new Float32Array(rows.length * length);
  rows.forEach((row, i) => result.set(values.subarray(row * length, (row + 1) * length), i * length));
  return result;
}

/**
 * Observes a backend that was created with observedOptions(), and compares everything with the recorded numbers. The
 * backend then has the state after the recorded update.
 * @returns the worst relative error of each kind of number
 */
export async function compareObserved(backend: Backend, observed: Observed): Promise<Record<string, WorstError>> {
  const { golden: { model }, recorded } = observed, tokens = goldenBatch(observed.golden).inputs;
  const worst: Record<string, WorstError> = {};
  for (const pass of recorded.passes) {
    const off = Uint8Array.from({ length: model.n_layer * model.n_head }, (_, i) => Number(pass.heads_off.includes(i)));
    const all_on = pass.heads_off.length === 0;
    const found = await backend.observe(tokens.slice(0, model.block_size), all_on ? undefined : off);
    worst[all_on ? "a pass" : "a pass with a head off"] = comparePass(found, pass, model);
  }
  worst["what is expected of a text"] = await compareExpectations(backend, observed, tokens);
  await backend.load(stateBefore(observed));
  await backend.train(recorded.norms.iteration + 1, () => {}, { requested: false });
  worst["norms"] = compareNorms(await backend.norms(), recorded.norms);
  return worst;
}

function comparePass(found: ForwardPass, pass: Recorded["passes"][number], model: ModelConfig): WorstError {
  const { n_layer: L, n_head: NH, block_size: T, vocab_size: V } = model, worst = new WorstError();
  const { places } = pass, maps = Array.from({ length: L * NH }, (_, map) => map);
  worst.compareLogits("logits", rowsAt(found.logits, places, V), unpacked(pass.logits), V);
  worst.compareLogits("early logits", rowsAt(found.early, places, L * V), unpacked(pass.early), V);
  const rows = maps.flatMap((map) => places.map((place) => map * T + place));
  worst.compare("attention", rowsAt(found.attention, rows, T), unpacked(pass.attention));
  worst.compare("rms of the stream", found.stream_rms, pass.stream_rms);
  const whole = [T * V, T * L * V, L * NH * T * T];
  const lengths = [found.logits.length, found.early.length, found.attention.length];
  worst.compare("lengths", lengths, whole);
  return worst;
}

/** The recorded text is written because the noise prefers each of its characters. */
async function compareExpectations(backend: Backend, { golden, recorded }: Observed, tokens: Uint8Array) {
  const { block_size: T, vocab_size: V } = golden.model, { prompt, written, logits, early } = recorded.expectations;
  const text = tokens.subarray(T, T + written), noise = new Float32Array(written * V), worst = new WorstError();
  text.forEach((character, i) => noise[i * V + character] = FORCE);
  worst.compare("the text", await backend.generate(tokens.slice(0, prompt), noise), text);
  const found: Expectations = await backend.expectations();
  worst.compareLogits("expected logits", found.logits, unpacked(logits), V);
  worst.compareLogits("expected early logits", found.early, unpacked(early), V);
  return worst;
}

function compareNorms(found: UpdateNorms | null, recorded: Recorded["norms"]): WorstError {
  const worst = new WorstError();
  for (const kind of ["gradient", "update", "weight"] as const) {
    worst.compare(`norms of the ${kind}`, found?.[kind] ?? [], recorded[kind]);
  }
  return worst;
}
