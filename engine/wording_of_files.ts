// Every sentence about checkpoint files: why one is refused, why a run is not saved, and how a loaded run goes on.
import { count, shortened } from "./wording.ts";

/** A name or a value from a file, which may be long or hold anything. */
const quoted = (text: string) => `“${shortened(text)}”`;
const shape = (sizes: readonly number[]) => `[${sizes.join(", ")}]`;
const bytes = (n: number) => `${count(n)} ${n === 1 ? "byte" : "bytes"}`;
const DAMAGED = "The file is damaged";

/** The two JSON texts of a file. */
export type JsonPart = "header" | "press_start";
const PARTS: Record<JsonPart, string> = { header: "header", press_start: "entry “press_start”" };

/** By kind, why a file is refused. */
const FAULTS = {
  // the file as a whole
  "too-large": ({ size, most }: { size: number; most: number }) =>
    `The file has ${bytes(size)}; the largest checkpoint has ${count(most)}.`,
  "not-safetensors": () => "This is not a checkpoint: it does not begin like a .safetensors file.",
  "not-ours": () => "This .safetensors file is not a checkpoint of Press Start: it has no entry “press_start”.",
  "newer": ({ format, known }: { format: number; known: number }) =>
    `The file has format ${format}, and this page reads format ${known}: open it on a newer Press Start page.`,
  "checksum": () => `${DAMAGED}: its checksum does not match its content.`,

  // the header
  "long-header": ({ length, most }: { length: number; most: number }) =>
    `The file says that its header has ${bytes(length)}; a checkpoint’s has at most ${count(most)}.`,
  "cut-header": ({ length, there }: { length: number; there: number }) =>
    `The file is cut short: its header has ${bytes(length)}, of which ${count(there)} are there.`,
  "not-utf8": ({ part }: { part: JsonPart }) => `${DAMAGED}: its ${PARTS[part]} is not UTF-8 text.`,
  "padding": () => `${DAMAGED}: its header ends in something other than spaces.`,
  "json": ({ part, at, found }: { part: JsonPart; at: number; found: string }) =>
    `${DAMAGED}: its ${PARTS[part]} is not JSON from character ${count(at)} on (${
      found === "" ? "it ends there" : quoted(found)
    }).`,
  "duplicate": ({ part, key }: { part: JsonPart; key: string }) =>
    `${DAMAGED}: its ${PARTS[part]} has the key ${quoted(key)} twice.`,
  "field": ({ name, value, expected }: { name: string; value: string; expected: string }) =>
    `${DAMAGED}: ${name} is ${shortened(value)}, and not ${expected}.`,

  // the tensors
  "dtype": ({ tensor, dtype }: { tensor: string; dtype: string }) =>
    `The tensor ${quoted(tensor)} holds ${shortened(dtype)}; a checkpoint’s tensors hold F32.`,
  "shape": ({ tensor, sizes, expected }: { tensor: string; sizes: number[]; expected: number[] }) =>
    `The tensor ${quoted(tensor)} has the shape ${shortened(shape(sizes))}; the file’s model needs ${shape(expected)}.`,
  "size": ({ tensor, sizes, size }: { tensor: string; sizes: number[]; size: number }) =>
    `${DAMAGED}: the tensor ${quoted(tensor)} has ${bytes(size)}, which does not fit its shape ${
      shortened(shape(sizes))
    }.`,
  "out-of-range": ({ tensor, end, size }: { tensor: string; end: number; size: number }) =>
    `The file is cut short, or its header is wrong: the tensor ${quoted(tensor)} ends at byte ${count(end)} of ${
      count(size)
    }.`,
  "overlap": ({ tensor, other }: { tensor: string; other: string }) =>
    `${DAMAGED}: the tensors ${quoted(other)} and ${quoted(tensor)} overlap.`,
  "hole": ({ tensor, size }: { tensor: string; size: number }) =>
    `${DAMAGED}: ${bytes(size)} before the tensor ${quoted(tensor)} belong to no tensor.`,
  "rest": ({ size }: { size: number }) => `${DAMAGED}: its last ${bytes(size)} belong to no tensor.`,
  "missing": ({ tensor }: { tensor: string }) => `The file lacks the tensor ${quoted(tensor)}.`,
  "unknown": ({ tensor }: { tensor: string }) => `The file’s model has no tensor ${quoted(tensor)}.`,
  "number": ({ tensor, at, value }: { tensor: string; at: number; value: number }) =>
    `The tensor ${quoted(tensor)} has ${value} at number ${count(at)}${
      Number.isFinite(value) ? "; a mean of squares is never below 0" : "; training needs finite numbers"
    }.`,

  // a good file for another run
  "other-model": ({ name, value, own }: { name: string; value: number; own: number }) =>
    `The file’s model has ${name} = ${value}; this run’s has ${own}.`,
  "other-vocabulary": ({ theirs, ours }: { theirs: string; ours: string }) =>
    `The file’s model and this run’s text have different characters${only("; only the model has", theirs)}${
      only("; only the text has", ours)
    }.`,
  "other-text": ({ name, own }: { name: string; own: string }) =>
    name === own
      ? `The file’s run trained on another edition of the text ${quoted(name)}.`
      : `The file’s run trained on the text ${quoted(name)}; this one trains on ${quoted(own)}.`,
  "other-training": ({ name, value, own }: { name: string; value: unknown; own: unknown }) =>
    `The file’s run trains with ${name} = ${JSON.stringify(value)}; this one with ${JSON.stringify(own)}.`,
  "unsuitable": ({ why }: { why: string }) => `No engine trains the file’s model: ${why}`,

  // a run that is not saved
  "diverged": () => "This run has diverged: its weights are no longer numbers, so it cannot be saved.",
  "careless": () => "A run with careless arithmetic cannot be saved or loaded.",
  "no-room": ({ most }: { most: number }) =>
    `The run cannot be saved: its seed and its text’s name do not fit into ${bytes(most)}.`,
};

