// What a checkpoint says about itself: the JSON in its one metadata entry. This file describes it and checks it.
import { checkSizes, LIMITS, type ModelConfig, type TrainingConfig, UnsuitableError } from "../training/config.ts";
import { normaliseSeed } from "../training/seed.ts";
import type { Sample } from "../training/trainer.ts";
import { FileError } from "./file_error.ts";
import type { Json } from "./strict_json.ts";

/** The format that this program writes, and the newest that it reads. */
export const FORMAT = 1;
/** The newest samples, as far as the header has room for them. */
export const MOST_SAMPLES = 100;
/** Far beyond any lesson's run. Each iteration takes 16 bytes of the schedule's table. */
const MOST_ITERATIONS = 1_000_000;

/** An engine, as exactly as its results depend on it. */
export interface MadeBy {
  /** "cpu-fma", "cpu-base" (the CPU engine's module), "webgpu", or another program's name. */
  engine: string;
  /** SHA-256 of the CPU engine's module, or of the graphics card's kernels and their order; null if unknown. */
  revision: string | null;
  /** The graphics card as the browser names it; null for others. */
  adapter: string | null;
  /**
   * The browser that drove the graphics card, such as "Chromium 142"; missing for others, and where nothing is known of
   * it, as in files that were made before this was written.
   */
  browser?: string;
}

/** Batches, weights and samples are hashes of seed and iteration (training/rng.ts): these two are all random state. */
export interface About extends MadeBy {
  format: typeof FORMAT;
  model: ModelConfig;
  training: TrainingConfig;
  /** `characters`: the vocabulary in its order. */
  corpus: { name: string; sha256: string; characters: string };
  seed: string;
  /** Weight updates made. */
  iteration: number;
  /** Other engines that trained this run before, each up to its iteration `until`. */
  earlier: (MadeBy & { until: number })[];
  samples: Sample[];
  phase: string | null;
  /** Loss on the whole validation text after the last update; null before. */
  whole_val: number | null;
}

/** The vocabulary's characters. */
export const charactersOf = ({ corpus }: Pick<About, "corpus">) => Array.from(corpus.characters);

/** A place in the metadata: its name, and what stands there. */
type Place = [name: string, value: Json | undefined];

function wrong([name, value]: Place, expected: string): never {
  const written = value === undefined ? "missing" : JSON.stringify(value);
  throw new FileError({ kind: "field", name: `“press_start” ${name}`.trim(), value: written, expected });
}

function fieldsOf([name, value]: Place): (field: string) => Place {
  const valid = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!valid) wrong([name, value], "an object");
  return (field) => [name === "" ? field : `${name}.${field}`, Object.hasOwn(value, field) ? value[field] : undefined];
}

function text([name, value]: Place, most = Infinity): string {
  return typeof value === "string" && value.length <= most ? value : wrong([name, value], "a text");
}

function textOrNull(place: Place, most = Infinity): string | null {
  return place[1] === null ? null : text(place, most);
}

function number([name, value]: Place): number {
  return typeof value === "number" ? value : wrong([name, value], "a number");
}

function numberOrNull(place: Place): number | null {
  return place[1] === null ? null : number(place);
}

function whole(place: Place, min: number, max: number): number {
  const value = number(place), valid = Number.isInteger(value) && value >= min && value <= max;
  return valid ? value : wrong(place, `a whole number from ${min} to ${max}`);
}

function list([name, value]: Place, most: number): Place[] {
  const valid = Array.isArray(value) && value.length <= most;
  if (!valid) wrong([name, value], `a list of at most ${most}`);
  return value.map((item, i) => [`${name}[${i}]`, item]);
}

function hash(place: Place): string {
  return /^[0-9a-f]{64}$/.test(text(place)) ? text(place) : wrong(place, "64 hexadecimal digits");
}

/**
 * @param most_samples a run may have more than a file
 * @returns the metadata, and its checksum. @throws FileError naming the first field that is not as it must be
 */
