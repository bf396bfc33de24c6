// Badge texts that do not follow from a session's status: work between two iterations and, for a moment, what has just
// happened.
import { note } from "../wording.ts";
import type { Engine } from "../workers/engine_link.ts";
import type { SurvivalNotice } from "../training/backend.ts";
import { webGpuErrorText } from "../webgpu/webgpu_error.ts";

/** How long the badge shows what has happened. */
const MOMENT_MS = 2000;

export class PassingWords {
  /** The work between two iterations, or null. */
  doing: string | null = null;
  /** What has just happened, or null. */
  happened: string | null = null;
  #changed: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param changed called after every change except clear() */
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

  /** Removes both texts. */
  clear(): void {
    this.doing = this.happened = null;
    clearTimeout(this.#timer);
  }
}

/** The engine of a run after an incident with its graphics device; null while this is undecided. */
export function engineAfter(notice: SurvivalNotice): Engine | null {
  if (!("description" in notice)) return null;
  const engine = { description: notice.description, adapter: null, compile_ms: null };
  if (notice.kind === "device-back") return { ...engine, kind: "webgpu", module: null, instead: null };
  const { module } = notice, instead = webGpuErrorText(notice.cause, notice.reason);
  return { ...engine, kind: "cpu", module, instead };
}

/** Whether the notice reports a card that computes wrong results. */
export function wrongCard(notice: SurvivalNotice): boolean {
  return "cause" in notice && notice.cause === "wrong";
}

/** Text for a failed graphics device, or for where training continues. */
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
