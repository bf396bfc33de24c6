// A session's connection to its Workers: creates them, sends one request at a time, and turns errors into EngineErrors.
import type { BenchPart, BenchWishes } from "../bench/bench_run.ts";
import type { RunConfig } from "../training/config.ts";
import { workersFor } from "../cpu/cpu_backend.ts";
import { type FailureKind, ownDetail, rawWords, type WebGpuErrorKind } from "../wording_of_failures.ts";
import { Patience } from "../training/patience.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import type { Rungs } from "../training/phase.ts";
import type { Reply, Request } from "./protocol.ts";
import type { CpuModule, SurvivalNotice } from "../training/backend.ts";
import { WebGpuError, type WebGpuErrorText, webGpuErrorText } from "../webgpu/webgpu_error.ts";

/**
 * A Worker that uses the graphics card and shows no sign of life for this long hangs in a call to the browser. While
 * kernels are being compiled, such a call may legitimately take longer.
 */
const HANGS_MS = 10_000, HANGS_COMPILING_MS = 40_000;
/** Creating the CPU engine takes well under a second, or a few seconds on a slow phone. */
const CREATES_MS = 60_000;
/** If an answer takes longer than this, the page says that it is waiting. */
const NOTICED_MS = 1000;

/** When a policy forbids a Worker, the browser reports the policy up to this long after the refusal itself. */
const REFUSAL_MS = 50;

/** What the environment provides: a page in a browser, or deno. */
export interface SessionHost {
  /** A new Worker that runs worker.ts. */
  makeWorker(): Worker;
  /** Whether a content security policy has blocked a Worker. */
  forbidsWorkers?(): boolean;
  /** Resolves once makeWorker() may be called; missing if it may be called at once. */
  program_arrived?: Promise<void>;
  /** Cores of this machine. */
  cores: number;
  /** Accepts a software adapter for WebGPU; for tests. */
  allow_software?: boolean;
  /** Text about a graphics card that computed wrong results; no run of the page then uses it by default. */
  wrong_card?: WebGpuErrorText | null;
  /** Why the graphics card is unavailable, as found by some run of this page; kept until the next reset. */
  no_gpu?: { kind: WebGpuErrorKind; message: string } | null;
}

export class EngineError extends Error {
  constructor(readonly kind: FailureKind, message: string) {
    super(message);
  }
}

/** A request that a Worker does not grant; the run stays as it is. The message is a sentence for the reader. */
export class RefusedError extends Error {}

/** An error's kind. It may come from another of the page's scripts, which has a class EngineError of its own. */
export function failureKind(error: unknown): FailureKind {
  return error instanceof Error && "kind" in error ? (error as EngineError).kind : "worker-died";
}

type Answer<T extends Reply["type"]> = Extract<Reply, { type: T }>;

/** Messages that an engine sends unasked. */
export interface EngineListeners {
  report(report: IterationReport, elapsed_ms: number): void;
  progress(reply: Answer<"progress">): void;
  notice(notice: SurvivalNotice): void;
  bench_part(part: BenchPart): void;
  /** A part of a text, as vocabulary indices. */
  wrote(tokens: Uint8Array): void;
  /** Whether the reader is now waiting for the graphics card. */
  waits_for_gpu(waits: boolean): void;
}

/** The engine that a run uses. */
export interface Engine {
  kind: "cpu" | "webgpu";
  description: string;
  /** Of the CPU engine; null on the graphics card. */
  module: CpuModule | null;
  /** The graphics card that trains, or that the CPU engine was measured to beat; null if none was asked for. */
  adapter: string | null;
  /** Time spent compiling the kernels; null if there was nothing to compile. */
  compile_ms: number | null;
  /** If WebGPU was wanted but is not used: why not. */
  instead: WebGpuErrorText | null;
}

function engineOf({ type: _type, ...engine }: Answer<"created">, instead: WebGpuErrorText | null): Engine {
  return { ...engine, instead };
}

function expected<T extends Reply["type"]>(reply: Reply, type: T, asked: { type: string }): Answer<T> {
  if (reply.type !== type) throw new Error(`${asked.type} answered by ${reply.type}, expected ${type}`);
  return reply as Answer<T>;
}

/**
 * The faster engine as far as it was measured, else a graphics card if there is one; the card; the CPU engine; or the
 * CPU engine without protection against overflow.
 */
