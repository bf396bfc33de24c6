// Checks that a graphics card computes the same as the CPU engine. Faulty drivers give zeros, NaN or numbers that
// merely look right, and report no error; the reader would believe the curve of such a run. So now and then both
// engines make one iteration from the same weights, moments and batch, and all results are compared.
import type { Backend, BackendOptions, TrainingState } from "../training/backend.ts";
import type { ModelConfig } from "../training/config.ts";
import { countParameters, initialWeights, tensors } from "../training/params.ts";
import { batchStart, hash32, streamKey } from "../training/rng.ts";
import { samplingNoise } from "../training/sampling_noise.ts";
import { isSound } from "../training/state_check.ts";
import type { Difference } from "../wording_of_failures.ts";
import { WebGpuError } from "./webgpu_error.ts";

/**
 * In nats; relative for losses above 1. Sound cards agree with the CPU engine to 1e-6, f32's seven digits; the losses
 * of two batches with the same weights differ by about 1e-3.
 */
export const LOSS_TOLERANCE = 1e-4;
/**
 * Largest distance between two engines' changes of a tensor, relative to the norm of the change. Rounding causes at
 * most 0.005, at the first update, where AdamW takes the sign of each gradient and a tiny gradient may change its sign.
 * A tensor that does not move differs by 1, one that moves in a random direction by 1.4.
 */
export const CHANGE_TOLERANCE = 0.1;
/** Relative to the norm of the tensor: a change smaller than this may be rounded away. */
const ROUNDING = 2 ** -21;
/**
 * Where a gradient is the small remainder of large numbers that cancel (a memorised text, weights grown large), the
 * last digits decide. So the CPU engine repeats the iteration up to ROUNDINGS times from weights whose last digits were
 * changed, and a card may differ by UNSTEADY times as much as these results do. In such runs, an NVIDIA H100 differed
 * by up to 1.5 times what CHANGE_TOLERANCE allows.
 */
const UNSTEADY = 10, ROUNDINGS = 3, DIGITS_KEY = 0xd161, LAST_DIGIT = 2 ** -22;
/** Tolerances above this are not checked: with a huge learning rate, an update may overflow f32 in one engine only. */
const NEAR_THE_END = 1e35;
/**
 * A run whose loss is above SANE ln V has exploded. Its huge weights magnify the last digits, in which engines differ.
 * So the losses may differ by EXPLODED_TOLERANCE, a card may overflow before the CPU does, and changes are not
 * compared.
 */
const SANE = 1.5, EXPLODED_TOLERANCE = 0.1;
/** Characters that both engines write, and attempts: the last digits may decide one text, but not two. */
const CHARACTERS = 16, DRAWS = 2, PROMPT = 8, DRAW_KEY = 0x5eed;

const never = { requested: false };

/** Result of comparing one iteration. */
export interface Inspection {
  /** The card's loss. */
  loss: number;
  /** The card's state after the iteration. */
  after: TrainingState;
  /** What differs from the CPU engine's result; null if everything agrees, or nothing can be compared. */
  wrong: Difference | null;
}

/**
 * Has both engines make one iteration from the GPU's current state, and compares the results.
 * @param reference a CPU engine for the same run; its own state is overwritten
 * @param from the GPU's current state
 */
export async function inspect(
  gpu: Backend,
  reference: Backend,
  options: BackendOptions,
  from: TrainingState,
): Promise<Inspection> {
  const { iteration } = from;
  if (!isSound(from)) return await inspectLost(gpu, options, from);
  await reference.load(from, options.batch_key);
  const alike = await writeAlike(gpu, reference, options);
  const measured = mean(await gpu.evaluate(batchOf(options, iteration)));
  const loss = await lossOfNext(gpu), after = await gpu.save();
  const own = await lossOfNext(reference);
  const wrong: Difference | null = lossDiffers(options, loss, own, { kind: "loss", iteration }) ??
    lossDiffers(options, measured, own, { kind: "loss measured again", iteration }) ??
    (isSane(own, options) ? await changeDiffers(reference, options, from, after) : null) ??
    (alike || !isSane(own, options) ? null : { kind: "text" });
  return { loss, after, wrong };
}

/** A diverged run cannot be compared. But a sane loss cannot come from weights that are NaN or infinite. */
async function inspectLost(
  gpu: Backend,
  options: BackendOptions,
  { iteration, params }: TrainingState,
): Promise<Inspection> {
  const loss = await lossOfNext(gpu), after = await gpu.save();
  const wrong = isSane(loss, options) && !params.every(Number.isFinite);
  return { loss, after, wrong: wrong ? { kind: "lost weights", iteration, loss } : null };
}

/**
 * Tests a card before any of its results count, and leaves it in the run's initial state.
 * @throws WebGpuError "wrong" saying what it computes differently
 */
export async function tryOut(gpu: Backend, reference: Backend, options: BackendOptions): Promise<void> {
  const { run, initial, batch_key } = options, begin = initial.iteration === 0 ? initial : newState(options);
  await gpu.load(begin, batch_key);
  const { after, wrong } = await inspect(gpu, reference, options, begin);
  if (wrong !== null) throw wrongResult(gpu, wrong);
  if (run.training.iterations > 1 && isSound(after)) {
    // A card that repeats a loss, or reports it an iteration late, may have passed the first comparison.
    const loss = await lossOfNext(gpu);
    await reference.load(after, batch_key);
    const own = mean(await reference.evaluate(batchOf(options, 1)));
    const differs = lossDiffers(options, loss, own, { kind: "loss", iteration: 1 });
    if (differs !== null) throw wrongResult(gpu, differs);
  }
  await gpu.load(initial, batch_key);
}