export function readAbout(value: Json, most_samples = MOST_SAMPLES): { about: About; checksum: string } {
  const field = fieldsOf(["", value]), format = whole(field("format"), 1, Infinity);
  if (format > FORMAT) throw new FileError({ kind: "newer", format, known: FORMAT });
  const corpus = readCorpus(field("corpus")), training = readTraining(field("training"));
  const model = readModel(field("model"), training.batch_size), characters = Array.from(corpus.characters);
  if (characters.length !== model.vocab_size || new Set(characters).size !== characters.length) {
    wrong(field("corpus"), `${model.vocab_size} different characters`);
  }
  const iteration = whole(field("iteration"), 0, training.iterations), seed = text(field("seed"));
  if (normaliseSeed(seed) === "") wrong(field("seed"), "a seed");
  const about: About = {
    format: FORMAT,
    model,
    training,
    corpus,
    seed,
    iteration,
    ...readMadeBy(field),
    earlier: list(field("earlier"), MOST_SAMPLES).map((place) => {
      const part = fieldsOf(place);
      return { ...readMadeBy(part), until: whole(part("until"), 0, iteration) };
    }),
    samples: list(field("samples"), most_samples).map((place) => readSample(place, iteration)),
    phase: textOrNull(field("phase")),
    whole_val: numberOrNull(field("whole_val")),
  };
  return { about, checksum: hash(field("checksum")) };
}

function readMadeBy(field: (name: string) => Place): MadeBy {
  const [, browser] = field("browser"), known = browser !== undefined && browser !== null;
  return {
    engine: text(field("engine"), 100),
    revision: textOrNull(field("revision"), 100),
    adapter: textOrNull(field("adapter"), 1000),
    ...known && { browser: text(field("browser"), 100) },
  };
}

/** Only what is known of an engine, of all that is known of a run. */
export function madeByOf({ engine, revision, adapter, browser }: MadeBy): MadeBy {
  return { engine, revision, adapter, ...browser !== undefined && { browser } };
}

function readCorpus(place: Place): About["corpus"] {
  const field = fieldsOf(place), characters = field("characters");
  const corpus = { name: text(field("name")), sha256: hash(field("sha256")), characters: text(characters) };
  return corpus.characters.length <= 2 * LIMITS.vocab_size.max ? corpus : wrong(characters, "a vocabulary");
}

function readModel(place: Place, batch_size: number): ModelConfig {
  const field = fieldsOf(place), read = (name: keyof ModelConfig) => number(field(name));
  const model: ModelConfig = {
    n_layer: read("n_layer"),
    n_head: read("n_head"),
    n_embd: read("n_embd"),
    block_size: read("block_size"),
    vocab_size: read("vocab_size"),
    mlp_ratio: whole(field("mlp_ratio"), 1, 16),
    layer_norm_eps: read("layer_norm_eps"),
    init_std: read("init_std"),
  };
  try {
    checkSizes(model, batch_size);
  } catch (error) {
    if (error instanceof UnsuitableError) throw new FileError({ kind: "unsuitable", why: error.message });
    throw error;
  }
  return model;
}

function readTraining(place: Place): TrainingConfig {
  const field = fieldsOf(place), read = (name: keyof TrainingConfig) => number(field(name));
  const part = field("training_characters"), whole_text = part[1] === null || part[1] === undefined;
  return {
    iterations: whole(field("iterations"), 1, MOST_ITERATIONS),
    batch_size: read("batch_size"),
    learning_rate: read("learning_rate"),
    warmup_iterations: whole(field("warmup_iterations"), 0, MOST_ITERATIONS),
    final_learning_rate_fraction: read("final_learning_rate_fraction"),
    beta1: read("beta1"),
    beta2: read("beta2"),
    eps: read("eps"),
    weight_decay: read("weight_decay"),
    training_characters: whole_text ? null : whole(part, 1, Number.MAX_SAFE_INTEGER),
  };
}

function readSample(place: Place, most: number): Sample {
  const field = fieldsOf(place);
  return {
    iteration: whole(field("iteration"), 0, most),
    val: numberOrNull(field("val")),
    phase: text(field("phase")),
    prompt: text(field("prompt")),
    text: text(field("text")),
  };
}
