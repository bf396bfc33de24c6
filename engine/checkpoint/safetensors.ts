// The file format safetensors: 8 bytes with the header's length (little-endian), the header (JSON, filled up with
// spaces), then the tensors' bytes. The reader is strict, and believes no number of the header before it has compared it
// with the file: nothing is allocated because a header says so.
import { FileError } from "./file_error.ts";
import { MOST_HEADER, PREFIX } from "./limits.ts";
import { type Json, strictJson } from "./strict_json.ts";

const F32_BYTES = 4, ALIGNMENT = 8, SPACE = 0x20, BRACE = 0x7b;
const METADATA = "__metadata__";

export interface NamedTensor {
  name: string;
  shape: number[];
  data: Float32Array<ArrayBuffer>;
}

/** Where a tensor lies in the data, in bytes. */
export interface Extent {
  shape: number[];
  begin: number;
  end: number;
}

export interface Layout {
  metadata: Record<string, string>;
  tensors: Map<string, Extent>;
  /** Where the data begins in the file, in bytes. */
  data_at: number;
}

/** @returns length, header and padding: the file up to its data */
export function headerOf(tensors: NamedTensor[], metadata: Record<string, string>): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = [[METADATA, metadata]];
  let end = 0;
  for (const { name, shape, data } of tensors) {
    entries.push([name, { dtype: "F32", shape, data_offsets: [end, end += data.length * F32_BYTES] }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT, head = new Uint8Array(PREFIX + length).fill(SPACE);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(text, PREFIX);
  return head;
}

/**
 * Reads a header and checks it against the file.
 * @param bytes the file, or as much of its beginning as a header may have
 * @param size the whole file's length
 * @throws FileError naming the first mistake
 */
export function layoutOf(bytes: Uint8Array<ArrayBuffer>, size: number): Layout {
  if (bytes.length < PREFIX + 2) throw new FileError({ kind: "not-safetensors" });
  if (bytes[PREFIX] !== BRACE) throw new FileError({ kind: "not-safetensors" });
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MOST_HEADER) throw new FileError({ kind: "long-header", length, most: MOST_HEADER });
  const data_at = PREFIX + length;
  if (data_at > size) throw new FileError({ kind: "cut-header", length, there: size - PREFIX });
  const entries = object(strictJson(headerText(bytes.subarray(PREFIX, data_at)), "header"), "the header");
  const { [METADATA]: metadata = {}, ...rest } = entries, tensors = new Map<string, Extent>();
  for (const [name, entry] of Object.entries(rest)) tensors.set(name, extentOf(name, entry));
  checkCover(tensors, size - data_at);
  return { metadata: strings(metadata), tensors, data_at };
}

/** The header without its padding. */
function headerText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === SPACE) end--;
  if (end > 0 && bytes[end - 1] <= SPACE) throw new FileError({ kind: "padding" });
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, end));
  } catch {
    throw new FileError({ kind: "not-utf8", part: "header" });
  }
}

function object(value: Json, name: string): { [key: string]: Json } {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new FileError({ kind: "field", name, value: JSON.stringify(value), expected: "an object" });
}

function strings(value: Json): Record<string, string> {
  for (const [key, entry] of Object.entries(object(value, METADATA))) {
    if (typeof entry === "string") continue;
    throw new FileError({ kind: "field", name: key, value: JSON.stringify(entry), expected: "a text" });
  }
  return value as Record<string, string>;
}

function extentOf(tensor: string, entry: Json): Extent {
  const { dtype, shape, data_offsets, ...others } = object(entry, tensor);
  if (typeof dtype !== "string") throw new FileError({ kind: "dtype", tensor, dtype: JSON.stringify(dtype ?? null) });
  if (dtype !== "F32") throw new FileError({ kind: "dtype", tensor, dtype });
  const sizes = wholeNumbers(shape, `${tensor}.shape`), offsets = wholeNumbers(data_offsets, `${tensor}.data_offsets`);
  const [begin, end] = offsets, [other] = Object.keys(others);
  if (offsets.length !== 2 || end < begin) {
    const value = JSON.stringify(data_offsets), expected = "where it begins and ends";
    throw new FileError({ kind: "field", name: `${tensor}.data_offsets`, value, expected });
  }
  if (other !== undefined) {
    const expected = "dtype, shape or data_offsets";
    throw new FileError({ kind: "field", name: `a field of ${tensor}`, value: other, expected });
  }
  // A product of large numbers is inexact, but then far larger than any file.
  if (sizes.reduce((product, size) => product * size, F32_BYTES) !== end - begin) {
    throw new FileError({ kind: "size", tensor, sizes, size: end - begin });
  }
  return { shape: sizes, begin, end };
}

function wholeNumbers(value: Json | undefined, name: string): number[] {
  const valid = Array.isArray(value) && value.every((n) => typeof n === "number" && Number.isSafeInteger(n) && n >= 0);
  if (valid) return value as number[];
  const expected = "a list of whole numbers";
  throw new FileError({ kind: "field", name, value: JSON.stringify(value ?? null), expected });
}

/** Every byte of the data belongs to exactly one tensor. */
function checkCover(tensors: Map<string, Extent>, size: number): void {
  let last = 0, other = "";
  const in_order = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [tensor, { end }] of in_order) {
    if (end > size) throw new FileError({ kind: "out-of-range", tensor, end, size });
  }
  for (const [tensor, { begin, end }] of in_order) {
    if (begin < last) throw new FileError({ kind: "overlap", tensor, other });
    if (begin > last) throw new FileError({ kind: "hole", tensor, size: begin - last });
    last = end;
    other = tensor;
  }
  if (last < size) throw new FileError({ kind: "rest", size: size - last });
}
