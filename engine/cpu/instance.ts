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
  /** `t` characters at tokens_at(); see gpt.c. */
  observe(t: number): void;
  heads_off_at(): number;
  streams_at(): number;
  early_at(): number;
  logits_at(): number;
  attention_at(layer: number): number;
  drawn_from_at(): number;
  drawn_early_at(): number;
  before_at(): number;
  /** Sum of (a[i] - b[i])^2 over n numbers at two addresses; those at address 0 are zeros. */
  sum_of_squares(a: number, b: number, n: number): number;
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
  /** The weights before an update whose norms are wanted; empty in an instance that does not train. */
  before: Float32Array<ArrayBuffer>;
  /** Characters that the last generateWith() appended, and the logits of each; the names are gpt.c's. */
  appended: number;
  drawn_from: Float32Array<ArrayBuffer>;
  drawn_early: Float32Array<ArrayBuffer>;
  /** What observe() reads and leaves, in gpt.c's shapes; `attention` has a layer each. */
  heads_off: Uint8Array<ArrayBuffer>;
  streams: Float32Array<ArrayBuffer>;
  early: Float32Array<ArrayBuffer>;
  logits: Float32Array<ArrayBuffer>;
  attention: Float32Array<ArrayBuffer>[];
}

/** An instance that trains holds the optimiser's state; one that only assists cannot write. */
export type Work = "trains" | "assists" | "writes";

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
 * @param levels gradient buffers, by levelsFor
 * @param careless whether to compute without guarding against large numbers, as careless.c does
 * @param module by default the one for this browser
 * @throws OutOfMemoryError when the browser refuses the memory
 */
export async function createInstance(
  model: ModelConfig,
  batch_size: number,
  work: Work,
  levels = levelsFor(LEAVES),
  careless = false,
  module: CpuModule = cpuModule(),
): Promise<Instance> {
  const { instance } = await allocatingLater(async () => WebAssembly.instantiate(await moduleBytes(module)));
  const calls = instance.exports as unknown as Exports;
  const trains = work === "trains", token_rows = tokenRows(batch_size), noise_rows = work === "assists" ? 0 : MAX_DRAWN;
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
  const { buffer } = calls.memory as { buffer: ArrayBuffer };
  const { n_layer: L, n_head: NH, n_embd: C, block_size: T } = model, VP = paddedVocabulary(model);
  const observed = work === "assists" ? 0 : T, TP = (T + 3) & ~3;
  const floats = (at: number, length: number) => new Float32Array(buffer, at, length);
  return {
    calls,
    params: floats(calls.params_at(), count),
    m: floats(calls.m_at(), trains ? count : 0),
    v: floats(calls.v_at(), trains ? count : 0),
    gradients: Array.from({ length: levels }, (_, level) => floats(calls.gradients_at(level), count)),
    nll: floats(calls.nll_at(), token_rows * T),
    noise: floats(calls.noise_at(), noise_rows * VP),
    tokens: new Uint8Array(buffer, calls.tokens_at(), token_rows * (T + 1)),
    before: floats(calls.before_at(), trains ? count : 0),
    appended: 0,
    drawn_from: floats(calls.drawn_from_at(), noise_rows * VP),
    drawn_early: floats(calls.drawn_early_at(), noise_rows * L * VP),
    heads_off: new Uint8Array(buffer, calls.heads_off_at(), L * NH),
    streams: floats(calls.streams_at(), observed && (L + 1) * T * C),
    early: floats(calls.early_at(), observed * L * VP),
    logits: floats(calls.logits_at(), T * VP),
    attention: Array.from({ length: L }, (_, layer) => floats(calls.attention_at(layer), NH * T * TP)),
  };
}

/** V rounded up to whole SIMD vectors. */
export function paddedVocabulary(model: ModelConfig): number {
  return (model.vocab_size + 3) & ~3;
}

/** Continues a prompt, as Backend.generate() describes. */
export function generateWith(
  instance: Instance,
  model: ModelConfig,
  prompt: Uint8Array,
  noise: Float32Array,
): Uint8Array {
  const { calls, tokens, noise: rows } = instance;
  const V = model.vocab_size, VP = paddedVocabulary(model), count = noise.length / V;
  if (prompt.length + count > tokens.length) {
    throw new RangeError(`A sample of ${count} characters is longer than ${tokens.length - prompt.length}.`);
  }
  for (let i = 0; i < count; i++) rows.set(noise.subarray(i * V, (i + 1) * V), i * VP);
  tokens.set(prompt);
  calls.generate(prompt.length, count);
  instance.appended = count;
  return tokens.slice(prompt.length, prompt.length + count);
}
