// What docs/lessons/your-checkpoint.md says of the recorded run's states: pictures of its weights, how it goes on when
// parts of its checkpoint are missing, and what one flipped bit does. Prints JSON, a NUL, and the pictures' pixels.
// `python3 build record --checkpoint` calls it, writes the files and documents the options.
import { roundsOnce } from "../cpu/modules.ts";
import { createCpuBackend, mostWorkersFor } from "../cpu/cpu_backend.ts";
import type { TrainingState } from "../training/backend.ts";
import { defaultRun, type RunConfig } from "../training/config.ts";
import { normaliseText, readCorpus } from "../training/corpus.ts";
import { layoutOf } from "../checkpoint/safetensors.ts";
import { RunFiles } from "../checkpoint/run_files.ts";
import { tensors } from "../training/params.ts";
import { sha256Hex } from "../training/sha256.ts";
import { Trainer } from "../training/trainer.ts";
import { flipped } from "../session/one_bit.ts";
import { PALETTE, picture, tensorFacts, weightMap } from "../session/weight_map.ts";
import { makeAssistants } from "./assistants.ts";

interface Wanted {
  seed: string;
  other_seed: string;
  workers: number;
  corpus_file: string;
  corpus_name: string;
  phases: string[];
  model: Partial<RunConfig["model"]>;
  training: RunConfig["training"];
  evaluation: RunConfig["evaluation"];
  sampling: RunConfig["sampling"];
  /** Iterations whose weights are pictured. */
  pictured: number[];
  /** The checkpoint's iteration, and how many more each way of going on makes. */
  at: number;
  further: number;
  /** Iterations between two measurements on the validation windows. */
  val_every: number;
}

/** Of a checkpoint's beginning, and of each part. */
const HEAD_BYTES = 128, HEX_BYTES = 16;

const wanted: Wanted = JSON.parse(Deno.args[0]);
if (!roundsOnce()) {
  console.error("This processor cannot round a product and its sum once, as the module fma does. Use another machine.");
  Deno.exit(1);
}
const text = await Deno.readTextFile(wanted.corpus_file), defaults = defaultRun(2);
const corpus = readCorpus(text, wanted.evaluation.train_fraction);
const { ports, endAssistants } = makeAssistants(mostWorkersFor(wanted.workers) - 1);
const { seed, training, evaluation, sampling, phases } = wanted;
const run: RunConfig = {
  ...defaults,
  seed,
  model: { ...defaults.model, ...wanted.model },
  training,
  evaluation,
  sampling,
  phases,
};
const trainer = await Trainer.create(run, corpus, null, (options) => createCpuBackend(options, ports, {}));
const { model } = trainer.run, begin = performance.now();

const pictures: Uint8Array<ArrayBuffer>[] = [], states: Awaited<ReturnType<typeof stateFacts>>[] = [];
const own_text = {
  name: wanted.corpus_name,
  sha256: sha256Hex(new TextEncoder().encode(normaliseText(text))),
};
const losses: number[] = [];
let checkpoint: TrainingState | null = null, file: Awaited<ReturnType<typeof fileFacts>> | null = null;
for (const iteration of [...new Set([...wanted.pictured, wanted.at])].sort((a, b) => a - b)) {
  await trainer.train(iteration, ({ losses: more }) => losses.push(...more), { requested: false });
  const state = await trainer.save();
  if (iteration === wanted.at) [checkpoint, file] = [state, await fileFacts()];
  if (!wanted.pictured.includes(iteration)) continue;
  pictures.push(picture(weightMap(model), state.params));
  states.push(await stateFacts(state));
  say(`iteration ${iteration}: ${states.at(-1)!.fingerprint.slice(0, 8)}`);
}
const bits = await flips(await trainer.save());
const ways: Record<string, Awaited<ReturnType<typeof goneOn>>> = {};
const { params, m, v } = checkpoint!, none = new Float32Array(params.length);
await goOn("whole", { iteration: wanted.at, params, m, v });
await goOn("no-m", { iteration: wanted.at, params, m: none, v });
await goOn("no-v", { iteration: wanted.at, params, m, v: none });
await goOn("no-moments", { iteration: wanted.at, params, m: none, v: none });
await goOn("no-iteration", { iteration: 0, params, m, v });
await goOn("weights-only", { iteration: 0, params, m: none, v: none });
await goOn("other-seed", { iteration: wanted.at, params, m, v }, wanted.other_seed);

const { width, height, places } = weightMap(model);
const recorded = {
  format: 1,
  config: { ...trainer.run, seed }, // the last way may have had another
  corpus: { ...own_text, vocab_size: model.vocab_size, characters: corpus.characters.join("") },
  engine: trainer.backend.kind,
  module: trainer.backend.module,
  seed,
  other_seed: wanted.other_seed,
  at: wanted.at,
  further: wanted.further,
  val_every: wanted.val_every,
  ways,
  bits,
  states,
  file,
  picture: {
    width,
    height,
    palette: PALETTE,
    places: places.map(({ tensor: { name }, x, y, width, height }) => ({ name, x, y, width, height })),
  },
};
await new Blob([JSON.stringify(recorded), "\0", ...pictures]).stream().pipeTo(Deno.stdout.writable);
endAssistants();

async function goOn(name: string, state: TrainingState, seed = wanted.seed): Promise<void> {
  ways[name] = await goneOn(state, seed);
  say(`${name}: ${ways[name].val.map((val) => val?.toFixed(3)).join(" ")}`);
}

