// Messages between a session and its Workers. The session sends one request at a time, and each gets one final reply;
// `report`, `progress`, `notice`, `alive`, `wants_assistants`, `bench_part` and `wrote` may come before it.
// `pause` gets no reply: it makes a running `train`, `wake` or `write` end early. `assistants` answers `wants_assistants`.
import type { BenchPart, BenchWishes } from "../bench/bench_run.ts";
import type { Hashes } from "../checkpoint/checkpoint.ts";
import type { Comparison } from "../checkpoint/comparison.ts";
import type { FileFacts, LoadedRun, OwnText, RunNotes } from "../checkpoint/run_files.ts";
import type { RunConfig } from "../training/config.ts";
import type { CpuModule, Fault, SurvivalNotice } from "../training/backend.ts";
import type { Drawn } from "../training/drawing.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import type { Observation, ObservedLine, ObserveOptions } from "../training/observation.ts";
import type { Rungs } from "../training/phase.ts";
import type { Measured, Weights } from "../training/trainer.ts";
import type { FailureKind, WebGpuErrorKind } from "../wording_of_failures.ts";

export type Request =
  | {
    type: "create";
    run: RunConfig;
    gzip_base64: string;
    /** The vocabulary, where the text is not here; `gzip_base64` is not read then. */
    only_characters?: string[];
    rungs: Rungs | null;
    /** "webgpu" is answered by `no_gpu` if WebGPU is unavailable. */
    engine: "webgpu" | "cpu";
    /** For the CPU, without assistants: computes without protection against overflow. */
    careless: boolean;
    /** For the CPU: a module to use if this browser runs it; null for the one that suits it. */
    module: CpuModule | null;
    /** Also accepts a software adapter; for tests on machines without a GPU. */
    allow_software: boolean;
    /** For the CPU: one per assistant; its other end goes to the assistant with `assist`. */
    ports: MessagePort[];
  }
  /** Asks whether a graphics card is available now; changes nothing. */
  | { type: "seek_gpu"; allow_software: boolean }
  | { type: "assist"; port: MessagePort }
  /** `ports` as for `create`. */
  | { type: "assistants"; ports: MessagePort[] }
  /** The CPU engine goes on with the Workers that it was created with, and one more for each of `ports`. */
  | { type: "staff"; ports: MessagePort[] }
  | { type: "train"; until: number }
  | { type: "pause" }
  | { type: "evaluate_and_sample"; characters: number; observe: ObserveOptions | null }
  /** Of the last update alone, between milestones. */
  | { type: "observe_norms" }
  | { type: "evaluate_whole" }
  /** Keeps a graphics card busy for `ms` milliseconds; see Trainer.wake(). `pause` ends it. */
  | { type: "wake"; ms: number }
  | { type: "reset"; seed: string }
  /** Measures speed: a `bench_part` per result, then `benched` or `no_gpu`. `ports` as for `create`. */
  | {
    type: "bench";
    run: RunConfig;
    gzip_base64: string;
    engine: "webgpu" | "cpu";
    wishes: BenchWishes;
    ports: MessagePort[];
  }
  | { type: "fingerprint" }
  | { type: "hashes"; corpus: OwnText }
  /** What the model expects in a text, between two iterations; see Trainer.observe(). */
  | { type: "observe"; tokens: Uint8Array; heads_off?: Uint8Array }
  /** The run between two iterations, as a file. */
  | { type: "save"; notes: RunNotes; weights_only: boolean }
  /** Checks a file and says what it holds; changes nothing. `size` is the file's, `bytes` may be its beginning. */
  | { type: "read_file"; bytes: Uint8Array<ArrayBuffer>; size: number; corpus: OwnText }
  /** Continues a file's run. */
  | { type: "load"; bytes: Uint8Array<ArrayBuffer>; corpus: OwnText }
  /** The weights between two iterations, with what is needed to let them write. */
  | { type: "weights" }
  /** Lets any weights write, in a Worker that needs no run: `wrote` for each part, then `written`. `pause` ends it. */
  | { type: "write"; weights: Weights; asked: Drawn }
  /** Compares two checkpoints, in a Worker that needs no run. */
  | { type: "compare"; files: [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] }
  /** Measures the validation loss of other weights, and hashes them; the run stays as it is. */
  | { type: "try_weights"; params: Float32Array<ArrayBuffer> };

export type Reply =
  | {
    type: "created";
    kind: "cpu" | "webgpu";
    description: string;
    module: CpuModule | null;
    /** The graphics card as the browser names it; null for the CPU engine. */
    adapter: string | null;
    compile_ms: number | null;
  }
  | { type: "no_gpu"; kind: WebGpuErrorKind; message: string }
  /** The card's name; null if there is none. */
  | { type: "gpu_sought"; adapter: string | null }
  /** `done` is false if there is no memory for more Workers; then nothing has changed. */
  | { type: "staffed"; done: boolean; description: string }
  /** The Worker does not hang. Sent while it waits for the graphics card, and while it unpacks a text. */
  | { type: "alive" }
  /** The graphics card failed in the middle of a run; the CPU engine that takes over wants assistants. */
  | { type: "wants_assistants" }
  /** While kernels are compiled. */
  | { type: "progress"; ready: number; of: number }
  /** The device was lost, or its results were wrong; how the run goes on. */
  | { type: "notice"; notice: SurvivalNotice }
  /** Iterations of `train`; elapsed_ms is the time spent on them. */
  | { type: "report"; report: IterationReport; elapsed_ms: number }
  | { type: "trained"; iteration: number; diverged_at: number | null; fault: Fault | null }
  | { type: "evaluated_and_sampled"; measured: Measured; elapsed_ms: number }
  | { type: "norms_observed"; observation: Observation }
  | { type: "evaluated_whole"; val: number | null }
  | { type: "awake" }
  | { type: "reset_done" }
  | { type: "bench_part"; part: BenchPart }
  | { type: "benched" }
  | { type: "fingerprint"; fingerprint: string }
  | { type: "hashes"; hashes: Hashes }
  | { type: "observed"; line: ObservedLine }
  /** elapsed_ms is the time that the Worker spent on the file. */
  | { type: "saved"; bytes: Uint8Array<ArrayBuffer>; elapsed_ms: number }
  | { type: "file_read"; facts: FileFacts }
  | { type: "loaded"; run: LoadedRun }
  | { type: "weights"; weights: Weights }
  /** A part of a text that is being written, as vocabulary indices. */
  | { type: "wrote"; tokens: Uint8Array }
  | { type: "written" }
  | { type: "compared"; comparison: Comparison }
  | { type: "weights_tried"; val: number | null; fingerprint: string }
  /** Answers `save`, `read_file`, `load` and `compare`: a sentence for the reader. The engine goes on as before. */
  | { type: "refused"; message: string }
  | { type: "failed"; kind: FailureKind; message: string };
