// A checkpoint: a run as one .safetensors file. Weights in the order and under the names of training/params.ts, then
// AdamW's moments as adamw.m.* and adamw.v.*, then the losses as history.train and history.val. Weights alone make a
// smaller file.
import type { TrainingState } from "../training/backend.ts";
import type { ModelConfig } from "../training/config.ts";
import { countParameters, tensors } from "../training/params.ts";
import { type About, MOST_SAMPLES, readAbout } from "./about.ts";
import { canonicalJson } from "./canonical_json.ts";
import { digest, joined } from "./digest.ts";
import { FileError } from "./file_error.ts";
import { MOST_BYTES, MOST_HEADER, PREFIX } from "./limits.ts";
import { headerOf, type Layout, layoutOf, type NamedTensor } from "./safetensors.ts";
import { strictJson } from "./strict_json.ts";

/** The one metadata entry: readers of several write them in random order. */
const ENTRY = "press_start";
const MOMENTS = ["m", "v"] as const;
const NO_CHECKSUM = "0".repeat(64);

/** The losses, in nats per character; NaN where not measured. */
export interface Losses {
  /** [iteration]: of each iteration's batch before its update. */
  train: Float32Array<ArrayBuffer>;
  /** [iteration + 1]: on the validation windows before that update. */
  val: Float32Array<ArrayBuffer>;
}

export interface Checkpoint {
  about: About;
  params: Float32Array<ArrayBuffer>;
  /** Null in a file of weights alone. */
  rest: { m: Float32Array<ArrayBuffer>; v: Float32Array<ArrayBuffer>; losses: Losses } | null;
}

/** Name and shape of every tensor, with the vector that holds it and where it begins there. */
interface Slot {
  name: string;
  shape: number[];
  within: "params" | "m" | "v" | "train" | "val";
  offset: number;
  size: number;
}

/** All tensors of a file, in the order of the checksum. */
function slotsOf(model: ModelConfig, iteration: number, weights_only: boolean): Slot[] {
  const all = tensors(model);
  const weights = all.map(({ name, shape, offset, size }): Slot => ({ name, shape, within: "params", offset, size }));
  if (weights_only) return weights;
  const moments = MOMENTS.flatMap((within) =>
    weights.map((slot): Slot => ({ ...slot, name: `adamw.${within}.${slot.name}`, within }))
  );
  const losses = (within: "train" | "val", size: number): Slot => ({
    name: `history.${within}`,
    shape: [size],
    within,
    offset: 0,
    size,
  });
  return [...weights, ...moments, losses("train", iteration), losses("val", iteration + 1)];
}

type Vectors = Record<Slot["within"], Float32Array<ArrayBuffer>>;

function vectorsOf({ params, rest }: Checkpoint): Partial<Vectors> {
  return rest ? { params, m: rest.m, v: rest.v, ...rest.losses } : { params };
}

/** @throws FileError "no-room" if seed and names alone are too long for the header */
export async function writeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { about: { model, iteration }, rest } = checkpoint, vectors = vectorsOf(checkpoint);
  const named = slotsOf(model, iteration, rest === null).map(({ name, shape, within, offset, size }): NamedTensor => {
    return { name, shape, data: vectors[within]!.subarray(offset, offset + size) };
  });
  const about = fitted(checkpoint.about, named), data = named.map(({ data }) => data);
  const checksum = await digest([canonicalJson(about), ...data]);
  return joined([headWith(about, checksum, named), ...data]);
}

function headWith(about: About, checksum: string, named: NamedTensor[]): Uint8Array<ArrayBuffer> {
  return headerOf(named, { [ENTRY]: canonicalJson({ ...about, checksum }) });
}

/** With as many of the newest samples as the header has room for. */
function fitted(about: About, named: NamedTensor[]): About {
  const newest = (count: number) => ({ ...about, samples: count === 0 ? [] : about.samples.slice(-count) });
  const fits = (count: number) => headWith(newest(count), NO_CHECKSUM, named).length <= PREFIX + MOST_HEADER;
  let most = Math.min(MOST_SAMPLES, about.samples.length), least = 0;
  if (fits(most)) return newest(most);
  if (!fits(0)) throw new FileError({ kind: "no-room", most: MOST_HEADER });
  while (most - least > 1) { // `least` fits, `most` does not
    const middle = (least + most) >> 1;
    if (fits(middle)) least = middle;
    else most = middle;
  }
  return newest(least);
}

