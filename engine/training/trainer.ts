// A model in training: a text, a seed and an engine. Uses neither the DOM nor Workers, and leaves pauses to its caller.
import { allocating } from "./allocate.ts";
import type { Backend, BackendOptions, StopSignal, TrainingState } from "./backend.ts";
import { now } from "./clock.ts";
import { checkSizes, type ModelConfig, type RunConfig, UnsuitableError } from "./config.ts";
import { drawText } from "./drawing.ts";
import { type Corpus, decode, hasValidation, meanOfScored, validationWindows, wholeValidation } from "./corpus.ts";
import {
  type Observation,
  type ObservedLine,
  type ObserveOptions,
  type SampleReading,
  sampleReading,
} from "./observation.ts";
import { observedLine, observedLines, observedNorms } from "./observing.ts";
import { initialWeights } from "./params.ts";
import { phaseIndex, type Rungs, trainingRungs } from "./phase.ts";
import type { IterationReport } from "./iteration_report.ts";
import { streamKey } from "./rng.ts";
import { scheduleTable } from "./schedule.ts";
import { fingerprint } from "./fingerprint.ts";
import { writingsNll } from "./writings.ts";

/**
 * While a part of the waking takes less than WAKING_PART_MS, the next one has twice as many batches: between parts, the
 * card waits for this thread. At most MOST_BATCHES, in case the clock stands still. With eight, an H200 was idle too often
 * to raise its clock: the lesson's run made 0.76 to 0.85 of the bench's iterations a second, with 32 it makes 0.93 to 0.95.
 */
const WAKING_PART_MS = 8, MOST_BATCHES = 32;

/** What the model wrote at an iteration, and how well it predicted at that point. */
export interface Sample {
  iteration: number;
  /** Mean loss on the validation windows, in nats per character; null without validation text. */
  val: number | null;
  phase: string;
  prompt: string;
  text: string;
}

/** What a milestone has measured. */
export interface Measured {
  sample: Sample;
  /** What the model expected where it wrote; null if it wrote nothing, or the engine does not measure it. */
  reading: SampleReading | null;
  /** Null if nothing was to be observed. */
  observation: Observation | null;
}

/** A model at an iteration: all that it needs to write. */
export interface Weights {
  iteration: number;
  model: ModelConfig;
  /** The vocabulary, in its order. */
  characters: string[];
  /** The flat vector of params.ts. */
  params: Float32Array<ArrayBuffer>;
}

export class Trainer {
  readonly run: RunConfig;
  readonly corpus: Corpus;
  readonly backend: Backend;
  /** First iteration whose loss was infinite or NaN, or null. */
  diverged_at: number | null = null;
  /** The rungs that separate the phases. */
  #rungs: Rungs | null;
  #sample_key: number;
  #best = Infinity;
  #last_train = Infinity;

  private constructor(run: RunConfig, corpus: Corpus, rungs: Rungs | null, backend: Backend) {
    this.run = run;
    this.corpus = corpus;
    this.backend = backend;
    const { vocab_size, block_size } = run.model;
    this.#rungs = hasValidation(corpus, block_size)
      ? rungs
      : trainingRungs(corpus.tokens.subarray(0, corpus.training_length), vocab_size);
    this.#sample_key = streamKey(run.seed, "samples");
  }

  /**
   * @param run its vocab_size is replaced by the corpus's
   * @param rungs null if the text's validation part is too short for them
   * @throws UnsuitableError for sizes that the engines do not support, and for a text too short to train on
   */
  static async create(
    run: RunConfig,
    corpus: Corpus,
    rungs: Rungs | null,
    makeBackend: (options: BackendOptions) => Promise<Backend>,
  ): Promise<Trainer> {
    const options = backendOptions(run, corpus);
    const backend = await makeBackend(options);
    return new Trainer(options.run, corpus, rungs, backend);
  }

  get iteration(): number {
    return this.backend.iteration;
  }

