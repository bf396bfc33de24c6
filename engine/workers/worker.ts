// The Worker: turns messages into calls of the Trainer.
import { benchCpu, type BenchPart, benchWebGpu } from "../bench/bench_run.ts";
import { compareFiles } from "../checkpoint/comparison.ts";
import { digest } from "../checkpoint/digest.ts";
import { FileError } from "../checkpoint/file_error.ts";
import { RunFiles } from "../checkpoint/run_files.ts";
import { OutOfMemoryError } from "../training/allocate.ts";
import { ClockStoppedError, now } from "../training/clock.ts";
import { type RunConfig, UnsuitableError } from "../training/config.ts";
import { type Corpus, CorpusReader, withoutText } from "../training/corpus.ts";
import { assist } from "../cpu/assistant.ts";
import { createCpuBackend } from "../cpu/cpu_backend.ts";
import { whyNoWasm } from "../cpu/instance.ts";
import { createWriter } from "../cpu/writer.ts";
import { drawText } from "../training/drawing.ts";
import { inflate } from "../training/inflate.ts";
import { nextTurn } from "../training/next_turn.ts";
import { type FailureKind, rawWords } from "../wording_of_failures.ts";
import type { Reply, Request } from "./protocol.ts";
import { type Measured, Trainer } from "../training/trainer.ts";
import { buffersOf, type IterationReport, joined } from "../training/iteration_report.ts";
import type { Backend, BackendOptions } from "../training/backend.ts";
import { findAdapter } from "../webgpu/device.ts";
import { createSurvivingBackend } from "../webgpu/surviving_backend.ts";
import { WebGpuError } from "../webgpu/webgpu_error.ts";
import { createWebGpuBackend } from "../webgpu/webgpu_backend.ts";

/** Reports are sent this often while training, so that the session need not wake for every iteration. */
const REPORT_EVERY_MS = 100;
const ALIVE_EVERY_MS = 500;
/** Looking again for a card that was unavailable may take this long; it is short because the CPU engine waits. */
const SEEK_MS = 3000;

let trainer: Trainer | null = null;
/** The trainer's. */
let files: RunFiles | null = null;
let stop = { requested: false };
/** Time since the last report spent comparing the engines rather than training. */
let compared_ms = 0;
/** Sends the reports of the iterations since the last call. */
let report = () => {};
/** Receives the assistants that were requested. */
let takePorts = (_ports: MessagePort[]) => {};

/** An error of a kind that has its own text for the reader. */
class RequestError extends Error {
  constructor(readonly kind: FailureKind, message: string) {
    super(message);
  }
}

function failureKindOf(error: unknown): FailureKind {
  if (error instanceof RequestError) return error.kind;
  if (error instanceof UnsuitableError) return "unsuitable";
  if (error instanceof ClockStoppedError) return "no-clock";
  if (error instanceof WebGpuError) return "gpu-error";
  return error instanceof OutOfMemoryError ? "no-memory" : "worker-died";
}

const reply = (message: Reply, transfer: Transferable[] = []) => postMessage(message, { transfer });

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  const beat = asksCard(data) ? setInterval(() => reply({ type: "alive" }), ALIVE_EVERY_MS) : undefined;
  try {
    await answer(data);
  } catch (error) {
    if (error instanceof FileError) return reply({ type: "refused", message: error.message });
    reply({ type: "failed", kind: failureKindOf(error), message: rawWords(error) });
  } finally {
    clearInterval(beat);
  }
};

/** @throws RequestError if the CPU engine cannot run here */
function needWasm(): void {
  const why = whyNoWasm();
  if (why) throw new RequestError(why, "");
}

function asksCard(request: Request): boolean {
  if (request.type === "create" || request.type === "bench") return request.engine === "webgpu";
  return request.type === "seek_gpu" || trainer?.backend.kind === "webgpu" && request.type !== "pause";
}

