// Every sentence of the blocks talk and twin-seeds: the models that a reader can ask, and notes on the prompt; runs side by
// side, a neighbour's file, and why bits differ.
import { count, decimals, shortened } from "./wording.ts";
import { type FileEngine, madeBy } from "./wording_of_files.ts";

/** With a capital, to begin a sentence. */
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const quoted = (text: string) => `“${shortened(text)}”`;

export const twinWords = {
  title: "Twins",
  left: "Seed on the left",
  right: "Seed on the right",
  left_run: "the run on the left",
  right_run: "the run on the right",
  page_run: "this page’s run",
  beside_run: "the run that has just been trained here",
  train: "Train both",
  stop: "Stop",
  idle: "not trained yet",
  training: (iterations: number[], of: number) =>
    `training: ${iterations.map((iteration) => count(iteration)).join(" and ")} of ${count(of)} iterations`,
  comparing: "comparing",
  trained: (iterations: number) => `trained: ${count(iterations)} iterations each`,
  losses: "train loss, in nats per character",
  difference: "difference of the two, logarithmic",
  picture: (left: string, right: string, iterations: number) =>
    `Train losses of two runs with the seeds ${quoted(left)} and ${quoted(right)}, ${count(iterations)} iterations`,
  no_difference: (losses: number) => losses === 0 ? "" : `no difference in ${count(losses)} losses`,
  largest: (nats: number, iteration: number) =>
    `at iteration ${count(iteration)} they differ by ${nats < 0.001 ? nats.toExponential(1) : decimals(nats, 3)}`,
  seed: "seed",
  weights: "SHA-256 of the weights",
  state: "SHA-256 of the whole state",
  neighbour: "A neighbour’s file",
  open: "Open a neighbour’s file",
  reading: "reading the file",
  holds: (seed: string, iteration: number, engine: FileEngine) =>
    `The file: seed ${quoted(seed)}, iteration ${count(iteration)}, made by ${madeBy(engine)}.`,
  nothing_to_compare: "No run of this page has begun yet: train the twins, or press Start.",
  train_beside: (seed: string, iteration: number) =>
    `Train ${quoted(seed)} here up to iteration ${count(iteration)}, and compare`,
  beside: (what: string) => `Beside ${what}: `,
};

/** An engine that made a file, up to an iteration; null for the last one. */
interface Made extends FileEngine {
  revision: string | null;
  until: number | null;
}

type Numbers = { name: string; ours: number | null; theirs: number | null };

/** By kind, why two files differ. `ours` is the first of the two. */
const REASONS = {
  model: ({ name, ours, theirs }: Numbers) =>
    `The models differ: ${name} is ${ours} in one and ${theirs} in the other.`,
  training: ({ name, ours, theirs }: Numbers) =>
    `They train with different settings: ${name} is ${ours ?? "not set"} in one and ${
      theirs ?? "not set"
    } in the other.`,
  text: ({ ours, theirs }: { ours: string; theirs: string }) =>
    ours === theirs
      ? `They train on two editions of the text ${quoted(ours)}.`
      : `They train on different texts: ${quoted(ours)} and ${quoted(theirs)}.`,
  seed: ({ ours, theirs }: { ours: string; theirs: string }) =>
    `Their seeds differ: ${quoted(ours)} and ${quoted(theirs)}. A seed decides the first weights and all batches.`,
  engine: ({ ours, theirs }: { ours: Made[]; theirs: Made[] }) =>
    `${capital(lineage(ours))} made one, ${lineage(theirs)} the other. ${whyEnginesDiffer(ours, theirs)}`,
  driver: (engine: FileEngine) =>
    `${capital(madeBy(engine))} made both, with the same kernels. The files do not name the driver${
      engine.browser === undefined ? ", or the browser" : ""
    }, which decides the last bits too.`,
};

function lineage(made: Made[]): string {
  const parts = made.map(({ until, ...engine }) =>
    madeBy(engine) + (until === null ? "" : ` up to iteration ${count(until)}`)
  );
  return parts.join(", then ");
}

