// What an instance of gpt.c reports about its inside, as observation.ts describes it: rows without their padding, and
// sums of squares as norms.
import type { ModelConfig } from "../training/config.ts";
import {
  checkPass,
  type Expectations,
  type ForwardPass,
  rootMeanSquare,
  type UpdateNorms,
} from "../training/observation.ts";
import { tensors } from "../training/params.ts";
import { type Instance } from "./instance.ts";

/** Of the characters that the last generateWith() appended. */
export function expectationsOf(instance: Instance, { n_layer: L, vocab_size: V }: ModelConfig): Expectations {
  const count = instance.appended;
  return { logits: rows(instance.drawn_from, count, V), early: rows(instance.drawn_early, count * L, V) };
}

/** A forward pass over 1 to T characters, as Backend.observe() describes it. */
export function observeWith(
  instance: Instance,
  model: ModelConfig,
  characters: Uint8Array,
  heads_off?: Uint8Array,
): ForwardPass {
  const { n_layer: L, n_head: NH, n_embd: C, block_size: T, vocab_size: V } = model, t = characters.length;
  checkPass(model, characters, heads_off);
  instance.tokens.set(characters);
  if (heads_off) instance.heads_off.set(heads_off);
  instance.calls.observe(t);
  const attention = new Float32Array(L * NH * t * t);
  instance.attention.forEach((maps, layer) => attention.set(rows(maps, NH * t, t), layer * NH * t * t));
  return {
    logits: rows(instance.logits, t, V),
    early: rows(instance.early, t * L, V),
    attention,
    stream_rms: Float32Array.from(
      { length: L + 1 },
      (_, i) => rootMeanSquare(instance.streams.subarray(i * T * C, (i * T + t) * C)),
    ),
  };
}

/** `count` rows of `length` numbers, which in C's memory are padded to whole SIMD vectors. */
function rows(padded: Float32Array, count: number, length: number): Float32Array<ArrayBuffer> {
  const stride = (length + 3) & ~3, result = new Float32Array(count * length);
  for (let row = 0; row < count; row++) {
    result.set(padded.subarray(row * stride, row * stride + length), row * length);
  }
  return result;
}

/** Call it right after an update, before which the weights were copied to `before`; the gradient is in buffer 0. */
export function updateNorms({ calls }: Instance, model: ModelConfig): UpdateNorms {
  const list = tensors(model);
  const norms = (a: number, b: number | null) =>
    Float32Array.from(
      list,
      ({ offset, size }) => Math.sqrt(calls.sum_of_squares(a + 4 * offset, b === null ? 0 : b + 4 * offset, size)),
    );
  const params = calls.params_at(), before = calls.before_at();
  return {
    gradient: norms(calls.gradients_at(0), null),
    update: norms(params, before),
    weight: norms(before, null),
  };
}
