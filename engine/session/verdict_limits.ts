// What counts as much for a loss curve, given the text: two letters or 256, much to learn or nothing.
import type { Rungs } from "../training/phase.ts";

/** Losses in nats per character, and differences between them. */
export interface Limits {
  /** The loss of guessing evenly among all characters. */
  ln_v: number;
  /** The lowest loss that this text is known to allow; 0 where nothing is known. */
  allowed: number;
  /** Above this the model is surer of the wrong character than a sound run ever is. */
  leap: number;
  /** Below this a run has begun to learn. */
  learning: number;
  /** A run that has come down by less has learnt nothing. */
  unmoved: number;
  /** Where a healthy run of 100 iterations is long past; and what a loss that stands still there falls by in a stretch. */
  high: number;
  standing: number;
  /** Val has risen so far above its best, and stands so far above train: both, because val trembles and train is ahead. */
  val_rise: number;
  val_gap: number;
  /** Jumps from one iteration to the next. */
  jumps: number;
}

// On a text that leaves much to learn, as most do, the limits are these parts of ln V.
/** A sound run's start is within 0.02 of ln V. A batch of 16 trembles by a tenth of UNMOVED. */
const LEAP = 1.5, LEARNING = 0.9, UNMOVED = 0.02, HIGH = 0.7, STANDING = 0.015, VAL_RISE = 0.1, VAL_GAP = 0.3;
/** On a text that leaves little, a run is compared with what there is to learn: ln V less the lowest rung. */
const LEARNING_LEFT = 0.8, UNMOVED_LEFT = 1 / 3, HIGH_LEFT = 0.3, STANDING_LEFT = 0.025;
/** Where characters are mostly foreseen, a rise of val is compared with so many times the unigram rung instead of ln V. */
const UNIGRAMS = 1.5;
/** Jumps, as a part of ln V: about 0.01 at a batch of 16 sequences of 64 characters, 0.035 at a single sequence. */
const JUMPS = 0.018;
/**
 * How far the surprise at one character varies does not follow ln V down: it is up to 0.66 nats between two letters,
 * about 1.3 in prose. With this in place of ln V two letters too lie between the batch of 16 (0.02 nats) and one
 * sequence (0.08).
 */
const FEWEST_NATS = 2.2;

/** @param rungs null where they are not known */
export function limitsFor(vocab_size: number, rungs: Rungs | null): Limits {
  const ln_v = Math.log(vocab_size);
  const allowed = rungs ? Math.min(ln_v, ...Object.values(rungs)) : 0, left = ln_v - allowed;
  const foreseen = rungs ? Math.min(ln_v, UNIGRAMS * rungs.unigram) : ln_v;
  return {
    ln_v,
    allowed,
    leap: LEAP * ln_v,
    learning: Math.max(LEARNING * ln_v, allowed + LEARNING_LEFT * left),
    unmoved: Math.min(UNMOVED * ln_v, UNMOVED_LEFT * left),
    high: Math.max(HIGH * ln_v, allowed + HIGH_LEFT * left),
    standing: Math.min(STANDING * ln_v, STANDING_LEFT * left),
    val_rise: VAL_RISE * foreseen,
    val_gap: VAL_GAP * foreseen,
    jumps: JUMPS * Math.max(ln_v, FEWEST_NATS),
  };
}

/** Whether guessing evenly is as good as anything: a text of one letter, or of letters thrown like dice. */
export function leavesNothing({ ln_v, allowed }: Limits): boolean {
  return ln_v - allowed <= UNMOVED * ln_v;
}
