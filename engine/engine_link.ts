// A session's line to its Workers: makes them, asks one thing at a time, and turns what goes wrong into a failure.
import type { BenchPart, BenchWishes } from "./bench_run.ts";
import type { RunConfig } from "./config.ts";
import { workersFor } from "./cpu/cpu_backend.ts";
import type { Rungs } from "./phase.ts";
import type { Reply, Request, Trouble } from "./protocol.ts";
import { type GpuTroubleText, troubleText } from "./webgpu/trouble.ts";

/** What the surroundings lend: a page in a browser, or deno. */
export interface SessionHost {
  /** A new Worker that runs worker.ts. */
  makeWorker(): Worker;
  /** Resolves once makeWorker() may be called, where that is not from the start. */
  program_arrived?: Promise<void>;
  /** Cores of this machine. */
  cores: number;
  /** Lets WebGPU run on an adapter that is a program; for tests. */
  allow_software?: boolean;
  /** A graphics card that was found to compute wrong results, in words: no run of the page uses it unasked. */
  wrong_card?: GpuTroubleText | null;
}

export class EngineFailure extends Error {
  constructor(readonly trouble: Trouble, message: string) {
    super(message);
  }
}

type Answer<T extends Reply["type"]> = Extract<Reply, { type: T }>;

/** What an engine says unasked. */
export interface EngineListeners {
  losses(reply: Answer<"losses">): void;
  progress(reply: Answer<"progress">): void;
  notice(reply: Answer<"notice">): void;
  bench_part(part: BenchPart): void;
}

/** The engine that a run has got. */
export interface Engine {
  kind: "cpu" | "webgpu";
  description: string;
  /** What compiling the kernels took; null where there was nothing to compile. */
  compile_ms: number | null;
  /** Where WebGPU was wanted: why it is not. */
  instead: GpuTroubleText | null;
}

function engineOf({ kind, description, compile_ms }: Answer<"created">, instead: GpuTroubleText | null): Engine {
  return { kind, description, compile_ms, instead };
}

/** The fastest engine there is, the CPU's, or the CPU's without care for large numbers. */
export type EngineChoice = "fastest" | "cpu" | "careless";

export interface EngineWish {
  prefer: EngineChoice;
  allow_software: boolean;
}

export class EngineLink {
  #host: SessionHost;
  #workers: Worker[] = [];
  #pending: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | null = null;
  #failure: EngineFailure | null = null;
  #listeners: Partial<EngineListeners>;

  constructor(host: SessionHost, listeners: Partial<EngineListeners>) {
    this.#host = host;
    this.#listeners = listeners;
  }

  /** The first Worker, once its program is there. @throws EngineFailure */
  async #begin(): Promise<void> {
    await this.#host.program_arrived;
    if (this.#failure) throw this.#failure;
    this.#hire(1);
  }

  #hire(count: number): void {
    while (this.#workers.length < count) {
      const worker = this.#host.makeWorker();
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(new EngineFailure("worker-died", event.message ?? ""));
      };
      worker.onmessageerror = () => this.#fail(new EngineFailure("worker-died", "a message could not be read"));
      worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#hear(data);
      this.#workers.push(worker);
    }
  }

  /** Prepares the engine for a run: on WebGPU where it is wanted and to be had, else on the CPU. @throws EngineFailure */
  async create(run: RunConfig, gzip_base64: string, rungs: Rungs | null, wish: EngineWish): Promise<Engine> {
    await this.#begin();
    const careless = wish.prefer === "careless";
    const request = { type: "create", run, gzip_base64, rungs, careless, allow_software: wish.allow_software } as const;
    let instead: GpuTroubleText | null = null;
    if (wish.prefer === "fastest" && !this.#host.wrong_card) {
      const reply = await this.#ask({ ...request, engine: "webgpu", ports: [] });
      if (reply.type === "created") return engineOf(reply, instead);
      if (reply.type === "no_gpu") instead = troubleText(reply.trouble, reply.message);
      if (reply.type === "no_gpu" && reply.trouble === "wrong") this.#host.wrong_card = instead;
    }
    if (!careless) instead ??= this.#host.wrong_card ?? null;
    const ports = this.#assistants(careless ? 0 : workersFor(this.#host.cores) - 1);
    return engineOf(await this.ask({ ...request, engine: "cpu", ports }, "created", ports), instead);
  }

  /** Makes Workers into assistants of the first. @returns a port for each */
  #assistants(count: number): MessagePort[] {
    this.#hire(1 + count);
    return this.#workers.slice(1).map((worker) => {
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ type: "assist", port: port2 } satisfies Request, [port2]);
      return port1;
    });
  }

  /**
   * Measures an engine's speed; results come through the listener.
   * @param workers for the CPU: 1, 2, 4 or 8
   * @returns why there is no GPU, where one was asked for and there is none
   * @throws EngineFailure
   */
  async bench(
    what: { run: RunConfig; gzip_base64: string; engine: "webgpu" | "cpu"; wishes: BenchWishes },
    workers = 1,
  ): Promise<GpuTroubleText | null> {
    await this.#begin();
    const ports = this.#assistants(workers - 1);
    const reply = await this.#ask({ type: "bench", ...what, ports }, ports);
    return reply.type === "no_gpu" ? troubleText(reply.trouble, reply.message) : null;
  }

  /** @throws EngineFailure; after it the link is of no more use */
  async ask<T extends Reply["type"]>(
    request: Request,
    expected: T,
    transfer: Transferable[] = [],
  ): Promise<Answer<T>> {
    const reply = await this.#ask(request, transfer);
    if (reply.type !== expected) throw new Error(`${request.type} answered by ${reply.type}, expected ${expected}`);
    return reply as Answer<T>;
  }

  #ask(request: Request, transfer: Transferable[] = []): Promise<Reply> {
    if (this.#pending) throw new Error(`${request.type} asked before the last question was answered`);
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
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
    if (reply.type === "losses") return this.#listeners.losses?.(reply);
    if (reply.type === "progress") return this.#listeners.progress?.(reply);
    if (reply.type === "notice") return this.#listeners.notice?.(reply);
    if (reply.type === "bench_part") return this.#listeners.bench_part?.(reply.part);
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
    this.#listeners = {}; // what is still on its way belongs to nobody
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
    this.#fail(new EngineFailure("worker-died", "the session was closed"));
  }
}
