// Words of a session's badge that its status does not decide: what is done between two iterations, and, for a moment,
// what has just happened.
import { note } from "./messages.ts";
import type { SurvivalNotice } from "./webgpu/surviving_backend.ts";

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

/** How the loss of the graphics device is told, and where training goes on. */
export function survivalText(notice: SurvivalNotice): string {
  const { iteration } = notice;
  switch (notice.kind) {
    case "device-lost":
      return note.device_lost(iteration, notice.reason);
    case "device-back":
      return note.device_back(iteration, notice.description);
    case "cpu-instead":
      return note.cpu_instead(iteration, notice.description);
  }
}
