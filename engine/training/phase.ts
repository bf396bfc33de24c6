// Turns a loss into one of four phases, separated by the corpus's n-gram rungs.
import names from "./rungs.json" with { type: "json" };

/** The rungs from the lowest order up, and what pages call them. Python reads the same file. */
export const RUNG_NAMES: Record<keyof typeof names, string> = names;

/** Cross-entropies of Witten-Bell n-gram models on the validation text, in nats per character. */
export type Rungs = Record<keyof typeof names, number>;

/**
 * The three losses that separate the phases: the unigram rung, the midpoint between bigram and trigram, and a quarter
 * of the way from 4-gram to trigram. On a small text a longer n-gram may predict worse than a shorter one, so the rungs
 * are first made non-increasing. Some may then coincide, and a model that only counts pairs would be below them all.
 * So the later phases also require a loss below a fraction of ln V, just above where they begin on tiny Shakespeare.
 */
export function phaseBorders(rungs: Rungs): [number, number, number] {
  const unigram = Math.min(rungs.uniform, rungs.unigram);
  const bigram = Math.min(unigram, rungs.bigram);
  const trigram = Math.min(bigram, rungs.trigram);
  const fourgram = Math.min(trigram, rungs.fourgram);
  const words = Math.min((bigram + trigram) / 2, WORDS * rungs.uniform);
  return [unigram, words, Math.min(words, fourgram + (trigram - fourgram) / 4, STYLE * rungs.uniform)];
}

/** Fractions of ln V: on tiny Shakespeare the borders are at 0.802, 0.543 and 0.441. */
const FREQUENCIES = 0.8, WORDS = 0.55, STYLE = 0.45;

/**
 * Rungs for a text without a validation part: the losses of n-gram models on the same text that they were counted on.
 * Compare a train loss with these: a model can memorise such a text, and so do the n-grams. On a short text the longer
 * ones predict nearly every next character.
 * @param tokens the training text, not empty
 */
export function trainingRungs(tokens: Uint8Array, vocab_size: number): Rungs {
  const uniform = Math.log(vocab_size);
  const rung = (order: number) => order === 0 ? uniform : Math.max(ownEntropy(tokens, order), BY_HEART * uniform);
  return Object.fromEntries(Object.keys(RUNG_NAMES).map((name, order) => [name, rung(order)])) as Rungs;
}

/** Least value of a rung, as a fraction of ln V: practically 0, which a model never reaches. */
const BY_HEART = 0.03;

/** The empirical entropy of a token given the order - 1 tokens before it, in nats. */
function ownEntropy(tokens: Uint8Array, order: number): number {
  const grams = new Map<string, number>(), contexts = new Map<string, number>();
  const total = tokens.length - order + 1;
  for (let at = 0; at < total; at++) {
    const gram = tokens.subarray(at, at + order).join(), context = tokens.subarray(at, at + order - 1).join();
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
    contexts.set(context, (contexts.get(context) ?? 0) + 1);
  }
  const entropy = (counts: Map<string, number>) =>
    [...counts.values()].reduce((sum, count) => sum - count * Math.log(count / total), 0) / total;
  return entropy(grams) - entropy(contexts);
}

/**
 * @param best the lowest loss so far, in nats per character, so that the phase never goes back
 * @param rungs null if the validation text is too short for them; all borders are then fractions of ln V
 * @returns 0 to 3
 */
export function phaseIndex(best: number, rungs: Rungs | null, vocab_size: number): number {
  const borders = rungs ? phaseBorders(rungs) : [FREQUENCIES, WORDS, STYLE].map((part) => part * Math.log(vocab_size));
  return borders.filter((border) => best < border).length;
}
