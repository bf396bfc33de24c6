// Why WebGPU does not run here, in words; and what to do about it.

/** What stands in the way. The first six are found before anything runs. */
export type GpuTroubleKind =
  | "no-webgpu" // a browser without it
  | "not-secure" // http:// other than localhost: browsers then hide it
  | "no-adapter"
  | "software" // an adapter that is no GPU: the CPU engine is faster
  | "too-small"
  | "memory"
  | "kernel" // a mistake of ours, or of the browser's compiler
  | "lost"
  | "wrong" // it computes something else than the CPU engine; see cross_check.ts
  | "fault" // the device reported an error while running
  | "unforeseen"; // anything else that failed before the first iteration

/** `message` says what the browser said. */
export class GpuTrouble extends Error {
  readonly kind: GpuTroubleKind;

  constructor(kind: GpuTroubleKind, message: string) {
    super(message);
    this.name = "GpuTrouble";
    this.kind = kind;
  }
}

/** A problem in words, and the one thing to do about it. */
export interface GpuTroubleText {
  message: string;
  way_out: string;
}

/** @param detail GpuTrouble's message */
export function troubleText(kind: GpuTroubleKind, detail: string): GpuTroubleText {
  const trains_anyway = "The CPU engine trains instead: the same model, more slowly.";
  switch (kind) {
    case "no-webgpu":
      return {
        message: "This browser has no WebGPU.",
        way_out: `${trains_anyway} Chrome or Edge 113, Safari 26, Firefox 141 and later ones have it.`,
      };
    case "not-secure":
      return {
        message: "This page came over plain http, where browsers switch WebGPU off.",
        way_out: `${trains_anyway} Open the page by https, from localhost or as a file.`,
      };
    case "no-adapter":
      return {
        message: "The browser has WebGPU, but offers no graphics adapter to it.",
        way_out: `${trains_anyway} The browser's settings may have hardware acceleration switched off.`,
      };
    case "software":
      return {
        message: `The only graphics adapter is a program, no GPU (${detail}).`,
        way_out: trains_anyway,
      };
    case "too-small":
      return {
        message: `The graphics adapter is too small for this model: ${detail}.`,
        way_out: `${trains_anyway} A smaller batch or model would fit.`,
      };
    case "memory":
      return {
        message: `The graphics adapter has too little free memory for this model. ${detail}`,
        way_out: `${trains_anyway} Closing other tabs may help.`,
      };
    case "kernel":
      return {
        message: `The graphics adapter's compiler refuses a kernel: ${detail}`,
        way_out: `${trains_anyway} Please report these words, with your browser and adapter.`,
      };
    case "unforeseen":
      return {
        message: `The graphics engine could not begin: ${detail}`,
        way_out: `${trains_anyway} Please report these words, with your browser and adapter.`,
      };
    case "lost":
      return {
        message: `The graphics device was lost (${detail || "the browser does not say why"}).`,
        way_out: "Training goes on from the last snapshot as soon as a device answers.",
      };
    case "wrong":
      return {
        message: `This graphics card computes wrong results. ${detail}.`,
        way_out: `${trains_anyway} A newer graphics driver or browser may put it right.`,
      };
    case "fault":
      return {
        message: `The graphics device reported an error: ${detail}`,
        way_out: `${trains_anyway} Please report these words, with your browser and adapter.`,
      };
  }
}
