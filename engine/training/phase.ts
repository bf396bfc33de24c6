// What a loss means in words: four phases between the corpus's n-gram rungs.

/** Cross-entropies of Witten-Bell n-gram models on the validation text, in nats per character. */
export interface Rungs {
  uniform: number;
  unigram: number;
  bigram: number;
  trigram: number;
  fourgram: number;
  fivegram: number;
}

/**
 * The three losses at which one phase gives way to the next: the unigram rung, the midpoint between bigram and
 * trigram, and a quarter of the way from 4-gram to trigram. On a small text a longer n-gram may predict worse than a
 * shorter one, so the rungs are made non-increasing first. Then some coincide, and a model that only counts pairs would
 * be below all: so the later phases also need a share of ln V, just above where they begin on tiny Shakespeare.
 */
export function phaseBorders(rungs: Rungs): [number, number, number] {
  const unigram = Math.min(rungs.uniform, rungs.unigram);
  const bigram = Math.min(unigram, rungs.bigram);
  const trigram = Math.min(bigram, rungs.trigram);
  const fourgram = Math.min(trigram, rungs.fourgram);
  const words = Math.min((bigram + trigram) / 2, WORDS * rungs.uniform);
  return [unigram, words, Math.min(words, fourgram + (trigram - fourgram) / 4, STYLE * rungs.uniform)];
}

/** Shares of ln V: on tiny Shakespeare the borders are 0.802, 0.543 and 0.441 of it. */
const FREQUENCIES = 0.8, WORDS = 0.55, STYLE = 0.45;

/**
 * Rungs for a text without validation text: what n-gram models score on the very text that they were counted on. A train
 * loss is to be compared with these, because a model can learn such a text by heart, and so do they: on a short text the
 * longer ones know nearly every next character.
 * @param tokens the training text, not empty
 */
export function trainingRungs(tokens: Uint8Array, vocab_size: number): Rungs {
  const uniform = Math.log(vocab_size);
  const [unigram, bigram, trigram, fourgram, fivegram] = [1, 2, 3, 4, 5]
    .map((order) => Math.max(ownEntropy(tokens, order), BY_HEART * uniform));
  return { uniform, unigram, bigram, trigram, fourgram, fivegram };
}

/** A share of ln V that is as good as 0, which no model reaches. */
const BY_HEART = 0.03;

/** The entropy of a token of this text given the order - 1 before it, in nats, as the text itself has it. */
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
 * @param best the lowest loss so far, in nats per character: so a phase never steps back
 * @param rungs null where the validation text is too short for them: then all borders are shares of ln V
 * @returns 0 to 3
 */
export function phaseIndex(best: number, rungs: Rungs | null, vocab_size: number): number {
  const borders = rungs ? phaseBorders(rungs) : [FREQUENCIES, WORDS, STYLE].map((part) => part * Math.log(vocab_size));
  return borders.filter((border) => best < border).length;
}
