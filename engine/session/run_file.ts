// A run as a file: what a session sends to its Worker, where files are made, read and checked.
import type { FileFacts, LoadedRun, OwnText, RunNotes } from "../checkpoint/run_files.ts";
import { MOST_BYTES, MOST_HEADER, PREFIX } from "../checkpoint/limits.ts";
import type { Hashes } from "../checkpoint/checkpoint.ts";
import { type EngineLink, RefusedError } from "../workers/engine_link.ts";
import { rawWords } from "../wording_of_failures.ts";
import { unreadable } from "../wording_of_files.ts";
import type { RunState } from "./run_state.ts";

/** The state, or the weights alone, as a .safetensors file. */
export type FilePart = "state" | "weights";

function textOf({ options: { corpus: { name, sha256 } } }: RunState): OwnText {
  return { name, sha256 };
}

function notesOf(state: RunState): RunNotes {
  const { speaking, phase, whole_val_nll: whole_val, iteration, record: { history } } = state;
  const samples = speaking ? [...state.samples, speaking.sample] : state.samples;
  const column = (name: "train" | "val", length: number) =>
    Float32Array.from({ length }, (_, i) => history[name][i] ?? NaN);
  const losses = { train: column("train", iteration), val: column("val", iteration + 1) };
  return { corpus: textOf(state), samples, phase, whole_val, ...losses };
}

export async function savedRun(link: EngineLink, state: RunState, part: FilePart): Promise<Blob> {
  const request = { type: "save", notes: notesOf(state), weights_only: part === "weights" } as const;
  const { bytes, elapsed_ms } = await link.ask(request, "saved");
  state.saving_ms += elapsed_ms;
  return new Blob([bytes], { type: "application/octet-stream" });
}

export async function runHashes(link: EngineLink, state: RunState): Promise<Hashes> {
  return (await link.ask({ type: "hashes", corpus: textOf(state) }, "hashes")).hashes;
}

/** A file's bytes; of a file that is too large, only as many as a header may have. */
export interface FileBytes {
  bytes: Uint8Array<ArrayBuffer>;
  size: number;
}

/** @throws RefusedError if the browser cannot read it */
export async function bytesOf(file: Blob | BufferSource): Promise<FileBytes> {
  const blob = file instanceof Blob ? file : new Blob([file]), { size } = blob;
  try {
    const part = size > MOST_BYTES ? blob.slice(0, PREFIX + MOST_HEADER) : blob;
    return { bytes: new Uint8Array(await part.arrayBuffer()), size };
  } catch (error) { // it was moved or changed meanwhile
    throw new RefusedError(unreadable(rawWords(error)));
  }
}

/** @throws RefusedError for a bad file */
export async function fileFacts(link: EngineLink, state: RunState, file: FileBytes): Promise<FileFacts> {
  return (await link.ask({ type: "read_file", ...file, corpus: textOf(state) }, "file_read")).facts;
}

/** Lets the engine continue the file's run. @throws RefusedError for a bad file, or another run's */
export async function loadedRun(link: EngineLink, state: RunState, { bytes }: FileBytes): Promise<LoadedRun> {
  return (await link.ask({ type: "load", bytes, corpus: textOf(state) }, "loaded")).run;
}