/** “; only the text has é, &”: up to ten of the characters, or nothing. */
function only(words: string, characters: string): string {
  const all = Array.from(characters), shown = all.slice(0, 10).map((one) => JSON.stringify(one)).join(" ");
  return all.length === 0 ? "" : `${words} ${shown}${all.length > 10 ? ` and ${all.length - 10} more` : ""}`;
}

/** A file that was moved or changed meanwhile. @param said the browser's own words */
export const unreadable = (said: string) => `The browser could not read the file (${said.replace(/\.$/, "")}).`;

/** A kind of FAULTS, with the values in its sentence. */
export type FileFault = {
  [K in keyof typeof FAULTS]:
    & { kind: K }
    & (Parameters<(typeof FAULTS)[K]> extends [infer Values] ? Values : unknown);
}[keyof typeof FAULTS];

export function fileFaultText(what: FileFault): string {
  return (FAULTS[what.kind] as (values: FileFault) => string)(what);
}

const MODULES: Record<string, string> = {
  "cpu-fma": "the CPU engine’s module fma",
  "cpu-base": "the CPU engine’s module base",
};

/** What a file says of its engine. */
export interface FileEngine {
  engine: string;
  adapter: string | null;
  browser?: string;
}

/** A file's engine, for a sentence. */
export function madeBy({ engine, adapter, browser }: FileEngine): string {
  if (engine !== "webgpu") return MODULES[engine] ?? quoted(engine);
  const where = browser === undefined ? "" : ` in ${shortened(browser)}`;
  return `the WebGPU engine on ${shortened(adapter ?? "a graphics card")}${where}`;
}

/** In the log of a loaded run: how it goes on. */
export const loaded = {
  same: (iteration: number) =>
    `loaded from a file at iteration ${count(iteration)}: goes on with the same bytes as the run that was saved`,
  same_card: (iteration: number) =>
    `loaded from a file at iteration ${count(iteration)}: goes on with the same graphics card and kernels; ` +
    "if the browser is the same, so are the bytes",
  same_browser: (iteration: number) =>
    `loaded from a file at iteration ${
      count(iteration)
    }: graphics card, browser and kernels are the same, and so are the bytes`,
  other_engine: (iteration: number, file: FileEngine) =>
    `loaded from a file at iteration ${count(iteration)}, made by ${madeBy(file)}: ` +
    "goes on with another engine, so the last digits will differ",
  weights: (iteration: number) =>
    `loaded only the weights of iteration ${count(iteration)} from a file: AdamW’s moments begin at 0`,
};

