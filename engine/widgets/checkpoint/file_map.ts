// The parts of a checkpoint, byte by byte: what each byte belongs to, and what it says. No DOM.
import { layoutOf } from "../../checkpoint/safetensors.ts";
import { PREFIX } from "../../checkpoint/limits.ts";

export interface Part {
  kind: "length" | "metadata" | "entry" | "padding" | "tensor";
  /** As the block calls it. */
  name: string;
  /** In the file, in bytes. */
  begin: number;
  end: number;
  /** Of a tensor. */
  shape?: number[];
}

const F32_BYTES = 4;
const METADATA = '"__metadata__":', SPACE = 0x20;

/** @returns all parts of the file that have bytes, in their order and without holes; @throws FileError for what is no safetensors file */
export function partsOf(bytes: Uint8Array<ArrayBuffer>): Part[] {
  const { tensors, data_at } = layoutOf(bytes, bytes.length);
  const data = [...tensors].map(([name, { shape, begin, end }]): Part => {
    return { kind: "tensor", name, begin: data_at + begin, end: data_at + end, shape };
  }).sort((a, b) => a.begin - b.begin || a.end - b.end);
  const header = headerParts(bytes.subarray(PREFIX, data_at), [...tensors.keys()]);
  const parts: Part[] = [{ kind: "length", name: "length of the header", begin: 0, end: PREFIX }, ...header, ...data];
  return parts.filter(({ begin, end }) => end > begin);
}

/** Each byte as one character, so that places in the text are places in the file. */
function latin(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function headerParts(header: Uint8Array, names: string[]): Part[] {
  let end = header.length;
  while (end > 0 && header[end - 1] === SPACE) end--;
  const text = latin(header.subarray(0, end)), encoder = new TextEncoder();
  const begins: { at: number; kind: Part["kind"]; name: string }[] = names.map((name) => {
    const key = latin(encoder.encode(`${JSON.stringify(name)}:{"`));
    return { at: text.lastIndexOf(key), kind: "entry", name: `entry of ${name}` };
  });
  begins.push({ at: text.indexOf(METADATA), kind: "metadata", name: "metadata" });
  const found = begins.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at);
  const parts = found.map(({ at, kind, name }, i): Part => {
    const next = found[i + 1]?.at ?? end;
    return { kind, name, begin: PREFIX + (i === 0 ? 0 : at), end: PREFIX + next };
  });
  const padding: Part = { kind: "padding", name: "padding", begin: PREFIX + end, end: PREFIX + header.length };
  return [...parts, padding];
}

export function partAt(parts: Part[], at: number): Part {
  return parts.find(({ begin, end }) => at >= begin && at < end)!;
}

/** The number to which a byte of a tensor belongs. */
export interface NumberAt {
  /** Its place in each dimension. */
  index: number[];
  value: number;
  /** Where it begins in the file. */
  begin: number;
  /** Its 32 bits, the sign first. */
  bits: string;
}

export function numberAt(bytes: Uint8Array<ArrayBuffer>, { begin, shape }: Part, at: number): NumberAt {
  const place = Math.floor((at - begin) / F32_BYTES), first = begin + place * F32_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset + first, F32_BYTES);
  const index: number[] = [];
  let rest = place;
  for (const size of [...shape!].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  const bits = view.getUint32(0, true).toString(2).padStart(32, "0");
  return { index, value: view.getFloat32(0, true), begin: first, bits };
}

/** A byte as a reader of text sees it; null where it is no visible ASCII character. */
export function visible(byte: number): string | null {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : null;
}
