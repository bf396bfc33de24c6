// Sessions for tests: short runs on a small text, in real Workers; a run's outcome, and that of an undisturbed run.
import { gzipSync } from "node:zlib";
import { type History, type Sample, type SessionOptions, TrainingSession } from "../../../engine/session/session.ts";
import { sha256Hex } from "../../../engine/training/sha256.ts";
import { smallRun, smallText } from "../small_runs.ts";

export const TEXT = smallText(4000);

export function options(text = TEXT): SessionOptions {
  const vocab_size = new Set(text).size;
  const gzip_base64 = gzipSync(text).toString("base64");
  const corpus = {
    name: "small",
    title: "A small text",
    sha256: sha256Hex(new TextEncoder().encode(text)),
    vocab_size,
    rungs: null,
    floor: null,
    gzip_base64,
  };
  return { ...smallRun(), corpus };
}

export const makeWorker = () =>
  new Worker(import.meta.resolve("../../../engine/workers/worker.ts"), { type: "module" });

export function makeSession(cores = 1, given = options()): TrainingSession {
  return new TrainingSession("main", given, { makeWorker, cores });
}

/** Resolves when `condition` holds after some event. */
export function until(session: TrainingSession, condition: () => unknown): Promise<void> {
  if (condition()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = [session.on("status", look), session.on("metrics", look), session.on("sample", look)];
    function look() {
      if (!condition()) return;
      stop.forEach((end) => end());
      resolve();
    }
  });
}

export const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Outcome {
  weights: string;
  samples: readonly Readonly<Sample>[];
  train: History["train"];
  val: History["val"];
  whole: number | null;
}

export async function outcome(session: TrainingSession): Promise<Outcome> {
  await until(session, () => session.status === "done" || session.status === "failed");
  const { samples, history: { train, val }, whole_val_nll: whole } = session;
  return { weights: await session.fingerprint(), samples: structuredClone(samples), train, val, whole };
}

let straight: Promise<Outcome> | null = null;
/** The outcome of an undisturbed run. */
export function undisturbed(): Promise<Outcome> {
  return straight ??= (async () => {
    const session = makeSession();
    session.start();
    const result = await outcome(session);
    session.dispose();
    return result;
  })();
}
