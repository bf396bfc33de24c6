// What a page offers to a reader whose run is kept, and how that run goes on.
import { whyUnlike } from "../checkpoint/unlike.ts";
import type { TrainingSession } from "../session/session.ts";
import { fileFaultText } from "../wording_of_files.ts";
import { offer } from "../wording_of_keeping.ts";
import type { Kept, KeptRuns, Place } from "./kept_run.ts";
import type { RunStore } from "./run_store.ts";

export type Offer =
  /** It can go on, or, if it has ended, be looked at. */
  | { kind: "stopped" | "ended"; run: Kept }
  /** The page's run has become another one; `reason` is a sentence. */
  | { kind: "unlike"; run: Kept; reason: string };

/** Decided from the facts beside the file, without an engine. */
export function offerOf({ newest: run }: KeptRuns, { options }: TrainingSession): Offer {
  const { model, training, corpus } = options, { vocab_size, name, sha256 } = corpus;
  // The same text has the same characters.
  const theirs = { model: run.model, training: run.training, corpus: { ...run.corpus, characters: "" } };
  const ours = { run: { model: { ...model, vocab_size }, training }, characters: [], corpus: { name, sha256 } };
  const unlike = whyUnlike(theirs, ours);
  if (unlike) return { kind: "unlike", run, reason: fileFaultText(unlike) };
  return { kind: run.done ? "ended" : "stopped", run };
}

/**
 * Replaces the session's run by the kept one, paused. If its newest save cannot be read, the one before is taken.
 * @param load replaces the run by a file's
 * @returns the save that was loaded
 * @throws Error if neither can be read; the message is a sentence, and the run has not changed
 */
export async function loadKept(
  { newest, fallback }: KeptRuns,
  store: Pick<RunStore, "file">,
  place: Place,
  load: (file: ArrayBuffer, save: Kept) => Promise<unknown>,
): Promise<Kept> {
  let reason = offer.lost;
  for (const save of [newest, fallback]) {
    const file = save && await store.file(place, save);
    if (!file) continue;
    try {
      await load(file, save);
      return save;
    } catch (error) {
      reason = (error as Error).message;
    }
  }
  throw new Error(offer.damaged(reason));
}
