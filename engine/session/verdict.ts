// Names what a loss curve shows, from its numbers alone: not from the settings or the button that was pressed.
// docs/shapes.yml has the same names and explains them. The sentences are here, not in wording.ts, because each
// contains the numbers that decided, and must change with the decision.
import type { History } from "./history.ts";
import { large } from "../wording.ts";
import type { Rungs } from "../training/phase.ts";
import { LEAP, leavesNothing, type Limits, limitsFor } from "./verdict_limits.ts";

declare global {
  /** Set by late.ts, so that the page's script is smaller. */
  var pressStartVerdictOf: typeof verdictOf | undefined;
}

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
export const STRETCH = 60;
/** The loss now is the mean of this many. */
const RECENT = 20;
/** Iterations needed to tell a flat curve from a warm-up, a healthy one from a noisy one, and a slow one from both. */
const ENOUGH = 60, ENOUGH_FOR_HEALTH = 100, ENOUGH_FOR_PACE = 150;

/** A loss as verdicts write it: 2.37, 1,024, 3.4 × 10³⁸. */
export const nats = (value: number) => {
  if (value >= 1e6) return large(value);
  return value >= 99.95 ? value.toLocaleString("en-GB", { maximumFractionDigits: 0 }) : value.toFixed(2);
};

/**
 * Names what a curve shows so far. Pure: the same history has the same verdict.
 * @param history losses in nats per character; a non-finite train loss is reported, a null one ends the curve
 * @param rungs losses that the text allows; null if unknown
 */
export function verdictOf(history: History, vocab_size: number, rungs: Rungs | null = null): Verdict {
  const train = lossesOf(history);
  const limits = limitsFor(vocab_size, rungs);
  return lost(train) ?? leapt(train, limits) ?? climbed(train, limits) ?? learned(train, history.val, limits) ??
    tooShort(train.length);
}

export function tooShort(iterations: number): Verdict {
  return { name: "too short to tell", words: `Too short to tell: ${iterations} iterations so far.` };
}

/** The losses of a history's iterations, up to the first that has none yet. */
export function lossesOf({ train }: History): number[] {
  const end = train.indexOf(null);
  return train.slice(0, end < 0 ? undefined : end) as number[];
}

function lost(train: number[]): Verdict | null {
  const iteration = train.findIndex((loss) => !Number.isFinite(loss));
  if (iteration < 0) return null;
  const what = Number.isNaN(train[iteration]) ? "NaN" : "Infinite";
  const before = iteration > 0 ? `; the loss before it was ${nats(train[iteration - 1])}` : "";
  return {
    name: "nan",
    iteration,
    words: `${what} at iteration ${iteration}: the loss is no longer a number${before}.`,
  };
}

/** Null for a run whose loss never stayed above the limit. */
export function leapt(train: number[], { leap, learning }: Limits): Verdict | null {
  const last = train.length - LEAP_ITERATIONS;
  const iteration = train.findIndex((_, i) =>
    i <= last && train.slice(i, i + LEAP_ITERATIONS).every((loss) => loss > leap)
  );
  if (iteration < 0) return null;
  const before = train.slice(0, iteration), limit = nats(leap), highest = nats(Math.max(...train));
  const learnt = before.filter((loss) => loss < learning).length >= LEARNED_ITERATIONS;
  const then = `above ${limit} nats (${LEAP} × ln V), peaking at ${highest}.`;
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

/** A run that has lost much of what it had learnt, and has not leapt: memorising and slow runs never climb like this. */
function climbed(train: number[], limits: Limits): Verdict | null {
  const means = recent(train);
  const now = means.at(-1), best = Math.min(...means);
  if (now === undefined || leavesNothing(limits) || best > limits.learning || now - best < limits.climb) return null;
  const iteration = RECENT - 1 +
    means.findIndex((height, i) => i > means.indexOf(best) && height - best >= limits.climb);
  const words = `Unwound at iteration ${iteration}: it had come down to ${nats(best)}, then climbed back to ${
    nats(now)
  }.`;
  return { name: "unwound", iteration, words };
}

/** The mean of RECENT losses, from the first iteration that has as many. */
export function recent(train: number[]): number[] {
  return train.slice(RECENT - 1).map((_, i) => mean(train.slice(i, i + RECENT)));
}

function learned(train: number[], val: readonly (number | null)[], limits: Limits): Verdict | null {
  const n = train.length;
  if (n < ENOUGH) return null;
  const start = mean(train.slice(0, 10)),
    now = mean(train.slice(-RECENT)),
    path = `from ${nats(start)} to ${nats(now)}`;
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
    return { name: "noisy", words: `Noisy: the loss ${jumping}, while its average has gone ${path}.` };
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
  return { name: "slow", words: `Slow: ${n} iterations have brought the loss only ${path}.` };
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
export function standstill(train: number[], { high, learning, standing }: Limits): number | null {
  const third = STRETCH / 3;
  for (let at = 0; at + STRETCH <= train.length; at++) {
    const first = mean(train.slice(at, at + third)), last = mean(train.slice(at + 2 * third, at + STRETCH));
    if (first > high && first < learning && first - last < standing) return at;
  }
  return null;
}

/** The noise as a standard deviation, estimated from the median absolute deviation of the steps between neighbours. */
export function jumps(train: number[]): number {
  const steps = train.slice(1).map((loss, i) => loss - train[i]), trend = median(steps);
  return median(steps.map((step) => Math.abs(step - trend))) / 0.6745 / Math.SQRT2;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
