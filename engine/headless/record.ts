// Trains without a browser and prints the run as JSON: deno run ... record.ts '{"seed": ..., ...}'.
// `python3 build record` calls it, writes the file and documents the options. The file's format is RecordedRun.
import type { Backend, BackendOptions, CpuModule } from "../training/backend.ts";
import { type Checkpoint, readCheckpoint } from "../checkpoint/checkpoint.ts";
import { FileError } from "../checkpoint/file_error.ts";
import { engineFor } from "../checkpoint/made_by.ts";
import { RunFiles } from "../checkpoint/run_files.ts";
import { defaultRun, type RunConfig } from "../training/config.ts";
import { createCpuBackend, mostWorkersFor } from "../cpu/cpu_backend.ts";
import { roundsOnce } from "../cpu/modules.ts";
import { withCause } from "../session/divergence.ts";
import type { History } from "../session/history.ts";
import { milestones } from "../training/milestones.ts";
import type { Rungs } from "../training/phase.ts";
import { sha256Hex } from "../training/sha256.ts";
import { normaliseText, readCorpus } from "../training/corpus.ts";
import { type Sample, Trainer } from "../training/trainer.ts";
import { type Verdict, verdictOf } from "../session/verdict.ts";
import { tryOut } from "../webgpu/cross_check.ts";
import { WebGpuError, webGpuErrorText } from "../webgpu/webgpu_error.ts";
import { createWebGpuBackend } from "../webgpu/webgpu_backend.ts";
import { makeAssistants } from "./assistants.ts";

/** What the caller chooses; everything else comes from model.json. */
interface Wanted {
  /** Name of the preset to record; null for the lesson's run. */
  preset: string | null;
  seed: string;
  /** Null for the engine of the file to resume, else the CPU engine. */
  engine: "cpu" | "webgpu" | null;
  /** Of the CPU engine; null for the one of the file to resume, or the one that suits this machine. */
  module: CpuModule | null;
  workers: number;
  corpus_file: string;
  corpus_name: string;
  rungs: Rungs | null;
  phases: string[];
  model: Partial<RunConfig["model"]>;
  training: Partial<RunConfig["training"]>;
  evaluation: RunConfig["evaluation"];
  sampling: RunConfig["sampling"];
  /** Stops after this many iterations; null: runs to the end. */
  until: number | null;
  /** A checkpoint to go on from; its seed, model and training replace those above. */
  resume: string | null;
  /** Whether to add the state at the end: after the JSON, a NUL and the bytes of a checkpoint. */
  save: boolean;
  /** Whether it is recorded from its beginning; on the module fma it is then trained again on base, for fingerprints. */
  twice: boolean;
}

/** One run, in the format of docs/recorded/*.json. Losses are in nats per character. */
export interface RecordedRun {
  format: 1;
  /** Missing for the lesson's run. */
  preset?: string;
  config: RunConfig;
  corpus: { name: string; sha256: string; vocab_size: number };
  engine: string;
  /** Of the CPU engine; missing for a run on a graphics card. */
  module?: CpuModule;
  seed: string;
  /** Row i: loss of iteration i's batch before its update. The last row, after all updates, has no train loss. */
  curve: { iteration: number; train: number | null; val: number | null }[];
  samples: Sample[];
  /** Loss on the whole validation text after the last update; null if the run does not measure it, or has diverged. */
  whole_val: number | null;
  /** What the curve shows; only for presets. */
  verdict?: Verdict;
  /** SHA-256 of the weights, by number of updates. */
  fingerprints: Record<string, string>;
  fingerprint: string;
  /** For a run on the module fma: the same run on the module base, and how many of its samples have the same text. */
  base?: Fingerprints & { samples_alike: number };
}

interface Fingerprints {
  fingerprints: Record<string, string>;
  fingerprint: string;
}

