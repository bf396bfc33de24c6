// What docs/lessons say of the inside of recorded runs: the lesson's run is trained again and observed at each milestone,
// and so are the presets. Prints JSON, a Seen of engine/training/seen.ts.
// `python3 build record --observe` calls it, writes the file and documents the options.
import { roundsOnce } from "../cpu/modules.ts";
import { createCpuBackend, mostWorkersFor } from "../cpu/cpu_backend.ts";
import { defaultRun, type RunConfig } from "../training/config.ts";
import { decode, normaliseText, readCorpus, validationWindows } from "../training/corpus.ts";
import { milestones } from "../training/milestones.ts";
import type { Observation, ObservedLine, ObserveOptions, SampleReading } from "../training/observation.ts";
import type { Rungs } from "../training/phase.ts";
import { readingBytes, type Seen, type SeenAttention, type SeenMilestone, type Written } from "../training/seen.ts";
import { sha256Hex } from "../training/sha256.ts";
import { Trainer } from "../training/trainer.ts";
import { writingsNll } from "../training/writings.ts";
import { makeAssistants } from "./assistants.ts";

/** A run, and what is wanted of it. */
interface WantedRun extends Pick<RunConfig, "seed" | "training" | "evaluation" | "sampling"> {
  /** Name of the preset; null for the lesson's run, with its own seed or another. */
  preset: string | null;
  observe: ObserveOptions;
}

interface Wanted {
  workers: number;
  corpus_file: string;
  corpus_name: string;
  rungs: Rungs | null;
  phases: string[];
  model: Partial<RunConfig["model"]>;
  /** The lesson's run, then presets and the same run with other seeds. */
  runs: WantedRun[];
  /** Milestones whose attention is kept. */
  attention_at: number[];
  /** Stops each run after this many iterations; missing: trains to the end. For tests. */
  until?: number;
  /** Windows on which the loss of copies is measured with a head off, evenly spaced in the validation text. */
  windows: number;
}

/** Of each number but those that are packed. */
const DIGITS = 4;

const wanted: Wanted = JSON.parse(Deno.args[0]);
if (!roundsOnce()) {
  console.error("This processor cannot round a product and its sum once, as the module fma does. Use another machine.");
  Deno.exit(1);
}
const text = await Deno.readTextFile(wanted.corpus_file), defaults = defaultRun(2); // the vocabulary follows from the text
const { ports, endAssistants } = makeAssistants(mostWorkersFor(wanted.workers) - 1), begin = performance.now();
const [lesson, ...others] = wanted.runs;
const { trainer, observed, readings, fingerprints } = await trained(lesson), { model } = trainer.run;
const off = await withoutHeads();
const recorded: Seen = {
  format: 1,
  config: trainer.run,
  corpus: {
    name: wanted.corpus_name,
    sha256: sha256Hex(new TextEncoder().encode(normaliseText(text))),
    vocab_size: model.vocab_size,
  },
  engine: "cpu",
  module: "fma",
  seed: trainer.run.seed,
  observe: lesson.observe,
  text: line() && decode(trainer.corpus, line()!),
  milestones: observed.map(milestone),
  attention: await attention(),
  samples: await samples(),
  heads_off: off,
  fingerprints,
  seeds: {},
  presets: {},
};
for (const other of others) {
  const { observed, trainer } = await trained(other), fingerprint = await trainer.fingerprint();
  if (other.preset === null) recorded.seeds[other.seed] = { milestones: observed.map(milestone), fingerprint };
  else {
    const milestones = observed.map(({ iteration, norms }) => ({ iteration, norms: norms && rounded(norms) }));
    recorded.presets[other.preset] = { milestones, fingerprint };
  }
}
await new Blob([JSON.stringify(recorded)]).stream().pipeTo(Deno.stdout.writable);
endAssistants();

