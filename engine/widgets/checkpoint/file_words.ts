// What the block about a file's bytes says of a byte. No DOM.
import { count } from "../../wording.ts";
import { numberAt, type Part, visible } from "./file_map.ts";

/** What each part is for. */
const PURPOSE: Record<Part["kind"], string> = {
  length: "eight bytes, the smallest first, that say how long the header is",
  metadata: "our entry press_start, as JSON inside JSON: model, training settings, text, seed, iteration, checksum",
  entry: "says type, shape and place of one tensor",
  padding: "spaces, so that the numbers begin at a multiple of eight",
  tensor: "numbers, four bytes each",
};

/** The sentences below the bytes. */
export function ofByte(bytes: Uint8Array<ArrayBuffer>, part: Part, at: number): string {
  const byte = bytes[at], hex = byte.toString(16).padStart(2, "0");
  return `Byte ${count(at)} of ${count(bytes.length)} is ${hex}. ${meaning(bytes, part, at)}`;
}

function meaning(bytes: Uint8Array<ArrayBuffer>, part: Part, at: number): string {
  const about = `Part: ${part.name}, ${PURPOSE[part.kind]}.`;
  if (part.kind === "length") {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    return `${about} The header has ${count(Number(length))} bytes.`;
  }
  if (part.kind !== "tensor") {
    const character = visible(bytes[at]);
    return `${about} As a character: ${character === " " ? "a space" : character ?? "part of one beyond ASCII"}.`;
  }
  const { index, value, begin, bits } = numberAt(bytes, part, at);
  const [sign, exponent, mantissa] = [bits.slice(0, 1), bits.slice(1, 9), bits.slice(9)];
  const history = part.name.startsWith("history.");
  const what = history && Number.isNaN(value) ? "NaN: not measured" : written(value);
  return `${part.name}[${index.join(", ")}] = ${what}. This is byte ${
    at - begin + 1
  } of 4; the last one holds the sign. ` +
    `Sign ${sign}, exponent ${exponent}, mantissa ${mantissa}.`;
}

/** All digits that an f32 has. */
function written(value: number): string {
  return Number.isFinite(value) ? Number(value.toPrecision(9)).toString().replace("-", "−") : String(value);
}
