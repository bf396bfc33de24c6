// Texts for failures: what went wrong, and what to do about it. The rest of the engine throws or passes on a kind with
// its values. The sentences are here, by kind, so that a kind without a sentence does not compile.
import { count, decimals, large } from "./wording.ts";

/** Text for what went wrong, and for what to do about it. */
export interface FailureText {
  message: string;
  way_out: string;
}

/** The browser's message for an error, or the error's name if the message is empty. */
export function rawWords(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** A browser's own words in brackets: useful in a report, and easy for a reader to skip. */
function inBrackets(words: string): string {
  return words === "" ? "" : ` (${words.trim().replace(/\.$/, "")})`;
}

/** A sentence, followed by the browser's own words in brackets, if there are any. */
const sentence = (words: string, detail: string) => `${words}${inBrackets(detail)}.`;

/** What a table of sentences can express: one of its kinds, with the values in that sentence. */
type Worded<Table> = {
  [K in keyof Table]: { kind: K } & (Table[K] extends (values: infer Values) => string ? Values : never);
}[keyof Table];

function worded<Table>(table: Table, what: Worded<Table>): string {
  return (table[what.kind] as (values: Worded<Table>) => string)(what);
}

/** What made the weights of a run huge. `rate` is the highest learning rate so far. */
export type Cause =
  | { kind: "decay"; rate: number; weight_decay: number }
  | { kind: "steps"; rate: number };

/** Text for why the numbers of a run overflowed f32. */
export function causeText(cause: Cause): string {
  if (cause.kind === "steps") {
    return `AdamW moves each weight by about the learning rate, here by up to ${large(cause.rate)} in an iteration: ` +
      "products of such weights exceed the largest 32-bit number, 3 × 10³⁸.";
  }
  const { rate, weight_decay } = cause, limit = large(2 / weight_decay);
  return `Weight decay multiplies the weights by 1 − learning rate × ${weight_decay} in each iteration, here by ` +
    `${large(1 - rate * weight_decay)}: above a rate of ${limit} it makes them grow, with alternating ` +
    "sign, until 32-bit numbers overflow.";
}

/** By the place where careless arithmetic goes wrong. @param met the power that it computed */
const FAULTS = {
  attention: (met: string) => `Without subtracting its maximum, a softmax in attention computed ${met}.`,
  gelu: (met: string) => `For the tanh of a GELU the engine computed ${met}.`,
  softmax: (met: string) => `Without subtracting its maximum, the softmax over all characters computed ${met}.`,
  logarithm: () => "The model gave the probability 0 to a character that did come next, and −ln 0 is infinite.",
};

/** Text for the first fault of careless arithmetic, a Fault of training/backend.ts. */
export function faultText({ where, exponent }: { where: keyof typeof FAULTS; exponent: number }): string {
  const lost = exponent < 0
    ? "in 32 bits that is 0, and 0 / 0 is not a number"
    : "in 32 bits that is infinite, and ∞ / ∞ is not a number";
  return FAULTS[where](`e^${count(Math.round(exponent))}: ${lost}`);
}

/** Why a widget could not be set up. Our errors end in a full stop; a browser's do not, or are DOMExceptions. */
export function widgetFailure(error: unknown): string {
  if (error instanceof Error && error.message.endsWith(".") && !(error instanceof DOMException)) return error.message;
  const raw = inBrackets(rawWords(error));
  return `This part of the page could not be set up${raw}. Reload the page, or build the site again.`;
}

/** The page and its script come from different builds. */
export const other_build = "This part of the page does not fit its script. Reload the page, or build the site again.";

export const noSession = (name: string) => `No runner on this page has the session “${name}”.`;

/** For a script that listens to an event that does not exist. */
export const noEvent = (event: string, known: string[]) => `No event ${event}: there are ${known.join(", ")}.`;

/** Why a question about weights has no answer: the weights are gone with their engine. */
export const gone = {
  released: "The engine of this run was closed, so its weights are gone. Start begins a new run.",
  disposed: "The session was closed.",
  reset: "The run was reset before the file was loaded.",
};

/** What the page's address asks for, and the page does not have or does not accept. */
export const inAddress = {
  lacks: (what: string, asked: string, known: readonly string[]) =>
    `The link to this page asks for the ${what} “${asked}”; ` +
    (known.length > 0 ? `this page has ${[...new Set(known)].join(", ")}.` : "this page has none."),
  beyond: (name: string, value: string, min: number, max: number) =>
    `The address says ${name}=${value}; it must be a number from ${min} to ${max}.`,
  not_whole: (name: string, value: number) => `The address says ${name}=${value}; it must be a whole number.`,
};

/** For the server's administrator. */
const SERVER_LIST = "The page “For teachers” lists what a server must allow.";
const SERVER_FILES = "A server must send .js files whole and as text/javascript.";

/** Why a text is missing. */
export const textMissing = (name: string) =>
  `The text “${name}” did not arrive with this page. Reload it, or build or copy the site again. ${SERVER_FILES}`;

/** A widget's own script is missing. */
export const scriptMissing =
  `The script of this part of the page did not arrive. Reload it, or build or copy the site again. ${SERVER_FILES}`;

/** The kind of block in which a run has failed, which decides the button to press. */
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

/**
 * By kind, why a run or a measurement cannot continue. Three different words: an Error is thrown; a Failure is the text
 * that a reader sees when a run cannot continue; a Fault is the first operation where careless arithmetic went wrong.
 */
const FAILURES = {
  "no-wasm-simd": () => ({
    message: "This browser does not run WebAssembly with SIMD, which the engine needs.",
    way_out: "Update the browser: all versions since 2023 run it.",
  }),
  "no-wasm": () => ({
    message: "WebAssembly, which the engine needs, is switched off in this browser.",
    way_out: "Allow it for this page: Lockdown Mode and strict security settings switch it off.",
  }),
  "wasm-forbidden": () => ({
    message: "The server of this page forbids WebAssembly, which the engine needs.",
    way_out: `Its Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src. ${SERVER_LIST}`,
  }),
  "no-worker": (detail) => ({
    message: sentence("This browser does not let the page start a Worker, in which the engine runs", detail),
    way_out: "Open the page in a tab of its own, not in a frame and not in private mode.",
  }),
  "worker-forbidden": () => ({
    message: "The server of this page forbids the Workers in which the engine runs.",
    way_out: `Its Content-Security-Policy must allow blob: in worker-src. ${SERVER_LIST}`,
  }),
  "no-memory": (_, again) => ({
    message: "The browser has no memory left for this model.",
    way_out: `Close other tabs. ${again.same}.`,
  }),
  "no-program": () => ({
    message: "The engine's program did not arrive with this page.",
    way_out: `Reload the page. If that does not help, build or copy the site again. ${SERVER_FILES}`,
  }),
  "no-text": (_, again) => ({
    message: "The text of this run could not be loaded.",
    way_out:
      `On a server’s page, check the connection; from a copied folder, copy the whole folder again. ${again.same}.`,
  }),
  "corpus-damaged": () => ({
    message: "The text that came with this page could not be unpacked.",
    way_out: `Reload the page. If that does not help, build or copy the site again. ${SERVER_FILES}`,
  }),
  "unsuitable": (detail) => ({
    message: detail,
    way_out: "Change the text or the runner's values in the lesson, then build it again.",
  }),
  "no-clock": () => ({
    message: "This browser's clock stands still, so nothing can be timed.",
    way_out: "Allow this page an exact clock (some privacy protections stop it), then measure again.",
  }),
  "gpu-error": (detail, again) => ({
    message: sentence("The graphics card's engine stopped with an error", detail),
    way_out: `${again.on_cpu}.`,
  }),
  "gpu-silent": (detail, again) => ({
    message: sentence("The graphics card's engine has stopped answering", detail),
    way_out: `${again.on_cpu}.`,
  }),
  "worker-silent": (detail, again) => ({
    message: sentence("A Worker of the engine does not answer", detail),
    way_out: `${again.same}; if that does not help, reload the page.`,
  }),
  "worker-died": (detail, again) => ({
    message: sentence("A Worker of the engine ended unexpectedly", detail),
    way_out: `${again.same}.`,
  }),
} satisfies Record<string, (detail: string, again: (typeof AGAIN)[Place]) => FailureText>;

/** Why a Worker could not answer a request. */
export type FailureKind = keyof typeof FAILURES;

/** Details of failures that come from the engine, not from a browser. */
export const ownDetail = {
  unread: "a message could not be read",
  disposed: "the session was closed",
  other_engine: "another engine was chosen",
  cpu_chosen: "the CPU engine was chosen while the page waited",
  iterations_lost: (done: number, of: number) => `the GPU did ${done} of ${of} iterations`,
};

/** @param detail the browser's message, for kinds that include it */
export function failureText(kind: FailureKind, detail: string, place: Place = "run"): FailureText {
  const textOf: (detail: string, again: (typeof AGAIN)[Place]) => FailureText = FAILURES[kind];
  return textOf(detail, AGAIN[place]);
}

/** By kind, why no engine can train a text, a size or a state. */
const UNSUITABLE = {
  size: ({ name, value, min, max, step }: { name: string; value: number; min: number; max: number; step: number }) =>
    `${name} is ${value}; the engine takes whole numbers from ${min} to ${max}${
      step === 1 ? "" : ` in steps of ${step}`
    }.`,
  characters: ({ distinct, min, max }: { distinct: number; min: number; max: number }) =>
    `The text has ${distinct} distinct characters; the engine takes ${min} to ${max}.`,
  length: ({ characters, block_size }: { characters: number; block_size: number }) =>
    `The training text has ${characters} characters; a context of ${block_size} needs more.`,
  iteration: ({ iteration, max }: { iteration: number; max: number }) =>
    `The state is at iteration ${iteration}; this run takes whole numbers from 0 to ${count(max)}.`,
  vector: ({ part, length, expected }: { part: string | null; length: number | null; expected: number }) =>
    `${part === null ? "The vector" : `The state's ${part}`} holds ${
      length === null ? "no" : count(length)
    } numbers; ` +
    `this model has ${count(expected)} weights.`,
  number: ({ part, value, at, tensor }: { part: string; value: number; at: number; tensor: string }) =>
    `The state's ${part} is ${value} at number ${count(at)}, in ${tensor}` +
    `${Number.isFinite(value) ? "; a mean of squares is never below 0" : ""}.`,
};

