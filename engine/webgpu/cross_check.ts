// Whether a graphics card computes what the CPU engine computes. Faulty drivers give zeros, NaN or numbers that merely
// look right, and report no error; the curve of such a run would be believed. So now and then both engines make one
// iteration from the same weights, moments and batch, and everything that comes of it is compared.
import type { Backend, BackendOptions, TrainingState } from "../training/backend.ts";
import type { ModelConfig } from "../training/config.ts";
import { countParameters, initialWeights, tensors } from "../training/params.ts";
import { batchStart, hash32, streamKey } from "../training/rng.ts";
import { samplingNoise } from "../training/sampling_noise.ts";
import { isSound } from "../training/state_check.ts";
import type { Difference } from "../wording_of_failures.ts";
import { WebGpuError } from "./webgpu_error.ts";

/**
 * Nats, or a part of a loss above 1. Sound cards agree with the CPU engine to 1e-6, with f32's seven digits; the losses
 * of two batches with the same weights are some 1e-3 apart.
 */
export const LOSS_TOLERANCE = 1e-4;
/**
 * How far two engines' changes of a tensor are apart, as a part of the change's length. Rounding makes 0.005 of it at
 * most, and that at the first update, where AdamW takes a gradient's sign and the sign of a tiny one may turn. A tensor that
 * stays where it is differs by 1, one that moves in any direction by 1.4.
 */
export const CHANGE_TOLERANCE = 0.1;
/** A change of the last digits alone may be rounded away: a part of the tensor's length. */
const ROUNDING = 2 ** -21;
/**
 * Where a gradient is the small rest of large numbers that cancel (a text known by heart, weights grown large), the last
 * digits decide. So an engine is accused only of a difference this many times as large as the CPU engine's own, from
 * weights whose last digits were changed. An NVIDIA H100 differed by up to 1.5 of what CHANGE_TOLERANCE allows in such runs.
 */
const UNSTEADY = 10, ROUNDINGS = 3, DIGITS_KEY = 0xd161, LAST_DIGIT = 2 ** -22;
/** Beyond it an update at a huge learning rate may leave f32 in one engine and not quite in the other. */
const NEAR_THE_END = 1e35;
/**
 * Parts of ln V. Above it a run has exploded. Huge weights then magnify the last digits, by which engines differ: of
 * losses only a part counts, a card's arithmetic may end before the CPU's does, and changes are not compared.
 */
const SANE = 1.5, EXPLODED_TOLERANCE = 0.1;
/** Characters that both engines write, and how often: one of them may hang on the last digits, but not two. */
const CHARACTERS = 16, DRAWS = 2, PROMPT = 8, DRAW_KEY = 0x5eed;

const never = { requested: false };

/** One iteration of a card. */
export interface Inspection {
  /** Its loss, as the card gave it. */
  loss: number;
  /** The state after it. */
  after: TrainingState;
  /** What differs from the CPU engine's result; null where all agrees, or nothing can be compared. */
  wrong: Difference | null;
}

/**
 * Has both engines make one iteration from the state in which the GPU is.
 * @param reference a CPU engine for the same run; the state that it had is lost
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

/** A run that has diverged cannot be compared; but from weights that are not numbers no loss can be one. */
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
 * Tries a card before anything that it computes counts, and brings it to the state in which its run begins.
 * @throws WebGpuError "wrong" saying what it computes differently
 */
export async function tryOut(gpu: Backend, reference: Backend, options: BackendOptions): Promise<void> {
  const { run, initial, batch_key } = options, begin = initial.iteration === 0 ? initial : newState(options);
  await gpu.load(begin, batch_key);
  const { after, wrong } = await inspect(gpu, reference, options, begin);
  if (wrong !== null) throw wrongResult(gpu, wrong);
  if (run.training.iterations > 1 && isSound(after)) {
    // A card that repeats a loss, or reports it an iteration late, may have been right once.
    const loss = await lossOfNext(gpu);
    await reference.load(after, batch_key);
    const own = mean(await reference.evaluate(batchOf(options, 1)));
    const differs = lossDiffers(options, loss, own, { kind: "loss", iteration: 1 });
    if (differs !== null) throw wrongResult(gpu, differs);
  }
  await gpu.load(initial, batch_key);
}

/**
 * Whether a loss that is not a number is the card's alone: the CPU engine makes the same two iterations.
 * @param before the state one iteration before the one with that loss, or the latter's own
 */
export async function divergesAlone(
  reference: Backend,
  options: BackendOptions,
  before: TrainingState,
  iteration: number,
): Promise<boolean> {
  if (!isSound(before)) return true; // the loss before this one was a number, which cannot have come from these
  await reference.load(before, options.batch_key);
  let loss = NaN;
  while (reference.iteration <= iteration) loss = await lossOfNext(reference);
  return isSane(loss, options);
}

export function wrongResult({ adapter }: Backend, difference: Difference): WebGpuError {
  return new WebGpuError("wrong", { adapter, difference });
}

/** Whether a loss is a number, and that of a run in which sound engines agree. */
export function isSane(loss: number, { run }: BackendOptions): boolean {
  return loss < SANE * Math.log(run.model.vocab_size);
}

/** New weights: they are small, so that engines agree whatever the learning rate is. */
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
 * A tensor that changed otherwise than in the CPU engine.
 * @param reference has made the iteration
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

/** The same weights, each rounded otherwise. @param which of several ways to round them */
function withOtherDigits({ iteration, params, m, v }: TrainingState, which: number): TrainingState {
  const up = (i: number) => hash32(DIGITS_KEY, i, which) % 2 === 0;
  const other = (weight: number, i: number) => weight * (1 + (up(i) ? LAST_DIGIT : -LAST_DIGIT));
  return { iteration, params: params.map(other), m, v };
}

/** @param unsteady what the CPU engine makes of weights with other last digits */
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

/** The moments tell of the gradient itself; the weights' first update holds little more than its sign. */
const PARTS = ["m", "v", "params"] as const;

/** How far two changes of a tensor are apart, in parts of what is tolerated. */
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