async function answer(request: Request): Promise<void> {
  switch (request.type) {
    case "assist":
      return assist(request.port);
    case "create":
      return await create(request);
    case "assistants":
      return takePorts(request.ports);
    case "staff":
      return await staff(trainer!.backend, request.ports);
    case "seek_gpu":
      return await seekGpu(request.allow_software);
    case "pause":
      stop.requested = true;
      return;
    case "train":
      return await train(trainer!, request.until);
    case "evaluate_and_sample": {
      const begin = now(), measured = await trainer!.measure(request.characters, request.observe);
      const message = { type: "evaluated_and_sampled", measured, elapsed_ms: now() - begin } as const;
      return reply(message, buffersIn(measured));
    }
    case "observe_norms":
      return reply({ type: "norms_observed", observation: await trainer!.observeNorms() });
    case "evaluate_whole":
      return reply({ type: "evaluated_whole", val: await trainer!.evaluateWhole() });
    case "wake":
      await trainer!.wake(request.ms, stop = { requested: false });
      return reply({ type: "awake" });
    case "reset":
      await trainer!.reset(request.seed);
      files!.forget();
      return reply({ type: "reset_done" });
    case "fingerprint":
      return reply({ type: "fingerprint", fingerprint: await trainer!.fingerprint() });
    case "hashes":
      return reply({ type: "hashes", hashes: await files!.hashes(request.corpus) });
    case "observe": {
      const line = await trainer!.observe(request.tokens, request.heads_off);
      return reply({ type: "observed", line }, [line.attention.buffer]);
    }
    case "save": {
      const begin = now(), bytes = await files!.save(request.notes, request.weights_only);
      return reply({ type: "saved", bytes, elapsed_ms: now() - begin }, [bytes.buffer]);
    }
    case "read_file":
      return reply({ type: "file_read", facts: await files!.read(request.bytes, request.corpus, request.size) });
    case "load":
      return reply({ type: "loaded", run: await files!.load(request.bytes, request.corpus) });
    case "weights": {
      const weights = await trainer!.weights();
      return reply({ type: "weights", weights }, [weights.params.buffer]);
    }
    case "write":
      return await write(request);
    case "compare":
      return reply({ type: "compared", comparison: await compareFiles(...request.files) });
    case "try_weights": {
      const val = await trainer!.evaluateWith(request.params);
      return reply({ type: "weights_tried", val, fingerprint: await digest([request.params]) });
    }
    case "bench":
      return await bench(request);
    default:
      request satisfies never;
  }
}

type Create = Extract<Request, { type: "create" }>;

async function create(request: Create): Promise<void> {
  const { run, gzip_base64, only_characters, rungs, engine } = request;
  const corpus = only_characters
    ? withoutText(only_characters, run.model.block_size)
    : await unpacked(gzip_base64, run);
  try {
    trainer = await Trainer.create(run, corpus, rungs, (options) => backendFor(request, options));
  } catch (error) {
    if (engine !== "webgpu") throw error;
    return replyNoGpu(error);
  }
  files = new RunFiles(trainer, request.careless);
  const { kind, description, module, adapter = null, compile_ms = null } = trainer.backend;
  reply({ type: "created", kind, description, module, adapter, compile_ms });
}

/** The arrays of a milestone, which are moved to the page, not copied. */
function buffersIn({ reading, observation }: Measured): Transferable[] {
  const arrays = [...Object.values(reading ?? {}), observation?.line?.attention];
  return arrays.filter((value) => ArrayBuffer.isView(value)).map(({ buffer }) => buffer as ArrayBuffer);
}

async function staff(backend: Backend, ports: MessagePort[]): Promise<void> {
  const done = await backend.staff!(ports).then(() => true, (error) => {
    if (error instanceof OutOfMemoryError) return false;
    throw error;
  });
  reply({ type: "staffed", done, description: backend.description });
}

async function seekGpu(allow_software: boolean): Promise<void> {
  const adapter = await findAdapter({ allow_software }, SEEK_MS).then(({ name }) => name, () => null);
  reply({ type: "gpu_sought", adapter });
}

/** If the GPU engine cannot start, the CPU engine can. Errors that would stop that one too are rethrown. */
function replyNoGpu(error: unknown): void {
  if (error instanceof UnsuitableError || error instanceof RequestError || error instanceof OutOfMemoryError) {
    throw error;
  }
  if (error instanceof ClockStoppedError) throw error;
  const { kind, message } = error instanceof WebGpuError ? error : new WebGpuError("unforeseen", rawWords(error));
  reply({ type: "no_gpu", kind, message });
}