/** Losses after a load: `train` of each further iteration, `val` every so many, the first before any update. */
async function goneOn(state: TrainingState, seed: string) {
  await trainer.load(state, seed, { best: Infinity, last_train: Infinity });
  const train: number[] = [], val: (number | null)[] = [await measured()];
  for (let done = wanted.val_every; done <= wanted.further; done += wanted.val_every) {
    await trainer.train(state.iteration + done, ({ losses }) => train.push(...losses), { requested: false });
    val.push(await measured());
  }
  return { train: train.map((loss) => short(loss)), val, fingerprint: await trainer.fingerprint() };
}

async function measured(): Promise<number | null> {
  return short(await trainer.evaluate());
}

/** A checkpoint at this iteration: its beginning, where each part lies, and the first bytes of each. */
async function fileFacts() {
  const { iteration } = trainer, val = new Float32Array(iteration + 1).fill(NaN);
  const notes = { corpus: own_text, samples: [], phase: null, whole_val: null, train: Float32Array.from(losses), val };
  const files = new RunFiles(trainer), bytes = await files.save(notes, false), weights = await files.save(notes, true);
  const { tensors, data_at } = layoutOf(bytes, bytes.length);
  const hex = (begin: number, length: number) => bytes.subarray(begin, begin + length).toHex();
  const parts = [...tensors].map(([name, { shape, begin, end }]) => {
    return { name, shape, begin: data_at + begin, end: data_at + end, hex: hex(data_at + begin, HEX_BYTES) };
  });
  const head = hex(0, HEAD_BYTES);
  return { iteration, bytes: bytes.length, weights_bytes: weights.length, header_bytes: data_at - 8, head, parts };
}

/** For each tensor its shape, its root mean square and its extremes; a gain is measured from 1. */
async function stateFacts({ iteration, params }: TrainingState) {
  const all = tensors(model),
    of = (name: string) => {
      const { offset, size } = all.find((tensor) => tensor.name === name)!;
      return params.subarray(offset, offset + size);
    };
  const facts = Object.fromEntries(all.map((tensor) => {
    const { shape, rms, smallest, largest } = tensorFacts(tensor, params);
    return [tensor.name, { shape, rms: short(rms), smallest: short(smallest), largest: short(largest) }];
  }));
  const rows = (name: string) => {
    const numbers = of(name), [, columns] = all.find((tensor) => tensor.name === name)!.shape;
    const row = (at: number) => numbers.subarray(at * columns, (at + 1) * columns);
    return Array.from({ length: numbers.length / columns }, (_, at) => row(at));
  };
  const column = (all: Float32Array[], at: number) => Float32Array.from(all, (row) => row[at]);
  const neuronsOf = (layer: number) => {
    const fc = rows(`h.${layer}.mlp.fc`), proj = rows(`h.${layer}.mlp.proj`);
    const into = proj.map((_, neuron) => rms(column(fc, neuron))), out = proj.map(rms);
    const [faintest, strongest] = [into.reduce((a, b) => Math.min(a, b)), into.reduce((a, b) => Math.max(a, b))];
    return { faintest: short(faintest), strongest: short(strongest), alike: short(correlation(into, out)) };
  };
  const positions = rows("wpe"), characters = rows("wte");
  return {
    iteration,
    fingerprint: await trainer.fingerprint(),
    tensors: facts,
    // How alike neighbours are: the cosine between a position's row and the next one's, on average.
    neighbours: short(mean(positions.slice(1).map((row, i) => cosine(row, positions[i])))),
    // The size of each character's row, in the order of the vocabulary.
    characters: characters.map((row) => short(rms(row))),
    // By layer: the size of the faintest and of the strongest neuron's column of mlp.fc, and how alike neurons are in the
    // size of that and of their row of mlp.proj, as a correlation.
    neurons: Array.from({ length: model.n_layer }, (_, layer) => neuronsOf(layer)),
  };
}

/** The loss on the validation windows with one bit of one weight flipped, for each bit. */
async function flips(state: TrainingState) {
  const character = Math.max(0, corpus.characters.indexOf("e")), at = character * model.n_embd;
  const found: { bit: number; value: number | string; val: number | string | null }[] = [];
  const val = await trainer.evaluate();
  for (let bit = 31; bit >= 0; bit--) {
    const params = flipped(state.params, at, bit);
    found.push({ bit, value: written(params[at]), val: written(await trainer.evaluateWith(params)) });
  }
  return { tensor: "wte", character: corpus.characters[character], at, value: state.params[at], val, flipped: found };
}

/** JSON has no NaN and no infinity. */
function written(value: number): number | string;
function written(value: number | null): number | string | null;
function written(value: number | null) {
  return value === null || Number.isFinite(value) ? value : String(value);
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
}

function rms(numbers: Float32Array): number {
  return Math.sqrt(numbers.reduce((sum, n) => sum + n * n, 0) / numbers.length);
}

function correlation(a: number[], b: number[]): number {
  const [of_a, of_b] = [a, b].map((all) => Float32Array.from(all, (n) => n - mean(all)));
  return cosine(of_a, of_b);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, n, i) => sum + n * b[i], 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

function short<T extends number | null>(value: T): T {
  return (value === null || !Number.isFinite(value) ? value : Number(value.toPrecision(7))) as T;
}

function say(progress: string): void {
  console.error(`${progress} (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
}
