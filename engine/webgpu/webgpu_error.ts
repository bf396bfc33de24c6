// Why WebGPU does not run here, as an error; wording_of_failures.ts turns it into words.
import {
  type FailureText,
  type WebGpuDetail,
  webGpuDetail,
  type WebGpuErrorKind,
  webGpuText,
} from "../wording_of_failures.ts";

export class WebGpuError<K extends WebGpuErrorKind = WebGpuErrorKind> extends Error {
  override readonly name = "WebGpuError";

  /** @param detail the browser's words, or the values for the engine's own message */
  constructor(readonly kind: K, detail: string | WebGpuDetail<K>) {
    super(typeof detail === "string" ? detail : webGpuDetail(kind, detail));
  }
}

/** Kinds that may be gone at the next attempt. */
const PASSING: WebGpuErrorKind[] = ["no-adapter", "software", "memory", "silent", "lost", "error", "unforeseen"];

export interface WebGpuErrorText extends FailureText {
  kind: WebGpuErrorKind;
  /** Whether it is worth trying the card again. */
  passing: boolean;
}

/** @param detail WebGpuError's message */
export function webGpuErrorText(kind: WebGpuErrorKind, detail: string): WebGpuErrorText {
  return { ...webGpuText(kind, detail), kind, passing: PASSING.includes(kind) };
}