async function unpacked(gzip_base64: string, { evaluation }: RunConfig): Promise<Corpus> {
  const reader = new CorpusReader();
  let said = performance.now();
  await inflate(gzip_base64, (piece) => {
    reader.read(piece);
    if (performance.now() - said < ALIVE_EVERY_MS) return;
    said = performance.now();
    reply({ type: "alive" });
  }).catch((error) => {
    throw error instanceof OutOfMemoryError ? error : new RequestError("corpus-damaged", rawWords(error));
  });
  return reader.corpus(evaluation.train_fraction);
}

function backendFor(
  { engine, ports, allow_software, careless, module }: Create,
  options: BackendOptions,
): Promise<Backend> {
  const onCpu = (options: BackendOptions, ports: MessagePort[]) => {
    needWasm();
    return createCpuBackend(options, ports, { careless, module: module === "base" ? module : undefined });
  };
  if (engine === "cpu") return onCpu(options, ports);
  const on_progress = (ready: number, of: number) => reply({ type: "progress", ready, of });
  return createSurvivingBackend(options, {
    makeGpu: (options) => createWebGpuBackend(options, { allow_software, on_progress }),
    makeCpu: async (options) => {
      const ports = await assistantsOfThePage();
      return await onCpu(options, ports).catch((error) => {
        if (!(error instanceof OutOfMemoryError) || ports.length === 0) throw error;
        return onCpu(options, []); // the memory may still suffice for this Worker alone
      });
    },
    makeReference: whyNoWasm() === null ? (options) => createCpuBackend(options, []) : undefined,
    on_compared: (ms) => compared_ms += ms,
    on_notice: (notice) => {
      report(); // these losses precede the notice
      if (notice.kind === "wrong-results") trainer?.forget();
      if ("description" in notice) files?.tookOver(notice.iteration);
      reply({ type: "notice", notice });
    },
  });
}

/** Requests assistants in the middle of a run. They arrive in a separate `assistants` message. */
function assistantsOfThePage(): Promise<MessagePort[]> {
  return new Promise((resolve) => {
    takePorts = resolve;
    reply({ type: "wants_assistants" });
  });
}

/** Characters in one reply: few, so that a reader sees them soon and can stop the rest. */
const WRITTEN_AT_ONCE = 4;

async function write({ weights: { model, params }, asked }: Extract<Request, { type: "write" }>): Promise<void> {
  needWasm();
  const mine = stop = { requested: false }, { generate } = await createWriter(model, params);
  const tell = async (tokens: Uint8Array) => {
    reply({ type: "wrote", tokens });
    await nextTurn();
  };
  await drawText(generate, model, asked, tell, { stop: mine, part: WRITTEN_AT_ONCE });
  reply({ type: "written" });
}

async function bench(
  { run, gzip_base64, engine, wishes, ports }: Extract<Request, { type: "bench" }>,
): Promise<void> {
  const tell = (part: BenchPart) => reply({ type: "bench_part", part });
  const corpus = await unpacked(gzip_base64, run);
  try {
    if (engine === "cpu") needWasm();
    if (engine === "cpu") await benchCpu(run, corpus, ports, wishes, tell);
    else await benchWebGpu(run, corpus, wishes, tell);
  } catch (error) {
    if (engine !== "webgpu") throw error;
    return replyNoGpu(error);
  }
  reply({ type: "benched" });
}

async function train(trainer: Trainer, until: number): Promise<void> {
  stop = { requested: false };
  let collected: IterationReport[] = [], begin = now(), due = false;
  compared_ms = 0;
  report = () => {
    if (collected.length === 0) return;
    const report = joined(collected), end = now();
    reply({ type: "report", report, elapsed_ms: end - begin - compared_ms }, buffersOf(report));
    collected = [];
    begin = end;
    compared_ms = 0;
    due = false;
  };
  // A timer, because the clock may be coarse or stand still.
  const timer = setInterval(() => due = true, REPORT_EVERY_MS);
  try {
    await trainer.train(until, (stretch) => {
      collected.push(stretch);
      if (due) report();
    }, stop);
  } finally {
    clearInterval(timer);
  }
  report();
  reply({
    type: "trained",
    iteration: trainer.iteration,
    diverged_at: trainer.diverged_at,
    fault: trainer.backend.fault ?? null,
  });
}
