// Training rests while a sample is shown. The engine is free then: a file costs no training time, and before training
// goes on a graphics card may be woken.
import type { Tasks } from "./between_iterations.ts";
import type { RunEngine } from "./run_engine.ts";
import type { RunState } from "./run_state.ts";
import type { Speech } from "./speech.ts";
import { wakesCard, WAKING_MS } from "./waking.ts";

export class Rest {
  #state: RunState;
  #engine: RunEngine;
  #tasks: Tasks;
  /** Settles when the card's work under way has ended; null if there is none. */
  #waking: Promise<void> | null = null;

  constructor(state: RunState, engine: RunEngine, tasks: Tasks) {
    this.#state = state;
    this.#engine = engine;
    this.#tasks = tasks;
  }

  /**
   * Lets the sample appear, and does the session's tasks meanwhile. Resolves when all of it is shown, or as soon as it
   * is cut or its run reset. The engine is free only after end().
   */
  async during(speech: Speech, on_more: () => void): Promise<void> {
    const { rest_ms, characters } = this.#state.options.sampling;
    let written = false, onNear = () => {};
    let near = new Promise<void>((resolve) => onNear = resolve);
    const look = () => {
      if (speech.left_ms <= WAKING_MS) onNear();
    };
    const end = speech.write(rest_ms / characters, () => {
      on_more();
      look();
    }).then(() => {
      written = true;
    });
    look();
    try {
      while (this.#state.speaking === speech) {
        await Promise.race([end, this.#tasks.added, near]);
        if (written || this.#state.speaking !== speech) break;
        if (this.#tasks.open) await this.#tasks.doNext(await this.#engine.ready());
        else {
          await Promise.race([end, this.#wake(speech.left_ms)]);
          if (!this.#tasks.open) near = end; // else a task has ended the card's work, which goes on afterwards
        }
      }
    } finally {
      speech.cut(); // another run may have replaced this one, or the engine failed
    }
  }

  /** Ends the card's work. Resolves once the engine is free. */
  async end(): Promise<void> {
    if (this.#waking) this.#engine.pause();
    await this.#waking;
  }

  /** A task or a pause ends it early. */
  async #wake(ms: number): Promise<void> {
    if (ms <= 0 || !wakesCard(this.#state)) return;
    this.#waking = this.#engine.wake(ms).finally(() => this.#waking = null);
    await this.#waking;
  }
}
