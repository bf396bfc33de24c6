// Why a name does not fit a loss curve, in one sentence with that curve's own numbers. The names are those of
// docs/shapes.yml. As in verdict.ts, the sentences are here, because each contains the numbers that decided.
import type { Rungs } from "../training/phase.ts";
import type { History } from "./history.ts";
import { jumps, leapt, lossesOf, mean, nats, recent, standstill, STRETCH, type Verdict, verdictOf } from "./verdict.ts";
import { leavesNothing, type Limits, limitsFor } from "./verdict_limits.ts";

declare global {
  /** Set by late.ts, so that the page's script is smaller. */
  var pressStartWhyNot: typeof whyNot | undefined;
}

/** The largest rise of a loss is measured from here on, above the mean of this many losses before it. */
const SETTLED = 20, BEFORE = 10;

/** What the sentences need of a curve whose first loss is a number. */
interface Seen {
  /** Of the part before a loss that is not a number. */
  verdict: Verdict;
  /** The iteration whose loss is not a number; null if there is none. */
  lost: number | null;
  train: number[];
  /** Means of its first 10 and its last 20 losses. */
  start: number;
  now: number;
  /** Where it has gone, in words. */
  path: string;
  lowest: number;
  highest: number;
  /** Whether it rose above the limit of a leap, and stayed there for some iterations. */
  leapt: boolean;
  /** For a run that has unwound without a leap: how far it had come down, and where it is now. */
  climbed: string | null;
  /** The lowest mean of 20 losses in a row; Infinity if there are fewer. */
  best: number;
  /** Whether it stands where it began. */
  unmoved: boolean;
  val: { best: number; last: number } | null;
  jump: number;
  jumping: boolean;
  /** The iteration from which it stood still; null if it did not. */
  stood: number | null;
  limits: Limits;
  rungs: Rungs | null;
}

/** What a sentence calls each shape, and why it does not fit. */
const AGAINST: Record<string, [called: string, why: (seen: Seen) => string]> = {
  clean: ["clean", notClean],
  exploded: ["exploded", notExploded],
  unwound: ["unwound", notUnwound],
  flat: ["flat", notFlat],
  memorising: ["memorising", notMemorising],
  noisy: ["noisy", notNoisy],
  slow: ["slow", notSlow],
  plateau: ["a plateau", notPlateau],
  nan: ["NaN", ({ train, highest }) => `all ${train.length} losses are numbers; the highest is ${nats(highest)}`],
  spikes: ["spikes", notSpikes],
  "high-start": [
    "a high start",
    ({ train: [first], limits: { ln_v } }) => `the first loss is ${nats(first)}; ln V is ${nats(ln_v)}`,
  ],
  leak: [
    "too good to be true",
    ({ val }) =>
      val === null
        ? NO_VAL
        : `if the input held the answer, val would fall to almost 0, as train would; it is at ${nats(val.last)}`,
  ],
  "val-below-train": ["validation below training", notBelow],
  sawtooth: ["a sawtooth", notSawtooth],
};
const NO_VAL = "this run has no val loss, and only val could show it";

/**
 * One sentence that says why this curve is not what `name` says, such as "Not flat: the loss has gone from 4.17 to
 * 2.60." It holds if verdictOf() calls the curve something else.
 * @returns null for a shape that this program cannot measure, as an author may have added
 */
export function whyNot(name: string, history: History, vocab_size: number, rungs: Rungs | null): string | null {
  if (!Object.hasOwn(AGAINST, name)) return null;
  const [called, why] = AGAINST[name], seen = look(history, vocab_size, rungs);
  return `Not ${called}: ${seen === null ? "not even the first loss is a number" : lostBy(name, seen) ?? why(seen)}.`;
}

/** A curve can fit a name until its loss is no longer a number. */
function lostBy(name: string, { lost, verdict }: Seen): string | null {
  const fitted = name === "clean" || name === verdict.name;
  return lost !== null && fitted ? `the loss at iteration ${lost} is not a number` : null;
}

