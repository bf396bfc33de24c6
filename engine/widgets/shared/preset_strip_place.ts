// Where a presets block shows the health strip of its run. The strip itself comes with the script of instruments, after
// the page's.
import type { GroupNorms } from "../../training/observation.ts";
import type { Written } from "../../training/seen.ts";
import type { SessionReadings } from "../../session/readings.ts";

/** A recorded milestone; infinity and NaN are strings in it. */
export interface RecordedNorms {
  iteration: number;
  norms: Record<keyof GroupNorms, Written[]>;
  stream_rms?: Written[];
}

/** The norms after an update. */
export interface NormsAt {
  iteration: number;
  norms: GroupNorms;
  /** [L + 1]; missing if no line of text was observed. */
  stream_rms?: readonly number[];
}

export interface PresetStrip {
  readonly element: HTMLElement;
  /** @param name of the run @param recorded the same run's recording; missing if there is none */
  draw(name: string, session: SessionReadings, recorded?: readonly RecordedNorms[]): void;
}

declare global {
  /** Set by widgets/instruments/script.ts. */
  var pressStartPresetStrip: (() => PresetStrip) | undefined;
}
