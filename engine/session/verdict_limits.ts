// Thresholds for the features of a loss curve. They depend on the text: 2 characters or 256, much to learn or nothing.
import type { Rungs } from "../training/phase.ts";

/** Losses in nats per character, and differences between them. */
export interface Limits {
  /** The loss of guessing evenly among all characters. */
  ln_v: number;
  /** The lowest loss that this text is known to allow; 0 if unknown. */
  allowed: number;
  /** Above this the model is more confident of wrong characters than in any sound run. */
  leap: number;
  /** Below this a run has begun to learn. */
  learning: number;
  /** A run whose loss has fallen by less has learnt nothing. */
  unmoved: number;
  /** A healthy run is well below this after 100 iterations. */
  high: number;
  /** Above `high`, a loss that falls by less than this over a stretch stands still. */
  standing: number;
  /** Memorising needs both: val this far above its best and above train. Val fluctuates, and train is usually lower. */
  val_rise: number;
  val_gap: number;
  /** A run whose loss is this far above its best has unwound, even if it does not leap. */
  climb: number;
  /** Jumps from one iteration to the next. */
  jumps: number;
}

// On a text with much to learn, as most are, the limits are these fractions of ln V.
/** Verdicts quote this one. */
export const LEAP = 1.5;
/** A sound run starts within 0.02 of ln V. A batch of 16 fluctuates by a tenth of UNMOVED. */
const LEARNING = 0.9, UNMOVED = 0.02, HIGH = 0.7, STANDING = 0.015, VAL_RISE = 0.1, VAL_GAP = 0.3, CLIMB = 0.15;
/** On a text with little to learn, they are fractions of what there is to learn: ln V minus the lowest rung. */
const LEARNING_LEFT = 0.8, UNMOVED_LEFT = 1 / 3, HIGH_LEFT = 0.3, STANDING_LEFT = 0.025;
/** Where characters are easy to predict, a rise of val is compared with this many times the unigram rung, not ln V. */
const UNIGRAMS = 1.5;
/** Noise, as a fraction of ln V: about 0.01 for a batch of 16 sequences of 64 characters, 0.035 for one sequence. */
const JUMPS = 0.018;
/**
 * For a small alphabet, the loss of single characters varies more than ln V suggests: by up to 0.66 nats for two
 * letters, against about 1.3 in prose. With this in place of ln V, the limit for two letters too lies between the noise
 * of a batch of 16 (0.02 nats) and of one sequence (0.08).
 */
const FEWEST_NATS = 2.2;

/** @param rungs null if unknown */
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
    climb: CLIMB * ln_v,
    jumps: JUMPS * Math.max(ln_v, FEWEST_NATS),
  };
}

/** Whether nothing beats guessing evenly: a text of one letter, or of uniformly random letters. */
export function leavesNothing({ ln_v, allowed }: Limits): boolean {
  return ln_v - allowed <= UNMOVED * ln_v;
}