/** Labels of buttons. */
export const fileButton = {
  save: "Save",
  load: "Load a file",
  save_whole: "Save the whole run",
  save_alone: "Save the weights alone",
  hashes: "Show the hashes",
  go_on: "Go on from this file",
  load_ended: "Load this finished run",
  fresh_moments: "Go on with fresh moments",
  save_first: "Save the current run first",
  saved_first: "The current run is saved",
  open: "Open it beside the run",
  cancel: "Cancel",
  close: "Close",
};

/** Files that are not read at all. */
export const notRead = {
  several: (n: number) => `These are ${count(n)} files; a run is one file. Choose one of them.`,
  folder: (name: string) => `${quoted(name)} is a folder. Choose the .safetensors file in it.`,
  empty: (name: string) => `The file ${quoted(name)} is empty.`,
  /** @param why the sentence about the file */
  refused: (name: string, why: string) => `${quoted(name)}: ${why}`,
};

/** What the page says of a file, before and after it is loaded. */
export const filePanel = {
  drop: "Drop the file anywhere on this page to see what is in it. The page replaces nothing before you agree.",
  reading: (name: string) => `Reading ${quoted(name)}.`,
  title: (name: string) => `What is in ${quoted(name)}`,
  weights_only:
    "The file holds the weights alone, without AdamW’s moments. You can open the model beside the run and talk to it, " +
    "or go on from it with fresh moments: both begin at 0, so the loss will jump at first.",
  /** @param run the session's name; null if the page has only one */
  replaces: (run: string | null, iteration: number) =>
    `Going on from this file replaces ${run === null ? "this page’s run" : `the run ${quoted(run)}`}, which is at ` +
    `iteration ${count(iteration)}.`,
  fresh: (run: string | null) =>
    `This page’s run${run === null ? "" : ` ${quoted(run)}`} has not begun, so nothing is lost.`,
  other_run: (why: string) => `${why} It cannot replace the run on this page, but you can open it beside that run.`,
  /** How exactly the run goes on. */
  exact: {
    "cpu": (made_by: string) =>
      `It was made by ${made_by}. In a browser that has this module, the run goes on as if it had never stopped, to ` +
      "the same bytes; in another browser the last digits differ.",
    "webgpu": (made_by: string) =>
      `It was made by ${made_by}. With the same card, browser and kernels, the run goes on as if it had never stopped, to ` +
      "the same bytes; otherwise the last digits differ.",
    "other": (made_by: string) => `It was made by ${made_by}, so the last digits will differ here.`,
  },
  saved: (name: string, size: number) => `Saved as ${quoted(name)}, ${bytes(size)}.`,
  went_on: (seed: string, how: string) => `Seed ${quoted(seed)}: ${how}.`,
};

/** The terms in the list of what a file holds. */
export const fileTerm = {
  seed: "seed",
  iteration: "iteration",
  val: "val NLL",
  text: "text",
  model: "model",
  engine: "engine",
  changed: "last changed",
  weights: "hash of the weights",
  state: "hash of the whole state",
};

export const fileValue = {
  iteration: (iteration: number, of: number) => `${count(iteration)} of ${count(of)}`,
  other_text: (name: string) => `${name}, which is not on this page`,
  model: (layers: number, heads: number, channels: number, context: number, characters: number, parameters: number) =>
    `${count(parameters)} parameters: ${count(layers)} ${layers === 1 ? "layer" : "layers"}, ${count(heads)} ${
      heads === 1 ? "head" : "heads"
    }, ${count(channels)} channels, a context of ${count(context)}, ${count(characters)} characters`,
  no_moments: "none: the file has no moments",
};

/** A file's run in a session of its own, beside the page's. */
export const openedRun = {
  title: (name: string) => `Opened beside the run: ${quoted(name)}`,
  cannot_train: (text: string) =>
    `The text ${quoted(text)} is not on this page, so this model cannot train here. It can write.`,
  can_train: "It trains on the text of this page. The page’s own run waits meanwhile.",
  train: "Train on",
  pause: "Pause",
  write: "Write a sample",
  stop: "Stop writing",
  close: "Close this run",
  no_sample: "It has written nothing yet.",
  waits: "the run from a file",
};

/** The block about a run's files. */
export const checkpointBlock = {
  now: (seed: string, iteration: number, of: number) =>
    `The run has the seed “${shortened(seed)}” and is at iteration ${count(iteration)} of ${count(of)}.`,
  hashed: (iteration: number) => `These are the hashes at iteration ${count(iteration)}.`,
  too_early: "The page’s script for files has not loaded. Reload the page.",
};
