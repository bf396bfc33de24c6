// A fingerprint of a model: equal weights give the same 64 digits.
import { sha256Hex } from "./sha256.ts";

/** @returns SHA-256 of the weights as little-endian f32, in the tensor order of params.ts */
export function fingerprint(params: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(params.length * 4));
  params.forEach((value, i) => bytes.setFloat32(4 * i, value, true));
  return sha256Hex(new Uint8Array(bytes.buffer));
}