function look(history: History, vocab_size: number, rungs: Rungs | null): Seen | null {
  const all = lossesOf(history), end = all.findIndex((loss) => !Number.isFinite(loss));
  const train = end < 0 ? all : all.slice(0, end), limits = limitsFor(vocab_size, rungs);
  if (train.length === 0) return null;
  const verdict = verdictOf({ ...history, train }, vocab_size, rungs);
  const start = mean(train.slice(0, 10)), now = mean(train.slice(-20));
  const measured = history.val.filter((loss): loss is number => Number.isFinite(loss));
  const jump = train.length > 2 ? jumps(train.slice(-100)) : 0;
  const leaps = leapt(train, limits) !== null, best = Math.min(...recent(train));
  return {
    verdict,
    lost: end < 0 ? null : end,
    train,
    start,
    now,
    // A leap may begin within the first ten.
    path: `from ${nats(leaps ? train[0] : start)} to ${nats(now)}`,
    lowest: Math.min(...train),
    highest: Math.max(...train),
    leapt: leaps,
    climbed: !leaps && verdict.name === "unwound"
      ? `had come down to ${nats(best)}, then climbed back to ${nats(now)}`
      : null,
    best,
    unmoved: Math.abs(start - now) < limits.unmoved,
    val: measured.length > 0 ? { best: Math.min(...measured), last: measured.at(-1)! } : null,
    jump,
    jumping: jump > limits.jumps,
    stood: standstill(train, limits),
    limits,
    rungs,
  };
}

function notClean(seen: Seen): string {
  const { verdict, train, highest, limits, val, jump, path, start, now, stood, climbed } = seen;
  if (seen.leapt) {
    return `the loss has climbed to ${nats(highest)}; guessing evenly costs only ${nats(limits.ln_v)}`;
  }
  if (climbed) return `the loss ${climbed}`;
  switch (verdict.name) {
    case "memorising":
      return `val has climbed from ${nats(val!.best)} to ${nats(val!.last)}, while train has gone ${path}`;
    case "flat":
      return `in ${train.length} iterations the loss has moved by no more than ${
        Math.abs(start - now).toFixed(3)
      } nats`;
    case "noisy":
      return `the loss jumps by about ${nats(jump)} from one iteration to the next; a calm one stays below ` +
        nats(limits.jumps);
    case "plateau":
      return `from iteration ${stood} the loss stood still for ${STRETCH} iterations or more`;
    case "slow":
      return `after ${train.length} iterations the loss is still at ${nats(now)}; a clean run is below ` +
        `${nats(limits.high)} by iteration 100`;
    default:
      return `${train.length} iterations do not show it; the loss has gone ${path}`;
  }
}

function notExploded(seen: Seen): string {
  const { verdict, train } = seen;
  if (!seen.leapt) return neverLeapt(seen);
  return `it first came down to ${nats(Math.min(...train.slice(0, verdict.iteration)))}; it ` +
    `climbed only later, passing ${nats(seen.limits.leap)} at iteration ${verdict.iteration}`;
}

function notUnwound(
  { leapt, verdict, train, lowest, now, best, limits: { learning, climb, leap }, limits }: Seen,
): string {
  if (leapt) {
    const { iteration } = verdict, before = Math.min(...train.slice(0, iteration));
    const first = Number.isFinite(before) ? `the lowest loss before was ${nats(before)}` : "no loss came before";
    return `the loss did not fall first: it passed ${nats(leap)} at iteration ${iteration}, and ${first}`;
  }
  const learns = "a run that unwinds has learnt something first";
  if (leavesNothing(limits)) return `${learns}; this text leaves nothing to learn, and the loss is ${nats(now)}`;
  if (best === Infinity) return `${learns}; after ${train.length} iterations the lowest loss is ${nats(lowest)}`;
  if (best > learning) return `${learns}; the lowest average here, ${nats(best)}, is still above ${nats(learning)}`;
  return `a run that unwinds climbs back by ${nats(climb)} nats or more; this one is ${
    nats(now - best)
  } above its lowest average, ${nats(best)}`;
}

function neverLeapt({ highest, now, limits: { leap } }: Seen): string {
  const limit = `an explosion goes above ${nats(leap)} (1.5 × ln V) and stays there`;
  if (highest <= leap) return `${limit}; the highest loss here is ${nats(highest)}`;
  return `${limit}; this loss peaked at ${nats(highest)} and is now at ${nats(now)}`;
}

function notFlat({ unmoved, path, lowest, highest, limits, now }: Seen): string {
  if (leavesNothing(limits)) return `the loss, ${nats(now)}, is as low as this text allows`;
  return unmoved
    ? `the loss has been as low as ${nats(lowest)} and as high as ${nats(highest)}`
    : `the loss has gone ${path}`;
}

function notMemorising({ val, start, now, path, limits, climbed, leapt, highest }: Seen): string {
  if (val === null) return NO_VAL;
  if (leapt) return `train keeps falling while a model memorises; here it has climbed to ${nats(highest)}`;
  if (climbed) return `train keeps falling while a model memorises; here it ${climbed}`;
  if (now > start - limits.unmoved) return `train does not fall towards nothing: it has gone ${path}`;
  if (val.last - val.best <= limits.val_rise) {
    return `val has not turned upwards: it is at ${nats(val.last)}, and its best was ${nats(val.best)}`;
  }
  return `val is at ${nats(val.last)} and train at ${nats(now)}, which is too close`;
}