/** A kind of UNSUITABLE, with the values in its sentence. */
export type Unsuitable = Worded<typeof UNSUITABLE>;

export const unsuitableText = (what: Unsuitable) => worded(UNSUITABLE, what);

const TRAINS_ANYWAY = "The CPU engine trains instead: the same model, more slowly.";
const REPORT = "Please report this message, with your browser and adapter.";

/** By kind, why WebGPU cannot be used. Those up to "kernel" are found before anything runs. */
const WEBGPU_ERRORS = {
  // a browser without it
  "no-webgpu": () => ({
    message: "This browser has no WebGPU.",
    way_out: `${TRAINS_ANYWAY} Chrome or Edge 113, Safari 26, Firefox 141 and later have it.`,
  }),
  // http:// other than localhost: browsers then hide it
  "not-secure": () => ({
    message: "This page was loaded over plain http, where browsers switch WebGPU off.",
    way_out: `${TRAINS_ANYWAY} Open the page over https, from localhost or as a file.`,
  }),
  "no-adapter": (detail) => ({
    message: sentence("The browser has WebGPU but offers no graphics adapter", detail),
    way_out: `${TRAINS_ANYWAY} Hardware acceleration may be off in the browser's settings.`,
  }),
  // a software adapter: the CPU engine is faster
  "software": (detail) => ({
    message: `The only graphics adapter is software, not a GPU (${detail}).`,
    way_out: TRAINS_ANYWAY,
  }),
  "too-small": (detail) => ({
    message: `The graphics adapter is too small for this model: ${detail}.`,
    way_out: `${TRAINS_ANYWAY} A smaller batch or model would fit.`,
  }),
  "memory": (detail) => ({
    message: sentence("The graphics adapter has too little free memory for this model", detail),
    way_out: `${TRAINS_ANYWAY} Closing other tabs may help.`,
  }),
  // our mistake, or one of the browser's compiler
  "kernel": (detail) => ({
    message: sentence("The graphics adapter's compiler rejects a kernel", detail),
    way_out: `${TRAINS_ANYWAY} ${REPORT}`,
  }),
  // the browser or the card never answers a request
  "silent": (detail) => ({
    message: sentence("The graphics card does not answer", detail),
    way_out: `${TRAINS_ANYWAY} Restarting the browser may help.`,
  }),
  "lost": (detail) => ({
    message: sentence("The browser lost the graphics device", detail || "it gives no reason"),
    way_out: TRAINS_ANYWAY,
  }),
  // its results differ from the CPU engine's; see webgpu/cross_check.ts
  "wrong": (detail) => ({
    message: `This graphics card computes wrong results. ${detail}.`,
    way_out: `${TRAINS_ANYWAY} A newer graphics driver or browser may fix it.`,
  }),
  // the device reported an error while running
  "error": (detail) => ({
    message: sentence("The graphics device reported an error", detail),
    way_out: `${TRAINS_ANYWAY} ${REPORT}`,
  }),
  // anything else that failed before the first iteration
  "unforeseen": (detail) => ({
    message: sentence("The graphics engine could not start", detail),
    way_out: `${TRAINS_ANYWAY} ${REPORT}`,
  }),
} satisfies Record<string, (detail: string) => FailureText>;

