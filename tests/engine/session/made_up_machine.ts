// A machine whose engines are as fast as a test says. Its Workers compute nothing: they say that an iteration took the
// time that it takes there, on the page's clock, which may be hurried.
import assert from "node:assert/strict";
import { MeasuredEngines } from "../../../engine/session/measured_engines.ts";
import { TrainingSession } from "../../../engine/session/session.ts";
import { Turns } from "../../../engine/session/turns.ts";
import type { PresetHost } from "../../../engine/session/preset_runs.ts";
import type { Reply, Request } from "../../../engine/workers/protocol.ts";
import { hurry } from "../workers/hurry.ts";
import { options } from "./sessions.ts";

export interface Machine {
  cores: number;
  /** The card's name and the milliseconds of an iteration; null without a card. */
  card: { name: string; ms: number } | null;
  /** Milliseconds of an iteration with so many Workers; NaN if there is no CPU engine. */
  cpu(workers: number): number;
  /** Milliseconds until a CPU engine exists. */
  creates_ms?: number;
  /** The card does not answer in time when it is only sought. */
  overlooked?: boolean;
  /**
   * What goes wrong when an engine is to do this ("train webgpu", "staff 8", ...): its Worker says no more; reports a
   * failure; or the card is lost, and the CPU engine takes over inside its Worker.
   */
  trouble?(what: string): "silence" | "failure" | "loss" | undefined;
}

/** What the browser keeps, as JSON. */
export interface Kept {
  json: string;
}

/** The longest run that no test sees the end of. */
const ITERATIONS = 100_000;
const HURRY = 8;
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds of an iteration: a card's, and the CPU engine's with any number of Workers. */
export const machine = (card: number, cpu: number, name = "ACME 1", cores = 2): Machine => ({
  cores,
  card: { name, ms: card },
  cpu: () => cpu,
});

export const rest = later;

/** A test on a hurried clock. */
export function test(name: string, work: () => Promise<void>): void {
  Deno.test(name, async () => {
    const end = hurry(HURRY);
    try {
      await work();
    } finally {
      end();
    }
  });
}

export async function until(condition: () => unknown): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < end, `never: ${condition}`);
    await rest(10);
  }
}

/** A page on a machine, in a browser that has kept something. */
export class Page {
  alive = new Set<FakeWorker>();
  /** The engines created, and the rehearsals and runs: "webgpu", "cpu 4", "train webgpu", ... */
  did: string[] = [];
  readonly host: PresetHost;
  readonly session: TrainingSession;

  constructor(readonly machine: Machine, kept: Kept | null = { json: "null" }, browser = "Browser 1") {
    const store = {
      recall: () => JSON.parse(kept?.json ?? "null"),
      remember(value: unknown) {
        if (kept) kept.json = JSON.stringify(value);
      },
    };
    this.host = {
      cores: machine.cores,
      sessions: {},
      turns: new Turns(),
      measured: new MeasuredEngines(() => browser, store),
      makeWorker: () => new FakeWorker(this) as unknown as Worker,
    };
    this.session = this.makeSession("main");
  }

  makeSession(name: string): TrainingSession {
    const given = options();
    given.training.iterations = ITERATIONS;
    given.sampling = { ...given.sampling, rest_ms: 0 };
    return this.host.sessions[name] = new TrainingSession(name, given, this.host);
  }

  /** Prepares the engine and rehearses, as the page does once a runner is in view. */
  async rehearsed(): Promise<this> {
    this.session.prepare();
    this.session.rehearse();
    await this.quiet();
    return this;
  }

  /** Resolves once the page has done nothing for a while. */
  async quiet(): Promise<void> {
    for (let seen = -1; seen !== this.messages; await later(700)) seen = this.messages;
  }

  messages = 0;
  /** Iterations of all engines. */
  iterations = 0;

  get engine(): string | undefined {
    return this.session.engine?.description;
  }
}