function notNoisy({ leapt, climbed, highest, jumping, jump, path, limits, verdict, val, unmoved }: Seen): string {
  if (leapt) return `the average of a noisy curve falls; this loss has climbed to ${nats(highest)}`;
  if (climbed) return `the average of a noisy curve falls; this one ${climbed}`;
  if (!jumping) {
    return `from one iteration to the next the loss jumps by about ${
      jump.toFixed(3)
    }; a noisy one jumps by more than ` +
      limits.jumps.toFixed(3);
  }
  if (verdict.name === "memorising") {
    return `it does jump, but val has also climbed, from ${nats(val!.best)} to ${nats(val!.last)}`;
  }
  return unmoved
    ? `its average does not fall: it has gone ${path}`
    : `it jumps by about ${nats(jump)}, but it shows more than noise`;
}

function notSlow({ leapt, climbed, highest, unmoved, path, limits, train, now, stood }: Seen): string {
  if (leapt) return `the loss has climbed to ${nats(highest)}`;
  if (climbed) return `a slow run keeps falling; this one ${climbed}`;
  if (unmoved) return `a slow run keeps falling; this one has gone ${path}`;
  if (now < limits.high) {
    const passed = train.findIndex((_, i) => i >= 19 && mean(train.slice(i - 19, i + 1)) < limits.high);
    return `the loss was below ${nats(limits.high)} by iteration ${passed}, and is now at ${nats(now)}`;
  }
  if (stood !== null) return `the loss did not keep falling: from iteration ${stood} it stood still`;
  return `in ${train.length} iterations the loss has gone ${path}`;
}

function notPlateau({ leapt, climbed, highest, unmoved, now, limits, rungs, stood, path }: Seen): string {
  if (leapt) return `the loss has climbed to ${nats(highest)}; a plateau only falls or stands still`;
  if (climbed) return `a plateau only falls or stands still; this loss ${climbed}`;
  if (unmoved) {
    const shelf = rungs ? `, and the unigram rung at ${nats(rungs.unigram)}` : "";
    return `the loss has not come down to a shelf: it is at ${nats(now)}, ln V at ${nats(limits.ln_v)}${shelf}`;
  }
  if (stood !== null) return `the loss stood still at iteration ${stood}, but has since gone to ${nats(now)}`;
  return `the loss has gone ${path}, without standing still for ${STRETCH} iterations above ${nats(limits.high)}`;
}

function notSpikes(seen: Seen): string {
  const { leapt, climbed, train, limits: { leap }, jumping, jump } = seen;
  if (leapt) {
    const above = train.filter((loss) => loss > leap).length;
    return `a spike heals within a few dozen iterations; here ${above} losses are above ${nats(leap)}`;
  }
  if (climbed) return `a spike heals within a few dozen iterations; this loss ${climbed}`;
  if (jumping) return `spikes stand out from a calm curve; this one keeps jumping, by about ${nats(jump)}`;
  return `a spike towers over its curve; ${risen(train)}`;
}

function notSawtooth({ leapt, climbed, highest, jumping, jump, train }: Seen): string {
  if (leapt) return `a tooth slides down again; this loss has climbed to ${nats(highest)}`;
  if (climbed) return `a tooth slides down again; this loss ${climbed}`;
  if (jumping) return `a tooth slides for many iterations; this loss jumps at each, by about ${nats(jump)}`;
  return `each tooth begins with a jump upwards; ${risen(train)}`;
}

/** The largest rise of a calm curve. */
function risen(train: number[]): string {
  let most = 0, at = 0;
  for (let i = SETTLED; i < train.length; i++) {
    const rise = train[i] - mean(train.slice(i - BEFORE, i));
    if (rise > most) [most, at] = [rise, i];
  }
  return most === 0
    ? `after iteration ${SETTLED} the loss does not rise; it is at ${nats(train.at(-1)!)}`
    : `after iteration ${SETTLED} the largest rise is ${nats(most)} nats, at iteration ${at}`;
}

function notBelow({ val, leapt, now, limits, jump }: Seen): string {
  if (val === null) return NO_VAL;
  const both = `val is at ${nats(val.last)} and train at ${nats(now)}`;
  if (leapt && now > limits.ln_v) {
    return `${both}; far above ln V, ${nats(limits.ln_v)}, it does not matter which is lower`;
  }
  return val.last >= now ? both : `${both}, ${nats(now - val.last)} higher; single batches jump by about ${nats(jump)}`;
}
