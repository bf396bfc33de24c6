// SHA-256 of long data. The browser's own is some ten times as fast and occupies no thread of ours, but it exists only in
// secure contexts.
import { sha256Hex } from "../training/sha256.ts";

/** Text in UTF-8, numbers as they are in memory: little-endian f32 wherever WebAssembly or WebGPU runs. */
type Part = string | Float32Array | Uint8Array;

/** @returns SHA-256 over the parts, one after the other, as 64 hexadecimal digits */
export async function digest(
  parts: Part[],
  subtle: SubtleCrypto | null = globalThis.crypto?.subtle ?? null,
): Promise<string> {
  const bytes = joined(parts);
  if (!subtle) return sha256Hex(bytes);
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The parts as bytes. Not a Blob: on file://, WebKit lets a Worker make one but refuses to read it. */
export function joined(parts: Part[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const pieces = parts.map((part) =>
    typeof part === "string" ? encoder.encode(part) : new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
  );
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
