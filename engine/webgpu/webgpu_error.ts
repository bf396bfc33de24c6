// Why WebGPU does not run here, in words; and what to do about it.
import { inBrackets } from "../wording.ts";

/** What stands in the way. Those up to "kernel" are found before anything runs. */
export type WebGpuErrorKind =
  | "no-webgpu" // a browser without it
  | "not-secure" // http:// other than localhost: browsers then hide it
  | "no-adapter"
  | "software" // an adapter that is no GPU: the CPU engine is faster
  | "too-small"
  | "memory"
  | "kernel" // a mistake of ours, or of the browser's compiler
  | "silent" // a question to the browser or the card that is never answered
  | "lost"
  | "wrong" // it computes something else than the CPU engine; see cross_check.ts
  | "error" // the device reported an error while running
  | "unforeseen"; // anything else that failed before the first iteration

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

/** A problem in words, and the one thing to do about it. */
export interface WebGpuErrorText {
  message: string;
  way_out: string;
  /** Whether it is worth asking the card again. */
  passing: boolean;
}

/** @param detail WebGpuError's message */
export function webGpuErrorText(kind: WebGpuErrorKind, detail: string): WebGpuErrorText {
  return { ...wordsFor(kind, detail), passing: PASSING.includes(kind) };
}

const TRAINS_ANYWAY = "The CPU engine trains instead: the same model, more slowly.";
const REPORT = "Please report these words, with your browser and adapter.";

/** A sentence, with the browser's own words in brackets behind it where it has said any. */
const sentence = (words: string, detail: string) => `${words}${inBrackets(detail)}.`;

function wordsFor(kind: WebGpuErrorKind, detail: string): { message: string; way_out: string } {
  switch (kind) {
    case "no-webgpu":
      return {
        message: "This browser has no WebGPU.",
        way_out: `${TRAINS_ANYWAY} Chrome or Edge 113, Safari 26, Firefox 141 and later ones have it.`,
      };
    case "not-secure":
      return {
        message: "This page came over plain http, where browsers switch WebGPU off.",
        way_out: `${TRAINS_ANYWAY} Open the page by https, from localhost or as a file.`,
      };
    case "no-adapter":
      return {
        message: sentence("The browser has WebGPU, but offers no graphics adapter to it", detail),
        way_out: `${TRAINS_ANYWAY} The browser's settings may have hardware acceleration switched off.`,
      };
    case "software":
      return {
        message: `The only graphics adapter is a program, no GPU (${detail}).`,
        way_out: TRAINS_ANYWAY,
      };
    case "too-small":
      return {
        message: `The graphics adapter is too small for this model: ${detail}.`,
        way_out: `${TRAINS_ANYWAY} A smaller batch or model would fit.`,
      };
    case "memory":
      return {
        message: sentence("The graphics adapter has too little free memory for this model", detail),
        way_out: `${TRAINS_ANYWAY} Closing other tabs may help.`,
      };
    case "kernel":
      return {
        message: sentence("The graphics adapter's compiler refuses a kernel", detail),
        way_out: `${TRAINS_ANYWAY} ${REPORT}`,
      };
    case "unforeseen":
      return {
        message: sentence("The graphics engine could not begin", detail),
        way_out: `${TRAINS_ANYWAY} ${REPORT}`,
      };
    case "silent":
      return {
        message: sentence("The graphics card does not answer", detail),
        way_out: `${TRAINS_ANYWAY} Starting the browser anew may wake the card.`,
      };
    case "lost":
      return {
        message: sentence("The browser lost the graphics device", detail || "it does not say why"),
        way_out: TRAINS_ANYWAY,
      };
    case "wrong":
      return {
        message: `This graphics card computes wrong results. ${detail}.`,
        way_out: `${TRAINS_ANYWAY} A newer graphics driver or browser may put it right.`,
      };
    case "error":
      return {
        message: sentence("The graphics device reported an error", detail),
        way_out: `${TRAINS_ANYWAY} ${REPORT}`,
      };
  }
}
