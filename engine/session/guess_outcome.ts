// How far a reader's guess lay from a run that has ended, in a sentence. As in verdict.ts, the sentences are here,
// because each contains the numbers that decided.
import { count, decimals } from "../wording.ts";
import { type Points, valueAt } from "./guess.ts";
import type { History } from "./history.ts";

declare global {
  /** Set by late.ts, so that the page's script is smaller. */
  var pressStartGuessOutcome:
    | { distance: typeof distance; curve: typeof curveOutcome; end: typeof endOutcome }
    | undefined;
}

/** More than two decimals would claim too much of a guess. */
const nats = (value: number) => decimals(value, 2);

/** A reading of the run beside the guess at the same iteration. */
export interface Pair {
  iteration: number;
  guess: number;
  run: number;
}

export interface Distance {
  /** Which loss of the run was compared. */
  loss: "val" | "train";
  /** How many readings of it lie where the reader drew. */
  readings: number;
  /** Mean distance over these readings, in nats per character. */
  mean: number;
  furthest: Pair;
  last: Pair;
}

/**
 * How far a guess lies from a run, at every measurement of val NLL; if fewer than two lie where the reader drew, at
 * every iteration's train NLL. Null if there is no finite loss to compare.
 */
export function distance(points: Points, { iteration, train, val }: History): Distance | null {
  const pairsWith = (column: History["val"]) =>
    iteration.flatMap((at, row): Pair[] => {
      const run = column[row], guess = valueAt(points, at);
      return run === null || !Number.isFinite(run) || guess === null ? [] : [{ iteration: at, guess, run }];
    });
  const measured = pairsWith(val), loss = measured.length < 2 ? "train" : "val";
  const pairs = loss === "val" ? measured : pairsWith(train);
  if (pairs.length === 0) return null;
  const off = ({ guess, run }: Pair) => Math.abs(guess - run);
  return {
    loss,
    readings: pairs.length,
    mean: pairs.reduce((sum, pair) => sum + off(pair), 0) / pairs.length,
    furthest: pairs.reduce((most, pair) => off(pair) > off(most) ? pair : most),
    last: pairs.at(-1)!,
  };
}

/** What the comparison needs to know of a run that has ended. */
export interface EndedRun {
  diverged: boolean;
  iteration: number;
  /** Which loss the end is measured by: val NLL, or train NLL if the text is too short for val NLL. */
  loss: "val" | "train";
  /** That loss at the end; null if it is not a number. */
  end: number | null;
  /** The text's entropy in nats per character; null if it is not known. */
  floor: number | null;
}

/** How far off a guessed curve was, and where. */
export function curveOutcome(found: Distance | null, run: EndedRun): string {
  if (found === null) {
    return `Your guess cannot be compared: the run has no finite loss where you drew${divergedAt(run)}.`;
  }
  const { mean, readings, furthest, last } = found;
  const over = found.loss === "val"
    ? `over the ${count(readings)} measurements of val NLL`
    : `over the train NLL of ${readings === 1 ? "one iteration" : `${count(readings)} iterations`}`;
  const at_end = last.iteration === run.iteration && !run.diverged;
  const where = at_end && furthest === last ? "at the end" : `at iteration ${count(furthest.iteration)}`;
  const first = `Your guess was ${nats(mean)} nats off on average ${over}, most ${where}, where you guessed ` +
    `${nats(furthest.guess)} and the run was at ${nats(furthest.run)}.`;
  if (furthest === last) {
    if (run.diverged) return `${first} It diverged at iteration ${count(run.iteration)}.`;
    return at_end ? first : `${first} You drew nothing after that.`;
  }
  if (at_end) return `${first} You ended at ${nats(last.guess)}, the run at ${nats(last.run)}.`;
  return `${first} At iteration ${count(last.iteration)}, the last to compare, you guessed ${
    nats(last.guess)
  } and the run ` +
    `was at ${nats(last.run)}${divergedAt(run)}.`;
}

function divergedAt({ diverged, iteration }: EndedRun): string {
  return diverged ? `; it diverged at iteration ${count(iteration)}` : "";
}

/** How a guessed end compares with the run's, and with the text's floor if that is known. */
export function endOutcome(guess: number, run: EndedRun): string {
  const { end, floor } = run;
  const said = `You guessed an end at ${nats(guess)} nats per character.`;
  const ended = end === null
    ? `The run has no loss at its end${divergedAt(run)}.`
    : `The run ended at ${nats(end)} (${run.loss} NLL), ${side(end, guess, "your guess")}.`;
  if (floor === null) return `${said} ${ended}`;
  const known = `The floor of this text is ${nats(floor)}`;
  if (guess < floor) {
    return `${said} ${ended} ${known}, ${nats(floor - guess)} above your guess: no model can stay that low.`;
  }
  const run_too = end === null ? "" : `, the run ${side(end, floor, "it")}`;
  return `${said} ${ended} ${known}: your guess was ${side(guess, floor, "it")}${run_too}.`;
}

/** “0.15 above your guess”. */
function side(value: number, other: number, name: string): string {
  const apart = nats(Math.abs(value - other));
  return apart === "0.00"
    ? `equal to ${name} to two decimals`
    : `${apart} ${value > other ? "above" : "below"} ${name}`;
}