const wanted: Wanted = JSON.parse(Deno.args[0]);
const resumed = wanted.resume === null ? null : await opened(wanted.resume), bytes = resumed?.bytes;
const usual = resumed && engineFor(resumed.about), engine = wanted.engine ?? usual?.kind ?? "cpu";
if (engine !== "cpu" && engine !== "webgpu") {
  console.error(`The engine ${engine} does not run here. Choose cpu or webgpu.`);
  Deno.exit(1);
}
if (wanted.module === "fma" && !roundsOnce()) {
  console.error(
    "This processor cannot round a product and its sum once, as the module fma does. Record on another machine, or " +
      "with --module base and --out FILE.",
  );
  Deno.exit(1);
}

const text = await Deno.readTextFile(wanted.corpus_file);
const defaults = defaultRun(2); // the vocabulary follows from the text
const { ports, endAssistants } = makeAssistants(engine === "cpu" ? mostWorkersFor(wanted.workers) - 1 : 0);
const corpus = readCorpus(text, wanted.evaluation.train_fraction);
const trainer = await trainerOn(
  (options) => engine === "cpu" ? onCpu(options, moduleFor()) : createComparedBackend(options),
).catch((error) => {
  if (!(error instanceof WebGpuError)) throw error;
  console.error(`The engine webgpu does not run here. ${webGpuErrorText(error.kind, error.message).message}`);
  Deno.exit(1);
});

const { module } = trainer.backend, files = new RunFiles(trainer);
const own_text = { name: wanted.corpus_name, sha256: sha256Hex(new TextEncoder().encode(normaliseText(text))) };
console.error(`Training on the ${trainer.backend.description}${module ? `, module ${module}` : ""}.`);
const before = bytes ? await files.load(bytes, own_text).catch(refuse) : null;
if (before) console.error(before.note);
const measured_at = before?.measured_at ?? -1;
const losses = [...before?.train ?? []];
const samples: Sample[] = before?.about.samples.filter(({ iteration }) => iteration <= measured_at) ?? [];
const begin = performance.now();
const fingerprints = await trained(trainer, async (characters) => {
  const { iteration } = trainer, sample = await trainer.evaluateAndSample(characters);
  samples.push(sample);
  say(`iteration ${iteration}: val ${sample.val?.toFixed(4) ?? "none"}, ${sample.phase}`);
}, losses);
if (trainer.diverged_at !== null) console.error(`diverged at iteration ${trainer.diverged_at}`);
const ended = trainer.iteration === trainer.run.training.iterations;
const measures = trainer.run.evaluation.whole_at_end && (ended || wanted.twice);
const whole_val = trainer.diverged_at === null && measures ? await trainer.evaluateWhole() : null;

const vals = new Map([
  ...before?.val.entries() ?? [],
  ...samples.map(({ iteration, val }) => [iteration, val] as const),
]);
const run: RecordedRun = {
  format: 1,
  preset: wanted.preset ?? undefined, // JSON leaves out what is undefined
  config: trainer.run,
  corpus: { ...own_text, vocab_size: trainer.run.model.vocab_size },
  engine: trainer.backend.kind,
  module: module ?? undefined,
  seed: trainer.run.seed,
  curve: Array.from({ length: trainer.iteration + 1 }, (_, iteration) => ({
    iteration,
    // Seven significant digits are about the precision of an f32.
    train: iteration < losses.length && Number.isFinite(losses[iteration])
      ? Number(losses[iteration].toPrecision(7))
      : null,
    val: round(vals.get(iteration)),
  })),
  samples: samples.map((sample) => ({ ...sample, val: round(sample.val) })),
  whole_val: round(whole_val),
  verdict: wanted.preset === null ? undefined : verdict(),
  ...fingerprints,
  base: module === "fma" && wanted.twice ? await onBase() : undefined,
};
const state = wanted.save ? ["\0", await saved().catch(sayWhyNot)] : [];
await new Blob([JSON.stringify(run), ...state]).stream().pipeTo(Deno.stdout.writable);
endAssistants();

async function opened(path: string): Promise<Checkpoint & { bytes: Uint8Array<ArrayBuffer> }> {
  const bytes = await Deno.readFile(path);
  return { ...await readCheckpoint(bytes).catch(refuse), bytes };
}

/** Ends the program with a file's sentence. */
function refuse(error: unknown): never {
  sayWhyNot(error);
  Deno.exit(1);
}

