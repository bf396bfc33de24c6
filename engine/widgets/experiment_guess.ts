// What an experiment says about the ends of its runs, and about the reader's guess. No DOM.
import { count, decimals } from "../wording.ts";
import type { History } from "../session/history.ts";
import type { ExperimentRun } from "./shared/island.ts";

const DECIMALS = 3;
/** Runs of the lesson's model that end this close together, in nats, may change places with another seed. */
const LEVEL = 0.05;

type Ended = ExperimentRun & { end: number };

const shown = (nats: number) => decimals(nats, DECIMALS);

/** "recorded, it ends at 2.274", or that it diverged. */
export function ends(which: string, nats: number | null): string {
  return nats === null ? `${which}, it diverged` : `${which}, it ends at ${shown(nats)}`;
}

/** Where the reader's own run is, or ended; empty before its first loss. */
export function here({ iteration, train, val }: History, iterations: number, running: boolean): string {
  const done = train.filter((loss) => loss !== null).length;
  if (train.some((loss) => loss !== null && !Number.isFinite(loss))) return ends("here", null);
  const measured = val.findLastIndex((loss) => loss !== null),
    [name, losses] = measured < 0 ? ["train", train] : ["val", val];
  const at = losses.findLastIndex((loss) => loss !== null);
  if (at < 0) return "";
  if (!running && done >= iterations) return ends("here", losses[at]);
  const when = running ? "here so far" : "here, stopped";
  return `${when}: ${name} NLL ${shown(losses[at]!)} at iteration ${count(iteration[at])}`;
}

export interface GuessVerdict {
  right: boolean;
  /** What turned out to be so, without the guess. */
  outcome: string;
  /** The sentences to the reader. */
  words: string;
}

/** Compares the run that the reader expects to end lowest with the recordings. */
export function verdictOnGuess(guess: ExperimentRun, runs: readonly ExperimentRun[]): GuessVerdict {
  const ended = runs.filter((run): run is Ended => run.end !== null).sort((a, b) => a.end - b.end);
  const lowest = ended[0]?.end, level = ended.filter(({ end }) => end < lowest + LEVEL);
  const outcome = outcomeOf(level), right = level.includes(guess as Ended);
  if (right) return { right, outcome, words: `That is right. ${outcome}` };
  const how = guess.end === null
    ? "it diverged"
    : `it ends at ${shown(guess.end)}, ${shown(guess.end - lowest)} nats above the lowest`;
  return { right, outcome, words: `Not this one: ${how}. ${outcome}` };
}

function outcomeOf(level: readonly Ended[]): string {
  if (level.length === 0) return "All of these runs diverged.";
  const said = level.map(({ label, end }) => `“${label}” at ${shown(end)}`);
  if (said.length === 1) return `The lowest is ${said[0]}.`;
  const listed = `${said.slice(0, -1).join(", ")} and ${said.at(-1)}`;
  return `The lowest are ${listed}: so close that another seed may change their order.`;
}