/**
 * Whether only the card's loss is NaN or infinite at `iteration`: the CPU engine makes the same one or two iterations.
 * @param before the state at `iteration`, or one iteration earlier
 */
export async function divergesAlone(
  reference: Backend,
  options: BackendOptions,
  before: TrainingState,
  iteration: number,
): Promise<boolean> {
  if (!isSound(before)) return true; // the previous loss was finite, so it cannot come from these weights
  await reference.load(before, options.batch_key);
  let loss = NaN;
  while (reference.iteration <= iteration) loss = await lossOfNext(reference);
  return isSane(loss, options);
}

export function wrongResult({ adapter }: Backend, difference: Difference): WebGpuError {
  return new WebGpuError("wrong", { adapter, difference });
}

/** Whether a loss is finite, and low enough for sound engines to agree on it. */
export function isSane(loss: number, { run }: BackendOptions): boolean {
  return loss < SANE * Math.log(run.model.vocab_size);
}

/** Initial weights: they are small, so engines agree at any learning rate. */
function newState({ run }: BackendOptions): TrainingState {
  const zeros = new Float32Array(countParameters(run.model));
  return { iteration: 0, params: initialWeights(run.model, streamKey(run.seed, "weights")), m: zeros, v: zeros };
}

function batchOf({ run, batch_key, training_length }: BackendOptions, iteration: number): Uint32Array {
  const places = training_length - run.model.block_size;
  return Uint32Array.from(
    { length: run.training.batch_size },
    (_, row) => batchStart(batch_key, iteration, row, places),
  );
}

async function lossOfNext(backend: Backend): Promise<number> {
  let loss = NaN;
  await backend.train(backend.iteration + 1, ({ losses }) => loss = losses[0], never);
  return loss;
}

async function writeAlike(gpu: Backend, reference: Backend, { run, tokens }: BackendOptions): Promise<boolean> {
  const { model: { vocab_size }, sampling: { temperature } } = run, prompt = tokens.slice(0, PROMPT);
  for (let draw = 0; draw < DRAWS; draw++) {
    const noise = samplingNoise(DRAW_KEY + draw, CHARACTERS, vocab_size, temperature);
    const written = await gpu.generate(prompt, noise), expected = await reference.generate(prompt, noise);
    if (written.join() === expected.join()) return true;
  }
  return false;
}

function lossDiffers(
  options: BackendOptions,
  loss: number,
  own: number,
  what: { kind: "loss" | "loss measured again"; iteration: number },
): Difference | null {
  const exploded = !isSane(own, options), tolerance = exploded ? EXPLODED_TOLERANCE : LOSS_TOLERANCE;
  if (exploded && !(Number.isFinite(loss) && Number.isFinite(own))) return null;
  if (Math.abs(loss - own) <= tolerance * Math.max(1, own)) return null;
  return { ...what, loss, own };
}

/**
 * The first tensor whose change differs from the CPU engine's, if there is one.
 * @param reference the CPU engine, after the same iteration
 */
async function changeDiffers(
  reference: Backend,
  options: BackendOptions,
  from: TrainingState,
  after: TrainingState,
): Promise<Difference | null> {
  const expected = await reference.save(), { run: { model } } = options;
  let differs = firstApart(model, from, after, expected, expected);
  for (let which = 0; which < ROUNDINGS && differs !== null; which++) {
    await reference.load(withOtherDigits(from, which), options.batch_key);
    await lossOfNext(reference);
    differs = firstApart(model, from, after, expected, await reference.save());
  }
  return differs;
}

/** The same weights with other last digits. @param which selects one of several roundings */
function withOtherDigits({ iteration, params, m, v }: TrainingState, which: number): TrainingState {
  const up = (i: number) => hash32(DIGITS_KEY, i, which) % 2 === 0;
  const other = (weight: number, i: number) => weight * (1 + (up(i) ? LAST_DIGIT : -LAST_DIGIT));
  return { iteration, params: params.map(other), m, v };
}

/** @param unsteady the CPU engine's result from weights with other last digits */
function firstApart(
  model: ModelConfig,
  from: TrainingState,
  after: TrainingState,
  expected: TrainingState,
  unsteady: TrainingState,
): Difference | null {
  for (const { name, offset, size } of tensors(model)) {
    for (const part of PARTS) {
      const of = (state: TrainingState) => state[part].subarray(offset, offset + size);
      if (apart(of(from), of(after), of(expected), of(unsteady)) <= 1) continue;
      return { kind: "change", part, tensor: name };
    }
  }
  return null;
}

/** The moments show the gradient itself; the weights' first update shows little more than its sign. */
const PARTS = ["m", "v", "params"] as const;

/** Distance between two changes of a tensor, relative to the tolerance. */
function apart(from: Float32Array, after: Float32Array, expected: Float32Array, unsteady: Float32Array): number {
  let difference = 0, change = 0, size = 0, own = 0;
  for (let i = 0; i < from.length; i++) {
    difference += (after[i] - expected[i]) ** 2;
    change += (expected[i] - from[i]) ** 2;
    size += expected[i] ** 2;
    own += (unsteady[i] - expected[i]) ** 2;
  }
  const tolerated = CHANGE_TOLERANCE * Math.sqrt(change) + ROUNDING * Math.sqrt(size) + UNSTEADY * Math.sqrt(own);
  if (difference === 0 || !(tolerated < NEAR_THE_END)) return 0;
  const distance = Math.sqrt(difference) / tolerated;
  return Number.isNaN(distance) ? Infinity : distance;
}

const mean = (nll: Float32Array) => nll.reduce((sum, x) => sum + x, 0) / nll.length;