export type EngineChoice = "fastest" | "webgpu" | "cpu" | "careless";

export const wantsCard = (choice: EngineChoice) => choice === "fastest" || choice === "webgpu";

export interface EngineWish {
  prefer: EngineChoice;
  /** The vocabulary, where the text is not here. */
  only_characters?: string[];
  allow_software: boolean;
  /** For the CPU engine; as many as workersFor says if missing. */
  workers?: number;
  /** For the CPU engine: a module to use if this browser runs it. */
  module?: CpuModule | null;
  /** Whether the CPU engine was measured to be faster than this card; missing if there is no such card. */
  overrules?: (adapter: string) => boolean;
}

export class EngineLink {
  /** Whether staff() may be called: not for a CPU engine that took over from a graphics card. */
  staffs = false;
  #host: SessionHost;
  #workers: Worker[] = [];
  #pending: { request: Request; resolve: (reply: Reply) => void; reject: (error: Error) => void } | null = null;
  /** Whether the engine runs on the graphics card, where calls may hang. */
  #on_gpu = false;
  #failure: EngineError | null = null;
  #listeners: Partial<EngineListeners>;
  /** For the CPU engine. */
  #workers_wanted: number;
  /** Timeout of the open request; null if it may take any time. */
  #patience: Patience | null = null;
  /** Timeout of an answer that the reader no longer needs; see whenStuck(). */
  #reader: Patience | null = null;

  constructor(host: SessionHost, listeners: Partial<EngineListeners>) {
    this.#host = host;
    this.#listeners = listeners;
    this.#workers_wanted = workersFor(host.cores);
  }

  /** Creates the first Worker, once its program has loaded: enough for `write` and `compare`. @throws EngineError */
  async begin(): Promise<void> {
    await this.#host.program_arrived;
    this.#haveWorkers(1);
  }

  /** Makes Workers until there are `count`. */
  #haveWorkers(count: number): void {
    if (this.#failure) throw this.#failure;
    while (this.#workers.length < count) {
      const worker = this.#makeWorker();
      worker.onerror = (event) => {
        event.preventDefault();
        if (!this.#workers.includes(worker)) return;
        // A Worker that never started gives no message. If a policy blocked it, the page learns so a moment later.
        if (event.message) this.#fail(new EngineError("worker-died", event.message));
        else setTimeout(() => this.#workers.includes(worker) && this.#fail(this.#notBegun("")), REFUSAL_MS);
      };
      worker.onmessageerror = () => this.#fail(new EngineError("worker-died", ownDetail.unread));
      worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        if (this.#workers.includes(worker)) this.#hear(data); // ignores Workers that were ended
      };
      this.#workers.push(worker);
    }
  }

  #makeWorker(): Worker {
    try {
      return this.#host.makeWorker();
    } catch (error) {
      throw this.#failure = this.#notBegun(rawWords(error));
    }
  }

  #notBegun(words: string): EngineError {
    return new EngineError(this.#host.forbidsWorkers?.() ? "worker-forbidden" : "no-worker", words);
  }

  /** Creates the engine for a run: WebGPU if wanted, available and not overruled, else the CPU. @throws EngineError */
  async create(run: RunConfig, gzip_base64: string, rungs: Rungs | null, wish: EngineWish): Promise<Engine> {
    await this.begin();
    const careless = wish.prefer === "careless";
    const { allow_software, module = null, only_characters } = wish, text = { gzip_base64, only_characters };
    const request = { type: "create", run, ...text, rungs, careless, module, allow_software } as const;
    this.#workers_wanted = wish.workers ?? this.#workers_wanted;
    let instead: WebGpuErrorText | null = null;
    const wants_card = wantsCard(wish.prefer) && !this.#host.wrong_card;
    let adapter = wants_card && wish.overrules && !this.#host.no_gpu ? await this.#overruled(wish) : null;
    if (wants_card && adapter === null) {
      if (!this.#host.no_gpu) {
        const reply = await this.#askForGpu({ ...request, engine: "webgpu", ports: [] });
        this.#on_gpu = reply.type === "created";
        if (reply.type === "created") {
          if (reply.adapter === null || !wish.overrules?.(reply.adapter)) return engineOf(reply, instead);
          adapter = reply.adapter; // it answered too late when it was sought
          this.#endCard();
        }
        if (reply.type === "no_gpu") this.#giveUpGpu(reply.kind, reply.message);
      }
      const { no_gpu } = this.#host;
      if (no_gpu) instead = webGpuErrorText(no_gpu.kind, no_gpu.message);
    }
    if (!careless) instead ??= this.#host.wrong_card ?? null;
    const ports = this.#makeAssistants(careless ? 0 : this.#workers_wanted - 1);
    const reply = await this.#ask({ ...request, engine: "cpu", ports }, ports, CREATES_MS);
    const engine = engineOf(expected(reply, "created", request), instead);
    this.staffs = true;
    return { ...engine, adapter };
  }

  /** The CPU engine gets a Worker that holds nothing of the card's. */
  #endCard(): void {
    this.#on_gpu = false;
    this.#endWorkers();
    this.#haveWorkers(1);
  }