/** Trains a run to its end, or to where it diverges. */
async function trained({ preset, observe, ...run }: WantedRun) {
  const corpus = readCorpus(text, run.evaluation.train_fraction);
  const own: RunConfig = { ...defaults, ...run, model: { ...defaults.model, ...wanted.model }, phases: wanted.phases };
  const trainer = await Trainer.create(own, corpus, wanted.rungs, (options) => createCpuBackend(options, ports));
  const observed: Observation[] = [], readings = new Map<number, SampleReading>();
  const fingerprints: Record<string, string> = {};
  for (const { iteration, characters, only_norms } of milestones(trainer.run, observe)) {
    if (iteration > (wanted.until ?? Infinity)) break;
    await trainer.train(iteration, () => {}, { requested: false });
    if (trainer.diverged_at !== null) break;
    if (only_norms) {
      observed.push(await trainer.observeNorms());
      continue;
    }
    const { sample, reading, observation } = await trainer.measure(characters, observe);
    observed.push(observation!);
    if (reading) readings.set(iteration, reading);
    fingerprints[iteration] = await trainer.fingerprint();
    say(`${preset ?? run.seed}, iteration ${iteration}: val ${sample.val?.toFixed(4) ?? "none"}`);
  }
  return { trainer, observed, readings, fingerprints };
}

/** The observed line; null for a text that is too short for one. */
function line(): Uint8Array | null {
  const { lines } = lesson.observe;
  return lines && trainer.corpus.tokens.subarray(lines.starts[0], lines.starts[0] + lines.length + 1);
}

function milestone({ iteration, norms, line, writings }: Observation): SeenMilestone {
  return {
    iteration,
    norms: norms && rounded(norms),
    line: line && withoutMaps(line),
    writings: writings && { ...writings },
  };
}

function withoutMaps({ attention: _maps, ...line }: ObservedLine): SeenMilestone["line"] {
  return rounded(line);
}

async function attention(): Promise<SeenAttention | null> {
  const kept = observed.filter(({ iteration, line }) => line && wanted.attention_at.includes(iteration));
  if (kept.length === 0) return null;
  const maps = kept.map(({ line }) => line!.attention);
  return { iterations: kept.map(({ iteration }) => iteration), packed: await packed(maps) };
}

/** Early readings of the first sample, one in the middle and the last. */
async function samples(): Promise<Seen["samples"]> {
  const iterations = [...readings.keys()], all = [...readings.values()], last = all.length - 1;
  const early = iterations.map((_, i) => i === 0 || i === Math.ceil(last / 2) || i === last);
  return {
    candidates: all[0]?.candidates ?? 0,
    iterations,
    characters: all.map(({ surprise }) => surprise.length),
    early: iterations.filter((_, i) => early[i]),
    packed: await packed([readingBytes(all, early)]),
  };
}

async function withoutHeads(): Promise<Seen["heads_off"]> {
  const masks = Array.from({ length: model.n_layer * model.n_head }, (_, head) => {
    return Uint8Array.from({ length: model.n_layer * model.n_head }, (_, i) => i === head ? 1 : 0);
  });
  const found: Seen["heads_off"] = { line: line() && [], copies: lesson.observe.writings ? [] : null };
  for (const mask of masks) {
    if (found.line) found.line.push(short(mean((await trainer.observe(line()!, mask)).surprise)));
    if (found.copies) found.copies.push(short(await copies(mask)));
  }
  return found;
}

/** The mean loss of copies, in nats per character, with some heads off. */
async function copies(heads_off: Uint8Array): Promise<number> {
  const { corpus: { tokens, characters }, run: { evaluation } } = trainer, T = model.block_size;
  const starts = validationWindows(trainer.corpus, T, { ...evaluation, windows: wanted.windows });
  const nll: number[] = [];
  for (const start of starts) {
    nll.push(...(await trainer.observe(tokens.subarray(start, start + T + 1), heads_off)).surprise);
  }
  return writingsNll(Float32Array.from(nll), starts, tokens, characters)?.copies ?? NaN;
}

async function packed(parts: Uint8Array<ArrayBuffer>[]): Promise<string> {
  const zipped = new Blob(parts).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(zipped).bytes()).toBase64();
}

function rounded<T extends object>(lists: T): { [Name in keyof T]: Written[] } {
  const entries = Object.entries(lists).map(([name, list]) => [name, (list as number[]).map(short)]);
  return Object.fromEntries(entries);
}

function short(value: number): Written {
  return Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : String(value) as Written;
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
}

function say(progress: string): void {
  console.error(`${progress} (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
}
