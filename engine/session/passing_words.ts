// Words of a session's badge that its status does not decide: what is done between two iterations, and, for a moment,
// what has just happened.
import { note } from "../wording.ts";
import type { Engine } from "../workers/engine_link.ts";
import type { SurvivalNotice } from "../training/backend.ts";
import { webGpuErrorText } from "../webgpu/webgpu_error.ts";

/** For how long the badge tells of what has happened. */
const MOMENT_MS = 2000;

export class PassingWords {
  /** What is done between two iterations, or null. */
  doing: string | null = null;
  /** What has just happened, or null. */
  happened: string | null = null;
  #changed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param changed told after every change but clear() */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  tellDoing(words: string): void {
    this.doing = words;
    this.#changed();
  }

  tellHappened(words: string): void {
    this.happened = words;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.happened = null;
      this.#changed();
    }, MOMENT_MS);
    this.#changed();
  }

  /** Nothing is going on any more that the badge would tell of. */
  clear(): void {
    this.doing = this.happened = null;
    clearTimeout(this.#timer);
  }
}

/** The engine that a run has after what happened to its graphics device; null where nothing is decided yet. */
export function engineAfter(notice: SurvivalNotice): Engine | null {
  if (!("description" in notice)) return null;
  const { description } = notice;
  if (notice.kind === "device-back") return { kind: "webgpu", description, compile_ms: null, instead: null };
  return { kind: "cpu", description, compile_ms: null, instead: webGpuErrorText(notice.cause, notice.reason) };
}

/** Whether a card was found to compute wrong results. */
export function wrongCard(notice: SurvivalNotice): boolean {
  return "cause" in notice && notice.cause === "wrong";
}

/** Text for a graphics device that failed, and for where training goes on. */
export function survivalText(notice: SurvivalNotice): string {
  const { iteration } = notice;
  switch (notice.kind) {
    case "device-lost":
      return note.device_lost(iteration, notice.reason);
    case "device-silent":
      return note.device_silent(iteration, notice.reason);
    case "device-back":
      return note.device_back(iteration, notice.description);
    case "cpu-instead":
      return note.cpu_instead(iteration, notice.description);
    case "device-error":
      return note.device_error(iteration, notice.reason);
    case "wrong-results":
      return note.wrong_results(iteration, notice.description, notice.reason);
  }
}
