// Work that waits for a moment between two iterations, such as a fingerprint or a file.
import { type EngineLink, RefusedError } from "../workers/engine_link.ts";
import { gone } from "../wording_of_failures.ts";
import type { RunRecord } from "./history.ts";
import type { RunEngine } from "./run_engine.ts";
import type { RunState } from "./run_state.ts";

type Work<Result> = (link: EngineLink) => Promise<Result>;

interface Task {
  work: Work<unknown>;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class Tasks {
  #open: Task[] = [];
  #on_added = () => {};
  /** The record of a run whose weights are gone, while an engine without them does its tasks. */
  #without_weights: RunRecord | null = null;
  #state: RunState;
  #engine: RunEngine;
  #drive: () => void;

  /** @param drive called when there is a task: it does the tasks once the engine is ready */
  constructor(state: RunState, engine: RunEngine, drive: () => void) {
    this.#state = state;
    this.#engine = engine;
    this.#drive = drive;
  }

  get open(): boolean {
    return this.#open.length > 0;
  }

  /** Resolves once there is a task. */
  get added(): Promise<void> {
    return this.open ? Promise.resolve() : new Promise((resolve) => this.#on_added = resolve);
  }

  /** Whether the run has a record, but its weights are gone. */
  get released(): boolean {
    const { begun, record } = this.#state;
    return begun && (!this.#engine.exists || this.#without_weights === record);
  }

  /** Does `work` between two iterations; a run under way continues afterwards. @throws Error if the weights are gone */
  ask<Result>(work: Work<Result>): Promise<Result> {
    const { failure } = this.#state;
    if (failure) return Promise.reject(new Error(failure.message));
    if (this.released) return Promise.reject(new Error(gone.released));
    return this.#add(work);
  }

  /** The same for work that needs no weights. Where they are gone, an engine is made for it and closed afterwards. */
  askAnyway<Result>(work: Work<Result>): Promise<Result> {
    if (this.#state.failure || this.released) this.#without_weights = this.#state.record;
    return this.#add(work).finally(() => {
      if (this.#without_weights !== this.#state.record || this.open) return;
      this.#engine.drop();
      this.#without_weights = null;
    });
  }

  #add<Result>(work: Work<Result>): Promise<Result> {
    const answer = new Promise<Result>((resolve, reject) => {
      this.#open.push({ work, resolve: resolve as Task["resolve"], reject });
      this.#on_added();
    });
    this.#engine.pause();
    this.#drive();
    return answer;
  }

  /** Does the oldest task. It stays open if the engine fails or is replaced, so that the next engine can do it. */
  async doNext(link: EngineLink): Promise<void> {
    const task = this.#open[0], close = () => this.#open = this.#open.filter((other) => other !== task);
    try {
      const result = await task.work(link);
      close();
      task.resolve(result);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      close();
      task.reject(error);
    }
  }

  /** Rejects all tasks, because no engine is left for them. */
  refuse(reason: string): void {
    for (const { reject } of this.#open.splice(0)) reject(new Error(reason));
  }
}
