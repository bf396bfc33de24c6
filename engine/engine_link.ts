// A session's line to its Workers: makes them, asks one thing at a time, and turns what goes wrong into a failure.
import type { RunConfig } from "./config.ts";
import { workersFor } from "./cpu/cpu_backend.ts";
import type { Rungs } from "./phase.ts";
import type { Reply, Request, Trouble } from "./protocol.ts";

/** What the surroundings lend: a page in a browser, or deno. */
export interface SessionHost {
  /** A new Worker that runs worker.ts. */
  makeWorker(): Worker;
  /** Cores of this machine. */
  cores: number;
}

export class EngineFailure extends Error {
  constructor(readonly trouble: Trouble, message: string) {
    super(message);
  }
}

type Losses = Extract<Reply, { type: "losses" }>;
type Answer<T extends Reply["type"]> = Extract<Reply, { type: T }>;

export class EngineLink {
  #workers: Worker[] = [];
  #pending: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | null = null;
  #failure: EngineFailure | null = null;
  #on_losses: (losses: Losses) => void;

  /** @param on_losses hears of every batch of losses while a `train` is under way */
  constructor(host: SessionHost, on_losses: (losses: Losses) => void) {
    this.#on_losses = on_losses;
    for (let i = 0; i < workersFor(host.cores); i++) {
      const worker = host.makeWorker();
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(new EngineFailure("worker-died", event.message ?? ""));
      };
      worker.onmessageerror = () => this.#fail(new EngineFailure("worker-died", "a message could not be read"));
      worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#hear(data);
      this.#workers.push(worker);
    }
  }

  /** Prepares the engine for a run. @throws EngineFailure */
  create(run: RunConfig, gzip_base64: string, rungs: Rungs | null): Promise<Answer<"created">> {
    const ports = this.#workers.slice(1).map((worker) => {
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ type: "assist", port: port2 } satisfies Request, [port2]);
      return port1;
    });
    return this.ask({ type: "create", run, gzip_base64, rungs, ports }, "created", ports);
  }

  /** @throws EngineFailure; after it the link is of no more use */
  ask<T extends Reply["type"]>(request: Request, expected: T, transfer: Transferable[] = []): Promise<Answer<T>> {
    if (this.#pending) throw new Error(`${request.type} asked before the last question was answered`);
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending = {
        reject,
        resolve: (reply) =>
          reply.type === expected
            ? resolve(reply as Answer<T>)
            : reject(new Error(`${request.type} answered by ${reply.type}, expected ${expected}`)),
      };
      this.#workers[0].postMessage(request, transfer);
    });
  }

  /** Stands for the question that waits for its answer, a different object each time; null where none does. */
  get open_question(): object | null {
    return this.#pending;
  }

  /** Makes a `train` that is under way end after the current iteration. */
  pause(): void {
    this.#workers[0]?.postMessage({ type: "pause" } satisfies Request);
  }

  #hear(reply: Reply): void {
    if (reply.type === "losses") return this.#on_losses(reply);
    if (reply.type === "failed") return this.#fail(new EngineFailure(reply.trouble, reply.message));
    const pending = this.#pending;
    this.#pending = null;
    pending?.resolve(reply);
  }

  /** A Worker may die while nothing is asked of it: the next question then hears of it. */
  #fail(error: EngineFailure): void {
    this.#failure ??= error;
    const pending = this.#pending;
    this.#pending = null;
    pending?.reject(error);
  }

  dispose(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
    this.#fail(new EngineFailure("worker-died", "the session was closed"));
  }
}