  /** Trains up to `until`, or until stopped. Stops by itself at the first loss that is infinite or NaN. */
  async train(until: number, on_report: (report: IterationReport) => void, stop: StopSignal): Promise<void> {
    await this.backend.train(Math.min(until, this.run.training.iterations), (report) => {
      const { first, losses } = report;
      const bad = losses.findIndex((loss) => !Number.isFinite(loss));
      if (bad >= 0 && this.diverged_at === null) {
        this.diverged_at = first + bad;
        stop.requested = true;
      }
      this.#last_train = losses[losses.length - 1];
      on_report(report);
    }, stop);
  }

  /** Mean loss on the fixed validation windows, in nats per character; null without validation text. */
  async evaluate(): Promise<number | null> {
    return (await this.#evaluated())?.val ?? null;
  }

  /** The same, with the loss of each character. */
  async #evaluated(): Promise<{ val: number; starts: Uint32Array; nll: Float32Array } | null> {
    const T = this.run.model.block_size;
    if (!hasValidation(this.corpus, T)) return null;
    const starts = validationWindows(this.corpus, T, this.run.evaluation);
    const nll = await this.backend.evaluate(starts);
    return { val: meanOfScored(nll, T, null), starts, nll };
  }

  /**
   * The same of other weights; the run stays as it is.
   * @param params the flat vector of params.ts
   * @returns NaN for weights with infinity or NaN, which no engine takes
   */
  async evaluateWith(params: Float32Array<ArrayBuffer>): Promise<number | null> {
    if (!params.every(Number.isFinite)) return NaN;
    const state = await this.save();
    await this.backend.load({ ...state, params });
    try {
      return await this.evaluate();
    } finally {
      await this.backend.load(state);
    }
  }

  /** Mean loss on the whole validation text, in nats per character. Each character but the first is scored once. */
  async evaluateWhole(): Promise<number | null> {
    const T = this.run.model.block_size;
    if (!hasValidation(this.corpus, T)) return null;
    const { starts, skip } = wholeValidation(this.corpus, T);
    return meanOfScored(await this.backend.evaluate(starts), T, skip);
  }