function whyEnginesDiffer(ours: Made[], theirs: Made[]): string {
  const [mine, other] = [ours, theirs].map((made) => made.at(-1)!), card = mine.engine === "webgpu";
  if (ours.length > 1 || theirs.length > 1) {
    return "Each engine has its own last bits, and at least one of the runs changed its engine.";
  }
  if (card && other.engine === "webgpu" && mine.adapter !== other.adapter) {
    return "Graphics cards add the same numbers in different orders, so their last bits differ.";
  }
  if (card && other.engine === "webgpu" && mine.browser !== other.browser) {
    return "Browsers compile the same kernels differently, so their last bits differ.";
  }
  if (mine.engine === other.engine) return "It is the same engine in two versions, whose last bits may differ.";
  return card || other.engine === "webgpu"
    ? "A graphics card adds in a different order from the CPU engine, so the last bits differ."
    : "The module fma rounds a product and its sum once, the module base rounds each of them, so the last bits differ.";
}

export type Reason = {
  [K in keyof typeof REASONS]: { kind: K } & Parameters<(typeof REASONS)[K]>[0];
}[keyof typeof REASONS];

const reasonText = (reason: Reason) => (REASONS[reason.kind] as (values: Reason) => string)(reason);

const UNEXPLAINED =
  "Nothing in the files explains it: model, text, settings, seed and engine are the same. Either one of them was " +
  "changed, or its run went on from its weights alone, or a processor made a mistake.";

interface Sides {
  about: { iteration: number };
  weights_only: boolean;
}

/** What a comparison has found. */
export interface Found {
  ours: Sides;
  theirs: Sides;
  same_weights: boolean;
  same_state: boolean | null;
  losses: number;
  first: number | null;
  reason: Reason | null;
}

/** The verdict on two files: equal to the last bit, or where and why not. */
export function comparedText({ ours, theirs, same_weights, same_state, losses, first, reason }: Found): string {
  const [mine, other] = [ours.about.iteration, theirs.about.iteration];
  if (same_weights && same_state !== false && first === null) {
    const equal = same_state
      ? `Equal to the last bit: all weights, both moments and the ${count(losses)} losses.`
      : "The weights are equal to the last bit; one of the files holds only weights.";
    return reason === null ? equal : `${equal} ${reasonText(reason)} Next time they may differ.`;
  }
  const why = reason === null ? UNEXPLAINED : reasonText(reason);
  if (first !== null) return `The losses differ from iteration ${count(first)} on. ${why}`;
  const alike = losses === 0 ? "" : ` The ${count(losses)} losses that both files have are equal to the last bit.`;
  if (mine !== other) {
    const apart = `One is at iteration ${count(mine)}, the other at ${count(other)}, so their weights differ.${alike}`;
    return reason === null ? apart : `${apart} ${reasonText(reason)}`;
  }
  return same_weights
    ? `The weights are equal to the last bit, but not the moments.${alike} ${why}`
    : `The weights differ.${alike} ${why}`;
}

/** A character as a reader can see it. */
const shown = (character: string) => /\s/.test(character) ? JSON.stringify(character) : `“${character}”`;

export const talkWords = {
  title: "Talk to the model",
  prompt: "Prompt",
  model: "Model",
  left: "Ask it",
  right: "and compare with",
  temperature: "Temperature",
  top_k: "Top-k",
  all: "all",
  characters: "Characters",
  dice: "Dice",
  ask: "Ask",
  stop: "Stop",
  run: (name: string, seed: string) => `${name === "main" ? "this page’s run" : name}, seed “${shortened(seed)}”`,
  now: (iteration: number) => `now, at iteration ${count(iteration)}`,
  then: (iteration: number) => `at iteration ${count(iteration)}`,
  alone: "no other model",
  waiting: "waiting for the end of an iteration, to copy the weights",
  asked_at: (iteration: number) => `at iteration ${count(iteration)}`,
  nothing_yet: "The answers appear here.",
  left_out: (left_out: number, block_size: number) =>
    `The model sees only the last ${count(block_size)} characters of a text, so it does not see the first ${
      count(left_out)
    } of this prompt.`,
  empty: (stand_in: string) =>
    `The model continues a character. The prompt is empty, so it continues ${
      stand_in === "\n" ? "a line break" : shown(stand_in)
    }.`,
  unknown: (characters: string[]) => {
    const named = characters.slice(0, 10).map(shown).join(", ");
    const more = characters.length > 10 ? ` and ${characters.length - 10} more` : "";
    return `The model does not know ${named}${more}: its text has no such character. Replace ${
      characters.length === 1 ? "it" : "them"
    } and ask again.`;
  },
  diverged: "This run has diverged: its weights are no longer numbers. Ask the model of an earlier iteration.",
  answered: (characters: number, iteration: number) =>
    `The model at iteration ${count(iteration)} has written ${count(characters)} characters.`,
};
