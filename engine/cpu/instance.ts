// One WebAssembly instance of gpt.c, with its memory as typed arrays. Each Worker has one.
import { allocatingLater, OutOfMemoryError } from "../training/allocate.ts";
import type { CpuModule, Fault } from "../training/backend.ts";
import type { ModelConfig } from "../training/config.ts";
import { countParameters } from "../training/params.ts";
import { MAX_DRAWN } from "../training/sampling_noise.ts";
import { cpuModule, hasSimd, moduleBytes } from "./modules.ts";

/** A batch is always split into this many parts, so that sums do not depend on the number of Workers. */
export const LEAVES = 8;
/** @returns how many gradient buffers a sum over `parts` (a power of two) needs at the same time */
export const levelsFor = (parts: number) => Math.log2(parts) + 1;
/** Windows that an instance evaluates at once: more would save little time, and each takes memory. */
const EVALUATED_ROWS = 64;
/** @returns how many token rows an instance has room for: a whole batch, or the windows of an evaluation */
export const tokenRows = (batch_size: number) => Math.max(batch_size, EVALUATED_ROWS);

/** What gpt.c's `Options` holds, in its order: 32-bit whole numbers, and one f32. A test compares the two lists. */
export const INSTANCE_OPTIONS = [
  ...["n_layer", "n_head", "n_embd", "block_size", "vocab_size", "mlp_ratio", "layer_norm_eps"],
  ...["batch_size", "leaves", "levels", "token_rows", "noise_rows", "trains", "careless"],
] as const;
/** The only f32 among them. */
const FRACTION = "layer_norm_eps";

interface Exports {
  memory: WebAssembly.Memory;
  /** Where the options are written before `create`. */
  options_at(): number;
  create(): number;
  params_at(): number;
  m_at(): number;
  v_at(): number;
  gradients_at(level: number): number;
  nll_at(): number;
  noise_at(): number;
  tokens_at(): number;
  weights_changed(): void;
  gradients(first_leaf: number, leaf_count: number, batch_size: number): number;
  add_gradients(into: number, from: number): void;
  evaluate(count: number): void;
  generate(prompt: number, count: number): void;
  /** An index into FAULTS. */
  fault_kind(): number;
  /** The number that was too large; see careless.c. */
  fault_number(): number;
  update(lr: number, b1: number, b2: number, eps: number, decay: number, correct1: number, correct2: number): void;
}

export interface Instance {
  calls: Exports;
  params: Float32Array<ArrayBuffer>;
  /** AdamW's moments; empty in an instance that does not train. */
  m: Float32Array<ArrayBuffer>;
  v: Float32Array<ArrayBuffer>;
  /** The buffers that gradients() and add_gradients() refer to by index. */
  gradients: Float32Array<ArrayBuffer>[];
  /** [token rows, T] */
  nll: Float32Array<ArrayBuffer>;
  /** [MAX_DRAWN, ceil4(V)] */
  noise: Float32Array<ArrayBuffer>;
  /** [token rows, T + 1] */
  tokens: Uint8Array<ArrayBuffer>;
}

/** An empty module. */
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** Why the engine cannot run here; null if it can. */
export function whyNoWasm(): "no-wasm" | "wasm-forbidden" | "no-wasm-simd" | null {
  if (typeof WebAssembly !== "object") return "no-wasm";
  try {
    new WebAssembly.Module(EMPTY_MODULE);
  } catch {
    return "wasm-forbidden"; // by a content security policy: the module itself is valid
  }
  return hasSimd() ? null : "no-wasm-simd";
}

/** Where careless arithmetic can go wrong first, numbered as in kernels.h. */
const FAULTS: (Fault["where"] | null)[] = [null, "attention", "gelu", "softmax", "logarithm"];

/** @returns null if nothing has gone wrong so far */
export function firstFault({ calls }: Instance): Fault | null {
  const where = FAULTS[calls.fault_kind()];
  return where === null ? null : { where, exponent: calls.fault_number() };
}

/**
 * @param trains whether this instance holds the optimiser's state
 * @param levels gradient buffers, by levelsFor
 * @param careless whether to compute without guarding against large numbers, as careless.c does
 * @param module by default the one for this browser
 * @throws OutOfMemoryError when the browser refuses the memory
 */
export async function createInstance(
  model: ModelConfig,
  batch_size: number,
  trains: boolean,
  levels = levelsFor(LEAVES),
  careless = false,
  module: CpuModule = cpuModule(),
): Promise<Instance> {
  const { instance } = await allocatingLater(async () => WebAssembly.instantiate(await moduleBytes(module)));
  const calls = instance.exports as unknown as Exports;
  const token_rows = tokenRows(batch_size), noise_rows = MAX_DRAWN;
  const options = { ...model, batch_size, leaves: LEAVES, levels, token_rows, noise_rows, trains, careless };
  const view = new DataView((calls.memory as { buffer: ArrayBuffer }).buffer, calls.options_at());
  INSTANCE_OPTIONS.forEach((name, i) => {
    const value = Number(options[name]);
    if (name === FRACTION) view.setFloat32(4 * i, value, true);
    else view.setInt32(4 * i, value, true);
  });
  const count = calls.create();
  if (count === 0) throw new OutOfMemoryError("memory.grow was refused");
  if (count !== countParameters(model)) {
    throw new Error(`gpt.c counts ${count} weights, params.ts ${countParameters(model)}`);
  }
  // Read the buffer only now: create() grew the memory, which replaces its buffer.
  const { buffer } = calls.memory as { buffer: ArrayBuffer }, T = model.block_size;
  const floats = (at: number, length: number) => new Float32Array(buffer, at, length);
  return {
    calls,
    params: floats(calls.params_at(), count),
    m: floats(calls.m_at(), trains ? count : 0),
    v: floats(calls.v_at(), trains ? count : 0),
    gradients: Array.from({ length: levels }, (_, level) => floats(calls.gradients_at(level), count)),
    nll: floats(calls.nll_at(), token_rows * T),
    noise: floats(calls.noise_at(), noise_rows * paddedVocabulary(model)),
    tokens: new Uint8Array(buffer, calls.tokens_at(), token_rows * (T + 1)),
  };
}

/** V rounded up to whole SIMD vectors. */
export function paddedVocabulary(model: ModelConfig): number {
  return (model.vocab_size + 3) & ~3;
}

/** Continues a prompt, as Backend.generate() describes. */
export function generateWith(
  { calls, tokens, noise: rows }: Instance,
  model: ModelConfig,
  prompt: Uint8Array,
  noise: Float32Array,
): Uint8Array {
  const V = model.vocab_size, VP = paddedVocabulary(model), count = noise.length / V;
  if (prompt.length + count > tokens.length) {
    throw new RangeError(`A sample of ${count} characters is longer than ${tokens.length - prompt.length}.`);
  }
  for (let i = 0; i < count; i++) rows.set(noise.subarray(i * V, (i + 1) * V), i * VP);
  tokens.set(prompt);
  calls.generate(prompt.length, count);
  return tokens.slice(prompt.length, prompt.length + count);
}
