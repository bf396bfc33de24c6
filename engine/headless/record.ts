// Trains without a browser and prints the run as JSON: deno run ... record.ts '{"seed": ..., ...}'.
// `python3 build record` calls it, writes the file and documents the options; the form of the file is RecordedRun.
import type { Backend, BackendOptions } from "../training/backend.ts";
import { defaultRun, type RunConfig } from "../training/config.ts";
import { createCpuBackend, workersFor } from "../cpu/cpu_backend.ts";
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
import { hireAssistants } from "./assistants.ts";

/** What the caller decides; everything else is model.json's. */
interface Wanted {
  /** The name of the preset that is recorded; null for the lesson's run. */
  preset: string | null;
  seed: string;
  engine: "cpu" | "webgpu";
  workers: number;
  corpus_file: string;
  corpus_name: string;
  rungs: Rungs | null;
  phases: string[];
  model: Partial<RunConfig["model"]>;
  training: Partial<RunConfig["training"]>;
  evaluation: RunConfig["evaluation"];
  sampling: RunConfig["sampling"];
  /** Stops after so many iterations of the run; null: not before its end. */
  until: number | null;
}

/** One run, as docs/recorded/*.json hold it. Losses are in nats per character. */
export interface RecordedRun {
  format: 1;
  /** Left out where it is the lesson's run. */
  preset?: string;
  config: RunConfig;
  corpus: { name: string; sha256: string; vocab_size: number };
  engine: string;
  seed: string;
  /** Row i: loss of iteration i's batch before its update; the last row, after all updates, has none. */
  curve: { iteration: number; train: number | null; val: number | null }[];
  samples: Sample[];
  /** On the whole validation text, after the last update; null where the run does not ask for it. */
  whole_val: number | null;
  /** What the curve shows; of presets alone. */
  verdict?: Verdict;
  /** SHA-256 of the weights after so many updates. */
  fingerprints: Record<string, string>;
  fingerprint: string;
}

const wanted: Wanted = JSON.parse(Deno.args[0]);
if (wanted.engine !== "cpu" && wanted.engine !== "webgpu") {
  console.error(`The engine ${wanted.engine} does not run here. Choose cpu or webgpu.`);
  Deno.exit(1);
}

const text = await Deno.readTextFile(wanted.corpus_file);
const defaults = defaultRun(2); // the vocabulary follows from the text
const { ports, dismiss } = hireAssistants(wanted.engine === "cpu" ? workersFor(wanted.workers) - 1 : 0);
const trainer = await Trainer.create(
  {
    ...defaults,
    seed: wanted.seed,
    model: { ...defaults.model, ...wanted.model },
    training: { ...defaults.training, ...wanted.training },
    evaluation: wanted.evaluation,
    sampling: wanted.sampling,
    phases: wanted.phases,
  },
  readCorpus(text, wanted.evaluation.train_fraction),
  wanted.rungs,
  (options) => wanted.engine === "cpu" ? createCpuBackend(options, ports) : createComparedBackend(options),
).catch((error) => {
  if (!(error instanceof WebGpuError)) throw error;
  console.error(`The engine webgpu does not run here. ${webGpuErrorText(error.kind, error.message).message}`);
  Deno.exit(1);
});

const losses: number[] = [];
const samples: Sample[] = [];
const fingerprints: Record<string, string> = {};
const begin = performance.now();
for (const { iteration, characters } of milestones(trainer.run)) {
  if (iteration > (wanted.until ?? Infinity)) break;
  await trainer.train(iteration, ({ losses: more }) => losses.push(...more), { requested: false });
  if (trainer.diverged_at !== null) break;
  const sample = await trainer.evaluateAndSample(characters);
  samples.push(sample);
  fingerprints[iteration] = await trainer.fingerprint();
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.error(`iteration ${iteration}: val ${sample.val?.toFixed(4) ?? "none"}, ${sample.phase} (${seconds} s)`);
}
if (trainer.diverged_at !== null) console.error(`diverged at iteration ${trainer.diverged_at}`);

const vals = new Map(samples.map(({ iteration, val }) => [iteration, val]));
const run: RecordedRun = {
  format: 1,
  ...(wanted.preset === null ? {} : { preset: wanted.preset }),
  config: trainer.run,
  corpus: {
    name: wanted.corpus_name,
    sha256: sha256Hex(new TextEncoder().encode(normaliseText(text))),
    vocab_size: trainer.run.model.vocab_size,
  },
  engine: trainer.backend.kind,
  seed: wanted.seed,
  curve: Array.from({ length: trainer.iteration + 1 }, (_, iteration) => ({
    iteration,
    // Seven digits tell any two f32 numbers of a loss apart.
    train: iteration < losses.length && Number.isFinite(losses[iteration])
      ? Number(losses[iteration].toPrecision(7))
      : null,
    val: round(vals.get(iteration)),
  })),
  samples: samples.map((sample) => ({ ...sample, val: round(sample.val) })),
  whole_val: trainer.diverged_at === null && trainer.run.evaluation.whole_at_end
    ? round(await trainer.evaluateWhole())
    : null,
  ...(wanted.preset === null ? {} : { verdict: verdict() }),
  fingerprints,
  fingerprint: await trainer.fingerprint(),
};
await new Blob([JSON.stringify(run)]).stream().pipeTo(Deno.stdout.writable);
dismiss();

function verdict(): Verdict {
  return withCause(verdictOf(history(), trainer.run.model.vocab_size, wanted.rungs), trainer.run.training);
}

/** A WebGPU engine whose first results are the CPU engine's: a reader cannot check a recording. */
async function createComparedBackend(options: BackendOptions): Promise<Backend> {
  const gpu = await createWebGpuBackend(options);
  await tryOut(gpu, await createCpuBackend(options, []), options);
  return gpu;
}

/** The curve as a page's session holds it. */
function history(): History {
  const iteration = Array.from({ length: trainer.iteration + 1 }, (_, i) => i);
  return { iteration, train: [...losses, null], val: iteration.map((i) => vals.get(i) ?? null) };
}

function round(val: number | null | undefined): number | null {
  return val === null || val === undefined ? null : Number(val.toPrecision(7));
}