export type WebGpuErrorKind = keyof typeof WEBGPU_ERRORS;

/** Text for why WebGPU does not run here, and for what to do about it. @param detail WebGpuError's message */
export function webGpuText(kind: WebGpuErrorKind, detail: string): FailureText {
  const textOf: (detail: string) => FailureText = WEBGPU_ERRORS[kind];
  return textOf(detail);
}

/** What a graphics card or its Worker was doing when it stopped answering. */
const WAITING = {
  adapter: "asked for an adapter",
  device: "asked for a device",
  kernels: "compiling its kernels",
  work: "in the middle of a task",
  worker: "a Worker hangs",
};
export type Waiting = keyof typeof WAITING;

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** By the kind of a WebGpuError, details from the engine itself; for the other kinds only the browser has details. */
const WEBGPU_DETAILS = {
  silent: ({ waiting, ms }: { waiting: Waiting; ms: number }) =>
    `${WAITING[waiting]}, waited ${Math.round(ms / 1000)} seconds`,
  "too-small": ({ bytes, needed_bytes }: { bytes: number; needed_bytes: number }) =>
    `it allows ${mebibytes(bytes)} in one buffer; ${mebibytes(needed_bytes)} are needed`,
  memory: ({ bytes, said }: { bytes: number; said: string }) => `${mebibytes(bytes)} were requested; ${said}`,
  wrong: ({ adapter = "it", difference }: { adapter?: string; difference: Difference }) =>
    `${adapter}: ${worded(DIFFERENCES, difference)}`,
};

