// Why WebGPU does not run here, as an error; wording.ts turns it into words.
import { type FailureText, type WebGpuErrorKind, webGpuText } from "../wording.ts";

/** `message` says what the browser said. */
export class WebGpuError extends Error {
  readonly kind: WebGpuErrorKind;

  constructor(kind: WebGpuErrorKind, message: string) {
    super(message);
    this.name = "WebGpuError";
    this.kind = kind;
  }
}

/** Those that may have passed when the card is asked again. */
const PASSING: WebGpuErrorKind[] = ["no-adapter", "software", "memory", "silent", "lost", "error", "unforeseen"];

/** @param what what the card was doing, or asked for */
export function silentFor(ms: number, what: string): WebGpuError {
  return new WebGpuError("silent", `${what}, waited ${Math.round(ms / 1000)} seconds`);
}

export interface WebGpuErrorText extends FailureText {
  /** Whether it is worth asking the card again. */
  passing: boolean;
}

/** @param detail WebGpuError's message */
export function webGpuErrorText(kind: WebGpuErrorKind, detail: string): WebGpuErrorText {
  return { ...webGpuText(kind, detail), passing: PASSING.includes(kind) };
}