  /**
   * Keeps a graphics card busy for `ms` milliseconds, or until stopped, so that its clock is up when training goes on.
   * The results are discarded, and the run stays as it is. Without a card this does nothing.
   */
  async wake(ms: number, stop: StopSignal): Promise<void> {
    const { backend, run: { training: { batch_size } } } = this;
    let over = false, batches = 1;
    const timer = setTimeout(() => over = true, ms); // a timer, because the clock may be coarse or stand still
    try {
      while (backend.kind === "webgpu" && !over && !stop.requested) { // a card that is lost meanwhile is replaced
        const begin = now();
        await backend.evaluate(new Uint32Array(batches * batch_size));
        if (now() - begin < WAKING_PART_MS) batches = Math.min(2 * batches, MOST_BATCHES);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Measures the validation loss and lets the model write. Does not affect training. */
  async evaluateAndSample(characters: number): Promise<Sample> {
    return (await this.#sample(characters, await this.evaluate())).sample;
  }

  /** The same, and what instruments want to know beside it. */
  async measure(characters: number, observe: ObserveOptions | null): Promise<Measured> {
    const { backend, run: { model }, corpus } = this;
    // First, because everything else may use the memory in which the engine keeps the gradient.
    const norms = observe?.norms ? await observedNorms(backend, model) : null;
    const evaluated = await this.#evaluated();
    const line = observe?.lines ? await observedLines(backend, model, corpus.tokens, observe.lines) : null;
    const { sample, written } = await this.#sample(characters, evaluated?.val ?? null);
    const expected = written.length > 0 ? await backend.expectations() : null;
    const reading = expected ? sampleReading(model, written, expected, this.run.sampling.temperature) : null;
    const writings = observe?.writings && evaluated
      ? writingsNll(evaluated.nll, evaluated.starts, corpus.tokens, corpus.characters)
      : null;
    const observation = observe && { iteration: this.iteration, norms, line, writings };
    return { sample, reading, observation };
  }

  /** The norms of the last update, and nothing else. */
  async observeNorms(): Promise<Observation> {
    const norms = await observedNorms(this.backend, this.run.model);
    return { iteration: this.iteration, norms, line: null, writings: null };
  }

  /** What the model expects in a text, with some heads switched off; see observedLine(). */
  observe(tokens: Uint8Array, heads_off?: Uint8Array): Promise<ObservedLine> {
    return observedLine(this.backend, this.run.model, tokens, heads_off);
  }

  /** @param val the loss just measured. @returns what the model wrote, also as vocabulary indices */
  async #sample(characters: number, val: number | null): Promise<{ sample: Sample; written: Uint8Array }> {
    this.#best = Math.min(this.#best, val ?? this.#last_train);
    const phase = phaseIndex(this.#best, this.#rungs, this.run.model.vocab_size);
    const prompt = this.#prompt(), written = await this.#write(prompt, characters), { corpus, iteration, run } = this;
    const words = { prompt: decode(corpus, prompt), text: decode(corpus, written) };
    return { sample: { iteration, val, phase: run.phases[phase], ...words }, written };
  }

  /** The start of the validation text, or of the whole text if that is too short. */
  #prompt(): Uint8Array {
    const { tokens, training_length } = this.corpus;
    const start = hasValidation(this.corpus, this.run.model.block_size) ? training_length : 0;
    return tokens.slice(start, start + this.run.sampling.prompt_characters);
  }

  async #write(prompt: Uint8Array, characters: number): Promise<Uint8Array> {
    const { model, sampling: { temperature } } = this.run, written = new Uint8Array(characters);
    const dice = { key: this.#sample_key, temperature, top_k: model.vocab_size };
    let count = 0;
    await drawText(
      (prompt, noise) => this.backend.generate(prompt, noise),
      model,
      { prompt, characters, dice },
      (part) => {
        written.set(part, count);
        count += part.length;
      },
    );
    return written;
  }

  /** Goes back to iteration 0 with the given seed, which may be the same. */
  async reset(seed: string): Promise<void> {
    this.run.seed = seed;
    this.forget();
    this.#sample_key = streamKey(seed, "samples");
    await this.backend.load(freshState(this.run), streamKey(seed, "batches"));
  }

  /**
   * Continues from the state of a run with this seed. Its losses decide only the phase.
   * @param losses its lowest loss so far at a milestone, and its last train loss; Infinity if there is none
   * @throws UnsuitableError if the state does not fit this model; nothing has changed then
   */
  async load(state: TrainingState, seed: string, losses: { best: number; last_train: number }): Promise<void> {
    await this.backend.load(state, streamKey(seed, "batches"));
    this.run.seed = seed;
    this.forget();
    this.#sample_key = streamKey(seed, "samples");
    this.#best = losses.best;
    this.#last_train = losses.last_train;
  }

  /** Discards all losses so far: the engine has gone back to an earlier iteration, because its results were wrong. */
  forget(): void {
    this.diverged_at = null;
    this.#best = this.#last_train = Infinity;
  }

  save(): Promise<TrainingState> {
    return this.backend.save();
  }

  /** A copy of the weights. */
  async weights(): Promise<Weights> {
    const { iteration, params } = await this.save(), { run: { model }, corpus: { characters } } = this;
    return { iteration, model, characters, params };
  }

  async fingerprint(): Promise<string> {
    return fingerprint((await this.save()).params);
  }

  dispose(): void {
    this.backend.dispose();
  }
}

/**
 * What an engine needs to train a run from its beginning.
 * @param run its vocab_size is replaced by the corpus's
 * @throws UnsuitableError for sizes that the engines do not support, and for a text too short to train on
 */
export function backendOptions(run: RunConfig, corpus: Corpus): BackendOptions {
  const model = { ...run.model, vocab_size: corpus.characters.length };
  checkSizes(model, run.training.batch_size);
  const training_length = Math.min(run.training.training_characters ?? Infinity, corpus.training_length);
  if (training_length < model.block_size + 1) {
    throw new UnsuitableError({ kind: "length", characters: training_length, block_size: model.block_size });
  }
  return {
    run: { ...run, model },
    tokens: corpus.tokens,
    training_length,
    batch_key: streamKey(run.seed, "batches"),
    schedule: scheduleTable(run.training),
    initial: freshState({ ...run, model }),
  };
}

function freshState(run: RunConfig): TrainingState {
  const params = initialWeights(run.model, streamKey(run.seed, "weights"));
  const zeros = allocating(() => new Float32Array(params.length)); // for both moments: engines copy what they load
  return { iteration: 0, params, m: zeros, v: zeros };
}
