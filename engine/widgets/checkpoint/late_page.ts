// What the page's script gives to the parts of the page that come later: the late script (engine/late.ts), and the
// blocks about checkpoints (script.ts).
import type { FileFacts } from "../../checkpoint/run_files.ts";
import type { Emitter } from "../../session/emitter.ts";
import type { PresetHost } from "../../session/preset_runs.ts";
import type { FilePart } from "../../session/run_file.ts";
import type uPlot from "uplot";
import type { TrainingSession } from "../../session/session.ts";
import type { EngineLink } from "../../workers/engine_link.ts";
import type { LateIsland } from "../shared/island.ts";

/** What parts of the page tell each other. */
export interface LateEvents {
  /** A reader has saved a run as a file. */
  saved: TrainingSession;
  /** A reader has brought a good file; nothing is loaded yet. */
  read: { file: File; facts: FileFacts };
  /** A file's run has replaced a session's. */
  loaded: TrainingSession;
  /** A session has been added to `sessions`, or removed. */
  sessions: void;
}

export interface LatePage {
  /** Every session of the page by its name; a part that makes one adds it here, and removes it when it disposes of it. */
  readonly sessions: Record<string, TrainingSession>;
  /** For more sessions. `host.program_arrived` resolves once the late script is there. */
  readonly host: PresetHost;
  /** From the page's script, so that no other script contains it a second time. */
  readonly own: {
    readonly TrainingSession: typeof TrainingSession;
    readonly EngineLink: typeof EngineLink;
    readonly uPlot: typeof uPlot;
  };
  /** The elements of the page's runners, from the top, with their sessions. */
  readonly runners: readonly { root: Element; session: TrainingSession }[];
  /** Whether the browser keeps a session's run, so that leaving the page loses next to nothing. */
  keeps(session: TrainingSession, safe: boolean): void;
  readonly events: Emitter<LateEvents>;
  /** Saves and loads. Set by the late script. */
  files?: PageFiles;
}

/** Files as the reader's buttons need them: the reader sees whatever goes wrong. */
export interface PageFiles {
  /** Downloads a run. @returns the file's name, or null if the run could not be saved */
  save(session: TrainingSession, part: FilePart): Promise<string | null>;
  /** Lets the reader choose a file, and takes it. */
  choose(session: TrainingSession): void;
  /**
   * Reads what was dropped, pasted or chosen, and shows what is in it.
   * @param at where it was dropped, in the window
   * @param session the one that it is meant for, if it fits that one as well as another
   */
  take(files: readonly File[], at?: { x: number; y: number }, session?: TrainingSession): Promise<void>;
}

/** Mounts each kind of block about checkpoints in its emptied element. @returns a function that unmounts it */
export type LateMounts = {
  [K in LateIsland["kind"]]: (root: Element, island: Extract<LateIsland, { kind: K }>, page: LatePage) => () => void;
};

declare global {
  /** Set by the late script; the page calls it once, after it has started. */
  var pressStartLate: ((page: LatePage) => void) | undefined;
  /** Set by script.ts, which comes after the page's script, on pages with a block about checkpoints. */
  var pressStartCheckpoint: LateMounts | undefined;
}
