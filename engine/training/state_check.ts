// Looks at a state before an engine begins from it. A shorter one would go on from weights that are half its own and
// half another's, and one NaN spreads to all of them: both look like a run.
import type { TrainingState } from "./backend.ts";
import { type ModelConfig, UnsuitableError } from "./config.ts";
import { countParameters, tensors } from "./params.ts";

const PARTS = ["params", "m", "v"] as const;
const count = (n: number) => n.toLocaleString("en-GB");

/** @throws UnsuitableError naming the first number that cannot be; nothing of the state has then been used */
export function checkState(state: TrainingState, model: ModelConfig, iterations: number): void {
  const { iteration } = state;
  if (!(Number.isInteger(iteration) && iteration >= 0 && iteration <= iterations)) {
    throw new UnsuitableError(
      `The state stands at iteration ${iteration}; this run takes whole numbers from 0 to ${count(iterations)}.`,
    );
  }
  for (const part of PARTS) {
    checkLength(`The state's ${part}`, state[part], countParameters(model));
    const at = state[part].findIndex((number) => !Number.isFinite(number) || (part === "v" && number < 0));
    if (at < 0) continue;
    const { name } = tensors(model).findLast(({ offset }) => offset <= at)!;
    const number = state[part][at], why = Number.isFinite(number) ? "; a mean of squares is never below 0" : "";
    throw new UnsuitableError(`The state's ${part} is ${number} at number ${count(at)}, in ${name}${why}.`);
  }
}

/** @throws UnsuitableError where a vector of a model's weights, or of their like, has another length */
export function checkLength(what: string, numbers: Float32Array | undefined, expected: number): void {
  if (numbers?.length === expected) return;
  const length = numbers ? count(numbers.length) : "no";
  throw new UnsuitableError(`${what} holds ${length} numbers; this model has ${count(expected)} weights.`);
}

/** Whether training can go on from a state: one that has diverged holds infinity or NaN. */
export function isSound(state: TrainingState): boolean {
  return PARTS.every((part) => allFinite(state[part]));
}

/** In whole numbers, which browsers compute fast from the first call on: some 0.3 ms for a million weights. */
function allFinite(numbers: Float32Array): boolean {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length), exponent = 0x7f800000;
  let largest = 0;
  for (let i = 0; i < bits.length; i++) largest = Math.max(largest, bits[i] & exponent);
  return largest < exponent;
}