/** @returns nothing in place of a state */
function sayWhyNot(error: unknown): "" {
  if (!(error instanceof FileError)) throw error;
  console.error(error.message);
  return "";
}

/** The module that made the file, where this processor has it. */
function moduleFor(): CpuModule | null {
  const module = wanted.module ?? usual?.module ?? null;
  return wanted.module === null && module === "fma" && !roundsOnce() ? null : module;
}

/** The state as a checkpoint. */
function saved(): Promise<Uint8Array<ArrayBuffer>> {
  const { iteration } = trainer;
  const val = Float32Array.from({ length: iteration + 1 }, (_, i) => vals.get(i) ?? NaN);
  const phase = samples.at(-1)?.phase ?? resumed?.about.phase ?? null, train = Float32Array.from(losses);
  return files.save({ corpus: own_text, samples, phase, whole_val: ended ? whole_val : null, train, val }, false);
}

function trainerOn(make: (options: BackendOptions) => Promise<Backend>): Promise<Trainer> {
  const run: RunConfig = {
    ...defaults,
    seed: resumed?.about.seed ?? wanted.seed,
    model: { ...defaults.model, ...resumed?.about.model ?? wanted.model },
    training: { ...defaults.training, ...resumed?.about.training ?? wanted.training },
    evaluation: wanted.evaluation,
    sampling: wanted.sampling,
    phases: wanted.phases,
  };
  return Trainer.create(run, corpus, wanted.rungs, make);
}

function onCpu(options: BackendOptions, module: CpuModule | null): Promise<Backend> {
  return createCpuBackend(options, ports, { module: module ?? undefined });
}

/**
 * Trains up to each milestone that has not been measured, and calls `observe` there. Stops where the run diverges, or
 * after `wanted.until`.
 */
async function trained(
  trainer: Trainer,
  observe: (characters: number) => Promise<void>,
  losses: number[] = [],
): Promise<Fingerprints> {
  const fingerprints: Record<string, string> = {}, until = wanted.until ?? Infinity;
  const train = (until: number) =>
    trainer.train(until, ({ losses: more }) => losses.push(...more), { requested: false });
  for (const { iteration, characters } of milestones(trainer.run)) {
    if (iteration <= measured_at) continue;
    await train(Math.min(iteration, until));
    if (trainer.diverged_at !== null || iteration > until) break;
    await observe(characters);
    fingerprints[iteration] = await trainer.fingerprint();
  }
  return { fingerprints, fingerprint: await trainer.fingerprint() };
}

/** Trains the same run once more, on the module of browsers that round twice. */
async function onBase(): Promise<RecordedRun["base"]> {
  const trainer = await trainerOn((options) => onCpu(options, "base"));
  console.error("Training again on the module base, for its fingerprints.");
  let samples_alike = 0;
  const fingerprints = await trained(trainer, async (characters) => {
    const { iteration, text } = await trainer.evaluateAndSample(characters);
    const alike = samples.find((sample) => sample.iteration === iteration)?.text === text;
    if (alike) samples_alike++;
    say(`iteration ${iteration}: ${alike ? "the same sample" : "another sample"}`);
  });
  return { ...fingerprints, samples_alike };
}

function say(progress: string): void {
  console.error(`${progress} (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
}

function verdict(): Verdict {
  return withCause(verdictOf(history(), trainer.run.model.vocab_size, wanted.rungs), trainer.run.training);
}

/** A WebGPU engine, first compared with the CPU engine, because readers cannot check a recording. */
async function createComparedBackend(options: BackendOptions): Promise<Backend> {
  const gpu = await createWebGpuBackend(options);
  await tryOut(gpu, await createCpuBackend(options, []), options);
  return gpu;
}

/** The curve in the form that a session holds. */
function history(): History {
  const iteration = Array.from({ length: trainer.iteration + 1 }, (_, i) => i);
  return { iteration, train: [...losses, null], val: iteration.map((i) => vals.get(i) ?? null) };
}

function round(val: number | null | undefined): number | null {
  return val === null || val === undefined ? null : Number(val.toPrecision(7));
}
