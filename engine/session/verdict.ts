// Names what a loss curve shows, from its numbers alone: not from the settings or the button that was pressed.
// docs/shapes.yml has the same names and explains them. The sentences are here, not in wording.ts, because each
// contains the numbers that decided, and must change with the decision.
import type { History } from "./history.ts";
import { large } from "../wording.ts";
import type { Rungs } from "../training/phase.ts";
import { leavesNothing, type Limits, limitsFor } from "./verdict_limits.ts";

export type VerdictName =
  | "nan"
  | "exploded"
  | "unwound"
  | "flat"
  | "memorising"
  | "noisy"
  | "plateau"
  | "slow"
  | "clean"
  | "too short to tell";

export interface Verdict {
  name: VerdictName;
  /** When it happened, if it happened at a single iteration. */
  iteration?: number;
  /** One sentence, with the numbers that decided. */
  words: string;
}

/** A leap needs this many losses in a row above the limit, because a single unusual batch may cost as much. */
const LEAP_ITERATIONS = 3;
/** A run that leaps after at least this many iterations with learning unwinds; with fewer, it explodes. */
const LEARNED_ITERATIONS = 20;
/** A plateau lasts at least this many iterations. */
const STRETCH = 60;
/** Iterations needed to tell a flat curve from a warm-up, a healthy one from a noisy one, and a slow one from both. */
const ENOUGH = 60, ENOUGH_FOR_HEALTH = 100, ENOUGH_FOR_PACE = 150;

const nats = (value: number) => {
  if (value >= 1e6) return large(value);
  return value >= 99.95 ? value.toLocaleString("en-GB", { maximumFractionDigits: 0 }) : value.toFixed(2);
};

/**
 * Names what a curve shows so far. Pure: the same history has the same verdict.
 * @param history losses in nats per character; a non-finite train loss is reported, a null one ends the curve
 * @param rungs losses that the text allows; null if unknown
 */
export function verdictOf(history: History, vocab_size: number, rungs: Rungs | null = null): Verdict {
  const end = history.train.indexOf(null), train = history.train.slice(0, end < 0 ? undefined : end) as number[];
  const limits = limitsFor(vocab_size, rungs);
  return lost(train) ?? leapt(train, limits) ?? learned(train, history.val, limits) ?? {
    name: "too short to tell",
    words: `Too short to tell: ${train.length} iterations so far.`,
  };
}

function lost(train: number[]): Verdict | null {
  const iteration = train.findIndex((loss) => !Number.isFinite(loss));
  if (iteration < 0) return null;
  const what = Number.isNaN(train[iteration]) ? "NaN" : "Infinite";
  const before = iteration > 0 ? `; the one before it was ${nats(train[iteration - 1])}` : "";
  return {
    name: "nan",
    iteration,
    words: `${what} at iteration ${iteration}: its loss is not a number any more${before}.`,
  };
}

function leapt(train: number[], { leap, learning }: Limits): Verdict | null {
  const last = train.length - LEAP_ITERATIONS;
  const iteration = train.findIndex((_, i) =>
    i <= last && train.slice(i, i + LEAP_ITERATIONS).every((loss) => loss > leap)
  );
  if (iteration < 0) return null;
  const before = train.slice(0, iteration), limit = nats(leap), highest = nats(Math.max(...train));
  const learnt = before.filter((loss) => loss < learning).length >= LEARNED_ITERATIONS;
  const then = `past ${limit} nats, half as much again as guessing costs, and as far as ${highest} since.`;
  if (!learnt) {
    return { name: "exploded", iteration, words: `Exploded at iteration ${iteration}: the loss shot ${then}` };
  }
  const best = nats(Math.min(...before));
  return {
    name: "unwound",
    iteration,
    words: `Unwound at iteration ${iteration}: it had come down to ${best}, then climbed ${then}`,
  };
}

function learned(train: number[], val: readonly (number | null)[], limits: Limits): Verdict | null {
  const n = train.length;
  if (n < ENOUGH) return null;
  const start = mean(train.slice(0, 10)), now = mean(train.slice(-20)), path = `from ${nats(start)} to ${nats(now)}`;
  const measured = val.filter((loss) => loss !== null), last = measured.at(-1) ?? NaN, best = Math.min(...measured);
  if (last - best > limits.val_rise && last - now > limits.val_gap) {
    const words = `Memorising: train has gone ${path}, while val has climbed from its best, ${nats(best)}, to ${
      nats(last)
    }.`;
    return { name: "memorising", words };
  }
  if (leavesNothing(limits) && now <= limits.leap) return nothingToLearn(n, now, limits);
  // Within the limit both ways: on its way up, a run that unwinds passes the loss with which it began.
  const away = (1 - limits.learning / limits.ln_v) * start;
  const stayed = Math.min(...train) > start - away && Math.max(...train) < start + away;
  if (Math.abs(start - now) < limits.unmoved && stayed) {
    const words = `Flat: ${n} iterations have moved the loss by ${Math.abs(start - now).toFixed(3)} nats.`;
    return { name: "flat", words };
  }
  if (n < ENOUGH_FOR_HEALTH) return null;
  const jump = jumps(train.slice(-ENOUGH_FOR_HEALTH)),
    jumping = `jumps by about ${nats(jump)} from one iteration to the next`;
  if (jump > limits.jumps) {
    return { name: "noisy", words: `Noisy: the loss ${jumping}, while its middle has gone ${path}.` };
  }
  const stood = standstill(train, limits); // counts in the first half alone: later, the schedule stops a slow run
  if (stood !== null && 2 * stood < n) {
    const words =
      `Plateau: from iteration ${stood} the loss stood near ${
        nats(mean(train.slice(stood, stood + STRETCH)))
      } for ${STRETCH} iterations ` +
      `or more; by now it has gone ${path}.`;
    return { name: "plateau", words };
  }
  if (now < limits.high) return { name: "clean", words: `Clean: the loss has gone ${path} and ${jumping}.` };
  if (n < ENOUGH_FOR_PACE) return null;
  return { name: "slow", words: `Slow: ${n} iterations have brought the loss ${path} only.` };
}

/** A loss that stays at ln V is healthy if the text allows no lower loss. */
function nothingToLearn(iterations: number, now: number, { ln_v }: Limits): Verdict | null {
  if (iterations < ENOUGH_FOR_HEALTH) return null;
  const words = `Clean: the loss is ${nats(now)}, and guessing evenly costs ${
    nats(ln_v)
  }: this text leaves nothing to learn.`;
  return { name: "clean", words };
}

/** The first iteration from which a loss that had begun to fall, but was still high, stood still; null if none. */
function standstill(train: number[], { high, learning, standing }: Limits): number | null {
  const third = STRETCH / 3;
  for (let at = 0; at + STRETCH <= train.length; at++) {
    const first = mean(train.slice(at, at + third)), last = mean(train.slice(at + 2 * third, at + STRETCH));
    if (first > high && first < learning && first - last < standing) return at;
  }
  return null;
}

/** The noise as a standard deviation, estimated from the median absolute deviation of the steps between neighbours. */
function jumps(train: number[]): number {
  const steps = train.slice(1).map((loss, i) => loss - train[i]), trend = median(steps);
  return median(steps.map((step) => Math.abs(step - trend))) / 0.6745 / Math.SQRT2;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
