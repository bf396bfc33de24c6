// A graphics card for tests of what happens between two stretches of training: a Worker's replies from this thread,
// where the CPU engine computes under a card's name. Says how long an iteration took as a test wants it.
import { RunFiles } from "../../../engine/checkpoint/run_files.ts";
import type { Trainer } from "../../../engine/training/trainer.ts";
import type { Reply, Request } from "../../../engine/workers/protocol.ts";
import { posingTrainer } from "../posing_card.ts";
import { TEXT } from "./sessions.ts";

export class WakingCard {
  onmessage: ((event: { data: Reply }) => void) | null = null;
  onerror = null;
  onmessageerror = null;
  /** The requests to wake: at which iteration, and for how long. */
  wakes: { iteration: number; ms: number }[] = [];
  /** Whether it is being woken now. */
  waking = false;
  counts = { passes: 0 };
  #ms: number;
  #trainer!: Trainer;
  #files!: RunFiles;
  #stop = { requested: false };
  #ended = false;

  /** @param ms of an iteration */
  constructor(ms: number) {
    this.#ms = ms;
  }

  terminate(): void {
    this.#ended = this.#stop.requested = true;
  }

  async postMessage(request: Request): Promise<void> {
    await Promise.resolve();
    if (request.type === "pause") this.#stop.requested = true;
    else this.#say(await this.#answer(request));
  }

  #say(data: Reply): void {
    if (!this.#ended) this.onmessage?.({ data });
  }

  async #answer(request: Request): Promise<Reply> {
    const trainer = this.#trainer;
    switch (request.type) {
      case "create": {
        this.#trainer = await posingTrainer(request.run, TEXT, this.counts, request.rungs);
        this.#files = new RunFiles(this.#trainer, false);
        const card = { kind: "webgpu", description: "WebGPU engine, ACME 1", adapter: "ACME 1" } as const;
        return { type: "created", ...card, module: null, compile_ms: null };
      }
      case "train": {
        await trainer.train(request.until, (report) => {
          this.#say({ type: "report", report, elapsed_ms: this.#ms * report.losses.length });
        }, this.#stop = { requested: false });
        return { type: "trained", iteration: trainer.iteration, diverged_at: null, fault: null };
      }
      case "wake":
        this.wakes.push({ iteration: trainer.iteration, ms: request.ms });
        this.waking = true;
        await trainer.wake(request.ms, this.#stop = { requested: false });
        this.waking = false;
        return { type: "awake" };
      case "evaluate_and_sample": {
        const measured = await trainer.measure(request.characters, request.observe);
        return { type: "evaluated_and_sampled", measured, elapsed_ms: 1 };
      }
      case "evaluate_whole":
        return { type: "evaluated_whole", val: await trainer.evaluateWhole() };
      case "reset":
        await trainer.reset(request.seed);
        return { type: "reset_done" };
      case "fingerprint":
        return { type: "fingerprint", fingerprint: await trainer.fingerprint() };
      case "save":
        return { type: "saved", bytes: await this.#files.save(request.notes, request.weights_only), elapsed_ms: 1 };
      default:
        throw new Error(`unexpected ${request.type}`);
    }
  }
}
