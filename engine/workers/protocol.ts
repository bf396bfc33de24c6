// What a session and its Workers say to each other. The session asks one thing at a time; each question gets one
// final reply; `report`, `progress`, `notice`, `alive`, `wants_assistants` and `bench_part` come in between, unasked.
// `pause` asks for nothing: it makes a running `train` end early. `assistants` answers `wants_assistants`.
import type { BenchPart, BenchWishes } from "../bench/bench_run.ts";
import type { RunConfig } from "../training/config.ts";
import type { Fault, SurvivalNotice } from "../training/backend.ts";
import type { IterationReport } from "../training/report.ts";
import type { Rungs } from "../training/phase.ts";
import type { Sample } from "../training/trainer.ts";
import type { FailureKind, WebGpuErrorKind } from "../wording_of_failures.ts";

export type Request =
  | {
    type: "create";
    run: RunConfig;
    gzip_base64: string;
    rungs: Rungs | null;
    /** On WebGPU, answered by `no_gpu` where that is not to be had; or on the CPU. */
    engine: "webgpu" | "cpu";
    /** For the CPU, without assistants: computes without care for large numbers. */
    careless: boolean;
    /** Takes a graphics adapter that is a program, too; for tests on machines without a GPU. */
    allow_software: boolean;
    /** For the CPU: one per assistant, each the other end of an `assist`. */
    ports: MessagePort[];
  }
  /** Whether there is a graphics card to be had by now; changes nothing. */
  | { type: "seek_gpu"; allow_software: boolean }
  | { type: "assist"; port: MessagePort }
  /** `ports` as for `create`. */
  | { type: "assistants"; ports: MessagePort[] }
  | { type: "train"; until: number }
  | { type: "pause" }
  | { type: "evaluate_and_sample"; characters: number }
  | { type: "evaluate_whole" }
  | { type: "reset"; seed: string }
  /** Measures speed; `bench_part` tells of each result, `benched` or `no_gpu` ends it. `ports` as for `create`. */
  | {
    type: "bench";
    run: RunConfig;
    gzip_base64: string;
    engine: "webgpu" | "cpu";
    wishes: BenchWishes;
    ports: MessagePort[];
  }
  | { type: "fingerprint" };

export type Reply =
  | { type: "created"; kind: "cpu" | "webgpu"; description: string; compile_ms: number | null }
  | { type: "no_gpu"; kind: WebGpuErrorKind; message: string }
  | { type: "gpu_sought"; found: boolean }
  /** The Worker itself does not hang: while a question about the graphics card is open, and while a text is unpacked. */
  | { type: "alive" }
  /** The graphics card is given up in the middle of a run; the CPU engine that takes over would have others help it. */
  | { type: "wants_assistants" }
  /** While kernels are compiled. */
  | { type: "progress"; ready: number; of: number }
  /** The device was lost; what came of it. */
  | { type: "notice"; notice: SurvivalNotice }
  /** A stretch of iterations of `train`; elapsed_ms is the time spent on them. */
  | { type: "report"; report: IterationReport; elapsed_ms: number }
  | { type: "trained"; iteration: number; diverged_at: number | null; fault: Fault | null }
  | { type: "evaluated_and_sampled"; sample: Sample; elapsed_ms: number }
  | { type: "evaluated_whole"; val: number | null }
  | { type: "reset_done" }
  | { type: "bench_part"; part: BenchPart }
  | { type: "benched" }
  | { type: "fingerprint"; fingerprint: string }
  | { type: "failed"; kind: FailureKind; message: string };
