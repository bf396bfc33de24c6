// What the page's script and the script of instruments give each other. That script comes after the page's, and only on
// pages with a block that uses it.
import type uPlot from "uplot";
import type { NamedRun, PresetRuns } from "../../session/preset_runs.ts";
import type { TrainingSession } from "../../session/session.ts";
import type { takeOffers } from "../shared/askable.ts";
import type { InstrumentIsland } from "../shared/island.ts";
import type { Spotlight } from "../shared/spotlight.ts";

export interface InstrumentsPage {
  /** Every session of the page by its name. */
  readonly sessions: Readonly<Record<string, TrainingSession>>;
  /** Which iteration of each session's run the reader points at. */
  readonly spotlights: ReadonlyMap<TrainingSession, Spotlight>;
  /** The runs of the page's blocks of presets. */
  readonly presets: readonly PresetRuns<NamedRun>[];
  /** From the page's script, so that no other script contains it a second time. */
  readonly own: { readonly uPlot: typeof uPlot; readonly takeOffers: typeof takeOffers };
}

/** Mounts each kind of instrument in its emptied element. @returns a function that unmounts it */
export type InstrumentMounts = {
  [K in InstrumentIsland["kind"]]: (
    root: Element,
    island: Extract<InstrumentIsland, { kind: K }>,
    page: InstrumentsPage,
  ) => () => void;
};

export interface Instruments {
  /** The page mounts each block when the browser is idle. */
  mounts: InstrumentMounts;
  /** Lets readers ask about the samples of the page, from now on. */
  ask(page: InstrumentsPage): void;
}

declare global {
  /** Set by script.ts. */
  var pressStartInstruments: Instruments | undefined;
}
