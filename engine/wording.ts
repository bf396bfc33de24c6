// Every sentence that a session says of itself, in one place.
import type { Fault } from "./cpu/instance.ts";
import type { Cause } from "./session/divergence.ts";
import { decimals, large } from "./numbers.ts";
import type { FailureKind } from "./workers/protocol.ts";

/** A problem in words, and the one thing to do about it. */
export interface FailureText {
  message: string;
  way_out: string;
}

/** What the browser says of an error; its name where it says nothing. */
export function rawWords(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

const count = (n: number) => n.toLocaleString("en-GB");

/** The badge: what is going on. */
export const badge = {
  idle: "ready: press start",
  loading: "unpacking the text and preparing the engine",
  compiling: (ready: number, of: number) => `preparing the graphics card's kernels: ${ready} of ${of}`,
  asking_gpu: "waiting for the graphics card to answer",
  training: (engine: string) => `training on the ${engine}`,
  measuring: (iteration: number) => `measuring at iteration ${count(iteration)}`,
  speaking: (iteration: number) => `resting at iteration ${count(iteration)} while the model writes`,
  paused: (iteration: number) => `paused at iteration ${count(iteration)}`,
  released: (iteration: number) => `ended at iteration ${count(iteration)}: its engine is closed, a start begins anew`,
  hidden: "paused (tab in background)",
  back: (iteration: number) =>
    `was paused at iteration ${count(iteration)} while the tab was in the background; went on from there`,
  waiting: (iteration: number, reason: string) => `waiting at iteration ${count(iteration)} for ${reason}`,
  waited: (iteration: number, reason: string) =>
    `waited at iteration ${count(iteration)} for ${reason}; went on from there`,
  finishing: "measuring the loss on the whole validation text",
  done: (iterations: number, whole: number | null) =>
    `done: ${count(iterations)} iterations` +
    (whole === null ? "" : `; ${decimals(whole, 4)} nats per character on the whole validation text`),
  diverged: (iteration: number) => `diverged: the loss of iteration ${count(iteration)} is not a number`,
  failed: "stopped",
};

/** What is wrong with a seed. */
export const seedWords = {
  empty: "A seed needs at least one character: any word will do.",
  nothing_left: "This seed holds only spaces, or characters that cannot be seen: type any word.",
  empty_link:
    "The link to this page asks for a seed that holds only spaces, or characters that cannot be seen; the run " +
    "keeps its own.",
};

/** Questions before something is lost, and their answers. */
export const ask = {
  replaced: (samples: number) => `${runWith(samples)} will be replaced.`,
  removed: (samples: number) => `${runWith(samples)} will be removed.`,
  other_engine: (samples: number) =>
    `Another engine begins at iteration 0: ${runWith(samples, "this")} will be removed.`,
  other_preset: (label: string) => `The run “${label}” is still training, and will be replaced.`,
  replace: "Replace it",
  remove: "Remove it",
  keep: "Keep it",
};

function runWith(samples: number, first = "This"): string {
  if (samples === 0) return `${first} run`;
  return `${first} run and its ${samples === 1 ? "sample" : `${count(samples)} samples`}`;
}

/** What a run waits for: whatever else has the machine on this page. */
export const waitsFor = {
  run: "the run",
  preset: (label: string) => `the run “${label}”`,
  measurement: "the speed measurement",
  other_measurement: "waiting for the other measurement on this page",
  where: (what: string, above: boolean) => `${what} ${above ? "above" : "below"}`,
};

/** Lines of a session's log. */
export const note = {
  device_lost: (iteration: number, reason: string) =>
    `the graphics device was lost at iteration ${count(iteration)}${reason ? ` (${reason})` : ""}`,
  device_silent: (iteration: number, reason: string) =>
    `the graphics card stopped answering at iteration ${count(iteration)}${reason ? ` (${reason})` : ""}`,
  device_back: (iteration: number, engine: string) =>
    `restored from a snapshot on the ${engine}: goes on at iteration ${count(iteration)} as if nothing had happened`,
  device_error: (iteration: number, reason: string) =>
    `the graphics device reported an error at iteration ${count(iteration)} (${reason})`,
  cpu_instead: (iteration: number, engine: string) =>
    `without the graphics card it goes on at iteration ${count(iteration)} on the ${engine}, whose last digits differ`,
  wrong_results: (iteration: number, engine: string, reason: string) =>
    `the graphics card computes wrong results (${reason}): ` +
    `goes on from iteration ${count(iteration)} on the ${engine}, and what came after it does not count`,
  back: (iteration: number) => `tab in background: paused at iteration ${count(iteration)} and went on from there`,
  waited: (iteration: number, reason: string) =>
    `waited at iteration ${count(iteration)} for ${reason} and went on from there`,
  began_anew: (iteration: number) =>
    `the run before ended at iteration ${count(iteration)} and its engine was closed: this one begins at iteration 0`,
  no_validation: (block_size: number) =>
    `this text's last tenth is shorter than ${
      block_size + 1
    } characters, so there is no val NLL; phases compare train NLL with models that count in this very text`,
};

/** Why the numbers of a run left f32, in words. */
export function causeText(cause: Cause): string {
  if (cause.kind === "steps") {
    return `AdamW moves each weight by about the learning rate, here by up to ${large(cause.rate)} in an iteration: ` +
      "products of such weights exceed the largest 32-bit number, 3 × 10³⁸.";
  }
  const { rate, weight_decay } = cause;
  return `Weight decay multiplies the weights by 1 − learning rate × ${weight_decay} in each iteration, here by ` +
    `${large(1 - rate * weight_decay)}: above a rate of ${
      large(2 / weight_decay)
    } it makes them grow, with alternating ` +
    "sign, until 32-bit numbers overflow.";
}

/** What careless arithmetic did first, in words. */
export function faultText({ where, exponent }: Fault): string {
  const lost = exponent < 0
    ? "in 32 bits that is 0, and 0 / 0 is not a number"
    : "in 32 bits that is infinite, and ∞ / ∞ is not a number";
  const met = `e^${count(Math.round(exponent))}: ${lost}`;
  switch (where) {
    case "attention":
      return `Without subtracting its maximum, a softmax in attention computed ${met}.`;
    case "gelu":
      return `For the tanh of a GELU the engine computed ${met}.`;
    case "softmax":
      return `Without subtracting its maximum, the softmax over all characters computed ${met}.`;
    case "logarithm":
      return "The model gave the probability 0 to a character that did come next, and −ln 0 is infinite.";
  }
}

/** Why a widget could not be set up. The project's own errors are sentences; a browser's have no full stop, or a class. */
export function widgetFailure(error: unknown): string {
  if (error instanceof Error && error.message.endsWith(".") && !(error instanceof DOMException)) return error.message;
  const raw = inBrackets(rawWords(error));
  return `This part of the page could not be set up${raw}. Reload the page, or build the site again.`;
}

/** A browser's own words, which help a report and stand in no reader's way. */
export function inBrackets(words: string): string {
  return words === "" ? "" : ` (${words.trim().replace(/\.$/, "")})`;
}

/** For the person who looks after the server. */
const SERVER_LIST = "The page “For teachers” lists what a server must allow.";
const SERVER_FILES = "A server must send .js files whole and as text/javascript.";

/** What a page cannot do in a frame that shuts it in. */
export const frameWords = {
  print: "The frame around this page does not let it print: open the page in a tab of its own.",
};

/** Why a text is not there. */
export const textMissing = (name: string) =>
  `The text “${name}” did not arrive with this page. Reload it, or build or copy the site again. ${SERVER_FILES}`;

/** Where a run stands that has failed, which decides what there is to press. */
export type Place = "run" | "preset" | "measurement";

const AGAIN: Record<Place, { same: string; on_cpu: string }> = {
  run: {
    same: "Press reset to begin again from the same seed",
    on_cpu: "Press reset to begin again, or switch to the CPU engine first",
  },
  preset: {
    same: "Press this run’s button to begin it again",
    on_cpu:
      "Press this run’s button to begin it again, or first switch the training run of this page to the CPU engine",
  },
  measurement: { same: "Measure again", on_cpu: "Measure again" },
};

/** @param detail what the browser said, for the cases in which only it knows more */
export function failureText(kind: FailureKind, detail: string, place: Place = "run"): FailureText {
  const again = AGAIN[place];
  switch (kind) {
    case "no-wasm-simd":
      return {
        message: "This browser does not run WebAssembly with SIMD, which the engine is made of.",
        way_out: "Update the browser: all that have been updated since 2023 run it.",
      };
    case "no-wasm":
      return {
        message: "WebAssembly, which the engine is made of, is switched off in this browser.",
        way_out: "Allow it for this page: Lockdown Mode and strict security settings switch it off.",
      };
    case "wasm-forbidden":
      return {
        message: "The server of this page forbids WebAssembly, which the engine is made of.",
        way_out: `Its Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src. ${SERVER_LIST}`,
      };
    case "no-worker":
      return {
        message: `This browser does not let the page start a Worker, in which the engine runs${inBrackets(detail)}.`,
        way_out: "Open the page in a tab of its own, not in a frame, and without a private mode.",
      };
    case "worker-forbidden":
      return {
        message: "The server of this page forbids the Workers in which the engine runs.",
        way_out: `Its Content-Security-Policy must allow blob: in worker-src. ${SERVER_LIST}`,
      };
    case "no-memory":
      return {
        message: "The browser has no memory left for this model.",
        way_out: `Close other tabs. ${again.same}.`,
      };
    case "no-program":
      return {
        message: "The engine's program did not arrive with this page.",
        way_out: `Reload the page. If that does not help, build or copy the site again. ${SERVER_FILES}`,
      };
    case "corpus-damaged":
      return {
        message: "The text that came with this page could not be unpacked.",
        way_out: `Reload the page. If that does not help, build or copy the site again. ${SERVER_FILES}`,
      };
    case "unsuitable":
      return { message: detail, way_out: "Change the text or the runner's values in the lesson, then build it again." };
    case "no-clock":
      return {
        message: "This browser's clock stands still, so nothing can be timed.",
        way_out:
          "Allow this page an exact clock (some protections against fingerprinting stop it), then measure again.",
      };
    case "gpu-error":
      return {
        message: `The graphics card's engine stopped with an error${inBrackets(detail)}.`,
        way_out: `${again.on_cpu}.`,
      };
    case "gpu-silent":
      return {
        message: `The graphics card's engine does not answer any more${inBrackets(detail)}.`,
        way_out: `${again.on_cpu}.`,
      };
    case "worker-silent":
      return {
        message: `A Worker of the engine does not answer${inBrackets(detail)}.`,
        way_out: `${again.same}; if that does not help, reload the page.`,
      };
    case "worker-died":
      return {
        message: `A Worker of the engine ended unexpectedly${inBrackets(detail)}.`,
        way_out: `${again.same}.`,
      };
  }
}