class FakeWorker {
  onmessage: ((event: { data: Reply }) => void) | null = null;
  onerror = null;
  onmessageerror = null;
  #engine: { kind: "cpu" | "webgpu"; workers: number } = { kind: "cpu", workers: 1 };
  #first = 1; // Workers that the engine was created with
  #took_over = false;
  #at = 0;
  #stop = false;

  constructor(private page: Page) {
    page.alive.add(this);
  }

  terminate(): void {
    this.page.alive.delete(this);
  }

  postMessage(request: Request): void {
    this.page.messages++;
    if (request.type === "pause") this.#stop = true;
    else if (request.type !== "assist") queueMicrotask(() => void this.#answer(request));
  }

  #say(data: Reply): void {
    this.page.messages++;
    if (this.page.alive.has(this)) this.onmessage?.({ data });
  }

  get #name(): string {
    const { kind, workers } = this.#engine;
    return kind === "webgpu" ? kind : `cpu ${workers}`;
  }

  get #description(): string {
    const { kind, workers } = this.#engine, { card } = this.page.machine;
    return kind === "webgpu" ? `WebGPU engine, ${card!.name}` : `CPU engine, ${workers} Workers`;
  }

  #loseCard(): void {
    this.#engine = { kind: "cpu", workers: 4 };
    this.#took_over = true;
    const engine = { description: this.#description, module: "base" } as const;
    const notice = { kind: "cpu-instead", iteration: 0, cause: "lost", reason: "", ...engine } as const;
    this.#say({ type: "notice", notice });
  }

  async #answer(request: Request): Promise<void> {
    const { machine: { card, cpu, creates_ms, overlooked, trouble }, did } = this.page;
    switch (request.type) {
      case "create": {
        const kind = request.engine;
        if (kind === "webgpu" && !card) return this.#say({ type: "no_gpu", kind: "no-webgpu", message: "" });
        this.#first = request.ports.length + 1;
        this.#engine = { kind, workers: this.#first };
        did.push(this.#name);
        if (kind === "cpu" && creates_ms) await later(creates_ms);
        if (kind === "cpu" && Number.isNaN(cpu(this.#first))) {
          return this.#say({ type: "failed", kind: "no-memory", message: "" });
        }
        const adapter = kind === "webgpu" ? card!.name : null, module = kind === "cpu" ? "base" : null;
        return this.#say({ type: "created", kind, description: this.#description, module, adapter, compile_ms: null });
      }
      case "seek_gpu":
        return this.#say({ type: "gpu_sought", adapter: overlooked ? null : card?.name ?? null });
      case "staff": {
        const wrong = trouble?.(`staff ${this.#first + request.ports.length}`);
        if (wrong === "silence") return;
        if (wrong || this.#took_over) return this.#say({ type: "failed", kind: "worker-died", message: "" });
        this.#engine.workers = this.#first + request.ports.length;
        return this.#say({ type: "staffed", done: true, description: this.#description });
      }
      case "train": {
        this.#stop = false;
        did.push(`train ${this.#name}`);
        const wrong = trouble?.(`train ${this.#name}`);
        if (wrong === "silence") return;
        if (wrong === "loss") this.#loseCard();
        const ms = this.#engine.kind === "webgpu" ? card!.ms : cpu(this.#engine.workers);
        while (!this.#stop && this.#at < request.until && this.page.alive.has(this)) {
          await later(ms);
          this.page.iterations++;
          const report = { first: this.#at++, losses: Float32Array.of(4) };
          this.#say({ type: "report", report, elapsed_ms: ms });
        }
        return this.#say({ type: "trained", iteration: this.#at, diverged_at: null, fault: null });
      }
      case "reset":
        this.#at = 0;
        return this.#say({ type: "reset_done" });
      case "evaluate_and_sample": {
        const sample = { iteration: this.#at, val: 4, phase: "random", prompt: "", text: "" };
        const measured = { sample, reading: null, observation: null };
        return this.#say({ type: "evaluated_and_sampled", measured, elapsed_ms: 1 });
      }
      case "fingerprint":
        return this.#say({ type: "fingerprint", fingerprint: `${this.#name} ${this.#at}` });
      default:
        throw new Error(`unexpected ${request.type}`);
    }
  }
}