/**
 * Reads a file and checks all of it. Nothing of it is copied, and nothing allocated, before its header fits its length.
 * @param size the file's length, if `bytes` is only its beginning because the file is too large
 * @throws FileError with one sentence for the first mistake
 */
export async function readCheckpoint(bytes: Uint8Array<ArrayBuffer>, size = bytes.length): Promise<Checkpoint> {
  const layout = layoutOf(bytes, size);
  if (size > MOST_BYTES) throw new FileError({ kind: "too-large", size, most: MOST_BYTES });
  const text = layout.metadata[ENTRY];
  if (text === undefined) throw new FileError({ kind: "not-ours" });
  const { about, checksum } = readAbout(strictJson(text, "press_start"));
  const weights_only = ![...layout.tensors.keys()].some((name) => /^(adamw|history)\./.test(name));
  const slots = slotsOf(about.model, about.iteration, weights_only);
  checkSlots(slots, layout);
  const vectors = vectorsIn(bytes, slots, layout, about);
  const in_order = slots.map(({ within, offset, size }) => vectors[within].subarray(offset, offset + size));
  if (await digest([withoutChecksum(text, checksum), ...in_order]) !== checksum) {
    throw new FileError({ kind: "checksum" });
  }
  slots.forEach((slot, i) => checkNumbers(slot, in_order[i]));
  const { params, m, v, train, val } = vectors;
  return { about, params, rest: weights_only ? null : { m, v, losses: { train, val } } };
}

function checkSlots(slots: Slot[], { tensors: there }: Layout): void {
  const names = new Set(slots.map(({ name }) => name));
  for (const tensor of there.keys()) if (!names.has(tensor)) throw new FileError({ kind: "unknown", tensor });
  for (const { name: tensor, shape: expected } of slots) {
    const sizes = there.get(tensor)?.shape;
    if (!sizes) throw new FileError({ kind: "missing", tensor });
    if (sizes.join() !== expected.join()) throw new FileError({ kind: "shape", tensor, sizes, expected });
  }
}

/** The tensors gathered into the engine's vectors, in whatever order the file has them. */
function vectorsIn(
  bytes: Uint8Array<ArrayBuffer>,
  slots: Slot[],
  { tensors, data_at }: Layout,
  { model, iteration }: About,
): Vectors {
  const { buffer } = bytes.slice(data_at); // copied, because a header may have any length, and numbers need alignment
  const count = countParameters(model);
  const vector = (within: Slot["within"], length: number) =>
    new Float32Array(slots.some((slot) => slot.within === within) ? length : 0);
  const vectors: Vectors = {
    params: vector("params", count),
    m: vector("m", count),
    v: vector("v", count),
    train: vector("train", iteration),
    val: vector("val", iteration + 1),
  };
  for (const { name, within, offset, size } of slots) {
    vectors[within].set(new Float32Array(buffer, tensors.get(name)!.begin, size), offset);
  }
  return vectors;
}

/** The metadata as it stands in the file, without the checksum: other writers may write numbers in another form. */
function withoutChecksum(text: string, checksum: string): string {
  const member = `"checksum":"${checksum}"`, [before, after, ...more] = text.split(member);
  if (after === undefined || more.length > 0) throw new FileError({ kind: "checksum" });
  return before.endsWith(",") ? before.slice(0, -1) + after : before + after.replace(/^,/, "");
}

function checkNumbers({ name: tensor, within }: Slot, numbers: Float32Array): void {
  const losses = within === "train" || within === "val";
  const at = numbers.findIndex((value) =>
    losses ? Math.abs(value) === Infinity : !Number.isFinite(value) || within === "v" && value < 0
  );
  if (at >= 0) throw new FileError({ kind: "number", tensor, at, value: numbers[at] });
}

/** Two hashes: of the weights alone, and of everything that decides how the run goes on. */
export interface Hashes {
  /** As fingerprint() of training/fingerprint.ts. */
  weights: string;
  /** Over canonical JSON of text, iteration, model, seed and training, then weights and moments. Null without moments. */
  state: string | null;
}

export async function hashesOf(
  about: Pick<About, "corpus" | "iteration" | "model" | "seed" | "training">,
  { params, m, v }: Pick<TrainingState, "params"> & Partial<TrainingState>,
): Promise<Hashes> {
  const { corpus: { sha256, characters }, iteration, model, seed, training } = about;
  const decisive = canonicalJson({ corpus: { sha256, characters }, iteration, model, seed, training });
  return {
    weights: await digest([params]),
    state: m && v ? await digest([decisive, params, m, v]) : null,
  };
}