  /** @returns the name of the graphics card, if there is one and the CPU engine was measured to be faster */
  async #overruled({ allow_software, overrules }: EngineWish): Promise<string | null> {
    const reply = await this.#askForGpu({ type: "seek_gpu", allow_software });
    if (reply.type === "no_gpu") this.#giveUpGpu(reply.kind, reply.message);
    return reply.type === "gpu_sought" && reply.adapter !== null && overrules!(reply.adapter) ? reply.adapter : null;
  }

  /**
   * The CPU engine goes on with `workers` Workers, at least those that it was created with. Others are ended.
   * @returns its new description, or null if there is no memory for more
   * @throws EngineError
   */
  async staff(workers: number): Promise<string | null> {
    const first = this.#workers_wanted, ports = workers > first ? this.#makeAssistants(workers - 1, first) : [];
    const request = { type: "staff", ports } as const;
    const { done, description } = expected(await this.#ask(request, ports, CREATES_MS), "staffed", request);
    this.#endWorkers(done ? workers : first);
    return done ? description : null;
  }

  /** Remembers that the graphics card failed, so that later runs of the page do not try it in vain. */
  #giveUpGpu(kind: WebGpuErrorKind, message: string): void {
    if (kind === "wrong") this.#host.wrong_card = webGpuErrorText(kind, message);
    else this.#host.no_gpu = { kind, message };
    if (kind === "silent") this.#endWorkers(); // a Worker that left a request unanswered is unreliable
    this.#haveWorkers(1);
  }

  async #askForGpu(request: Request): Promise<Reply> {
    const noticed = setTimeout(() => this.#listeners.waits_for_gpu?.(true), NOTICED_MS);
    try {
      return await this.#ask(request, [], HANGS_MS);
    } finally {
      clearTimeout(noticed);
      this.#listeners.waits_for_gpu?.(false);
    }
  }

  /** Whether a graphics card is available now. @throws EngineError */
  async seesGpu(allow_software: boolean): Promise<boolean> {
    const reply = await this.#ask({ type: "seek_gpu", allow_software }, [], HANGS_MS);
    if (reply.type === "no_gpu") throw new EngineError("gpu-silent", reply.message); // its Workers are gone
    return reply.type === "gpu_sought" && reply.adapter !== null;
  }

  /** Makes Workers assistants of the first, until it has `count`. @returns a port for each from the number `from` on */
  #makeAssistants(count: number, from = 1): MessagePort[] {
    this.#haveWorkers(1 + count);
    return this.#workers.slice(from).map((worker) => {
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ type: "assist", port: port2 } satisfies Request, [port2]);
      return port1;
    });
  }

  /**
   * Measures an engine's speed; results come through the listener.
   * @param workers for the CPU: 1, 2, 4 or 8
   * @returns why the GPU is unavailable, if it was asked for; otherwise null
   * @throws EngineError
   */
  async bench(
    what: { run: RunConfig; gzip_base64: string; engine: "webgpu" | "cpu"; wishes: BenchWishes },
    workers = 1,
  ): Promise<WebGpuErrorText | null> {
    await this.begin();
    const ports = this.#makeAssistants(workers - 1);
    const patience = what.engine === "webgpu" ? HANGS_COMPILING_MS : null;
    const reply = await this.#ask({ type: "bench", ...what, ports }, ports, patience);
    return reply.type === "no_gpu" ? webGpuErrorText(reply.kind, reply.message) : null;
  }

  /**
   * Sends a request to the created engine.
   * @throws RefusedError; EngineError, after which the link cannot be used again
   */
  async ask<T extends Reply["type"]>(request: Request, type: T): Promise<Answer<T>> {
    const reply = await this.#ask(request, [], this.#on_gpu ? HANGS_COMPILING_MS : null);
    if (reply.type === "refused") throw new RefusedError(reply.message);
    return expected(reply, type, request);
  }

  /** @param patience_ms longest time between signs of life; null for no limit */
  #ask(request: Request, transfer: Transferable[], patience_ms: number | null): Promise<Reply> {
    if (this.#pending) throw new Error(`${request.type} asked before the last question was answered`);
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending = { request, resolve, reject };
      this.#workers[0].postMessage(request, transfer);
      this.#patience = patience_ms === null ? null : new Patience(patience_ms);
      this.#patience?.whenOver(() => this.#hangs(request, this.#patience!.ms));
    });
  }

  /** Without a sign of life, gives up the request and ends all Workers. */
  #hangs(request: Request, ms: number): void {
    this.#endWorkers();
    const { kind, message } = new WebGpuError("silent", { waiting: "worker", ms });
    const begins = request.type === "create" || request.type === "bench";
    if (request.type === "seek_gpu" || begins && request.engine === "webgpu") {
      this.#settle({ type: "no_gpu", kind, message });
    } else this.#fail(new EngineError(begins || request.type === "staff" ? "worker-silent" : "gpu-silent", message));
  }

  /** Calls `then` if a request is open and makes no progress for `ms` milliseconds. */
  whenStuck(ms: number, then: () => void): void {
    this.#reader?.stop();
    if (!this.#pending) return;
    this.#reader = new Patience(ms);
    this.#reader.whenOver(then);
  }

  /** Ends a running `train` after the current iteration, and a running `wake` or `write` after the current part. */
  pause(): void {
    this.#workers[0]?.postMessage({ type: "pause" } satisfies Request);
  }

  #hear(reply: Reply): void {
    this.#patience?.renew(reply.type === "progress" ? HANGS_COMPILING_MS : undefined);
    // Creating an engine may take long. Once it exists, being alive is not enough: only results renew #reader.
    if (reply.type !== "alive" || this.#pending?.request.type === "create") this.#reader?.renew();
    if (reply.type === "alive") return;
    if (reply.type === "wants_assistants") return this.#sendAssistants();
    if (reply.type === "report") return this.#listeners.report?.(reply.report, reply.elapsed_ms);
    if (reply.type === "progress") return this.#listeners.progress?.(reply);
    if (reply.type === "notice") return this.#hearNotice(reply);
    if (reply.type === "bench_part") return this.#listeners.bench_part?.(reply.part);
    if (reply.type === "wrote") return this.#listeners.wrote?.(reply.tokens);
    if (reply.type === "failed") return this.#fail(new EngineError(reply.kind, reply.message));
    this.#settle(reply);
  }

  #hearNotice({ notice }: Answer<"notice">): void {
    if ("cause" in notice) {
      this.#on_gpu = false;
      if (notice.cause !== "wrong") this.#host.no_gpu = { kind: notice.cause, message: notice.reason };
    }
    this.#listeners.notice?.(notice);
  }

  #settle(answer: Reply | EngineError): void {
    const pending = this.#pending;
    this.#pending = null;
    this.#patience?.stop();
    this.#reader?.stop();
    this.#patience = this.#reader = null;
    if (answer instanceof EngineError) pending?.reject(answer);
    else pending?.resolve(answer);
  }

  /** A CPU engine that takes over in the middle of a run gets as many Workers as any other. */
  #sendAssistants(): void {
    const ports = this.#makeAssistants(this.#workers_wanted - 1);
    this.#workers[0].postMessage({ type: "assistants", ports } satisfies Request, ports);
  }

  /** Remembers the error: a Worker may die while no request is open, and the next request then fails with it. */
  #fail(error: EngineError): void {
    this.#failure ??= error;
    this.#settle(error);
  }

  /** Ends all Workers but the first `kept`. */
  #endWorkers(kept = 0): void {
    for (const worker of this.#workers.splice(kept)) worker.terminate();
  }

  dispose(): void {
    this.#listeners = {}; // messages that are still on their way are ignored
    this.#endWorkers();
    this.#fail(new EngineError("worker-died", ownDetail.disposed));
  }
}
