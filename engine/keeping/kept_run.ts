// What is known about a kept run beside its file, so that a list needs to read no file; and which saves are kept.
import type { OwnText } from "../checkpoint/run_files.ts";
import type { ModelConfig, TrainingConfig } from "../training/config.ts";

/** Where a run was made. The path keeps pages apart: on file:// Chromium has one store for all files. */
export interface Place {
  path: string;
  session: string;
}

/** One save of a run. */
export interface Save {
  /** The same for all saves of a run, and for no other run. */
  run: string;
  seed: string;
  iteration: number;
  iterations: number;
  /** The last loss on the validation windows, in nats per character; null if there is none. */
  val: number | null;
  /** Whether the run has ended. */
  done: boolean;
  /** Milliseconds since 1970. */
  when: number;
  /** The file's size. */
  bytes: number;
  /** What must be the same on a page that continues it. */
  model: ModelConfig;
  training: TrainingConfig;
  corpus: OwnText;
}

/** A save whose file is in one of the place's slots. */
export interface Kept extends Save {
  slot: number;
}

/** All that is kept for one place. */
export interface KeptRuns extends Place {
  /** The page's title. */
  title: string;
  newest: Kept;
  /** The save before the newest one, of the same run, in case that the newest cannot be read. */
  fallback: Kept | null;
  /** Another run, which the reader had before this one. */
  before: Kept | null;
}

/** All saves that are kept. */
export function savesOf({ newest, fallback, before }: KeptRuns): Kept[] {
  return [newest, fallback, before].filter((save) => save !== null);
}

/**
 * What is kept once there is a new save. A new run does not replace the run before it: of several earlier runs, the one
 * that went furthest stays, and of equals the newest. So a short try does not cost a reader a long run. A run that goes
 * on in two tabs is saved by both under one name: a save that is behind the newest one counts as another run.
 */
export function withSave(had: KeptRuns | null, at: Place & { title: string }, save: Save): KeptRuns {
  const isPast = (one: Kept) => one.run === save.run && one.iteration <= save.iteration;
  const fallback = had && isPast(had.newest) ? had.newest : null;
  const others = [had?.before, had?.newest].filter((one) => one && !isPast(one)) as Kept[];
  const before = others.reduce<Kept | null>((most, one) => most && most.iteration > one.iteration ? most : one, null);
  // The newest file is never overwritten, so a slot must be free while both old files are still needed.
  const taken = new Set([had?.newest, before].map((one) => one?.slot));
  const slot = [0, 1, 2].find((slot) => !taken.has(slot))!;
  return { ...at, newest: { ...save, slot }, fallback, before };
}