export type WebGpuDetail<K> = K extends keyof typeof WEBGPU_DETAILS ? Parameters<(typeof WEBGPU_DETAILS)[K]>[0] : never;

export function webGpuDetail<K extends WebGpuErrorKind>(kind: K, detail: WebGpuDetail<K>): string {
  return worded(WEBGPU_DETAILS, { kind, ...detail } as Worded<typeof WEBGPU_DETAILS>);
}

const nats = (loss: number) => Number.isFinite(loss) ? decimals(loss, 4) : "not a number";
const CHANGES = { m: "the gradient", v: "the gradient’s square", params: "the update" };

/** By kind, how a graphics card's result differs from the CPU engine's `own`. */
const DIFFERENCES = {
  loss: ({ iteration, loss, own }: { iteration: number; loss: number; own: number }) =>
    `the loss at iteration ${iteration} is ${nats(loss)}, where the CPU engine has ${nats(own)}`,
  "loss measured again": ({ iteration, loss, own }: { iteration: number; loss: number; own: number }) =>
    `the loss at iteration ${iteration}, measured once more, is ${nats(loss)}, where the CPU engine has ${nats(own)}`,
  "lost loss": ({ iteration }: { iteration: number }) =>
    `the loss at iteration ${iteration} is not a number; the CPU engine’s is`,
  "lost weights": ({ iteration, loss }: { iteration: number; loss: number }) =>
    `the loss at iteration ${iteration} is ${nats(loss)}, from weights that are not numbers`,
  change: ({ part, tensor }: { part: keyof typeof CHANGES; tensor: string }) =>
    `${CHANGES[part]} of ${tensor} differs from the CPU engine’s`,
  text: () => "with the same weights it writes different text from the CPU engine’s",
};

export type Difference = Worded<typeof DIFFERENCES>;
