// What a session and its Workers say to each other. The session asks one thing at a time; each question gets one
// final reply, and `train` sends `losses` before it. `pause` asks for nothing: it makes a running `train` end early.
import type { RunConfig } from "./config.ts";
import type { Rungs } from "./phase.ts";
import type { Sample } from "./trainer.ts";

export type Request =
  | {
    type: "create";
    run: RunConfig;
    gzip_base64: string;
    rungs: Rungs | null;
    /** One per assistant, each the other end of an `assist`. */
    ports: MessagePort[];
  }
  | { type: "assist"; port: MessagePort }
  | { type: "train"; until: number }
  | { type: "pause" }
  | { type: "observe"; characters: number }
  | { type: "evaluate_whole" }
  | { type: "reset"; seed: string }
  | { type: "fingerprint" };

/** Why a Worker could not do what it was asked; messages.ts has the words. */
export type Trouble = "no-wasm-simd" | "no-memory" | "corpus-damaged" | "worker-died" | "unsuitable";

export type Reply =
  | { type: "created"; kind: "cpu" | "webgpu"; description: string }
  /** The losses of iterations `first`, first + 1, ...; elapsed_ms is the time spent on them. */
  | { type: "losses"; first: number; losses: Float32Array<ArrayBuffer>; elapsed_ms: number }
  | { type: "rested"; iteration: number; diverged_at: number | null }
  | { type: "observed"; sample: Sample; elapsed_ms: number }
  | { type: "evaluated_whole"; val: number | null }
  | { type: "reset_done" }
  | { type: "fingerprint"; fingerprint: string }
  | { type: "failed"; trouble: Trouble; message: string };
