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
 * shorter one, so the rungs are made non-increasing first.
 */
export function phaseBorders(rungs: Rungs): [number, number, number] {
  const unigram = Math.min(rungs.uniform, rungs.unigram);
  const bigram = Math.min(unigram, rungs.bigram);
  const trigram = Math.min(bigram, rungs.trigram);
  const fourgram = Math.min(trigram, rungs.fourgram);
  return [unigram, (bigram + trigram) / 2, fourgram + (trigram - fourgram) / 4];
}

/** The same borders for a text without rungs, as fractions of ln V: where they lie on tiny Shakespeare. */
const FRACTIONS_OF_UNIFORM = [0.8, 0.54, 0.44];

/**
 * @param best the lowest loss so far, in nats per character: so a phase never steps back
 * @returns 0 to 3
 */
export function phaseIndex(best: number, rungs: Rungs | null, vocab_size: number): number {
  const borders = rungs ? phaseBorders(rungs) : FRACTIONS_OF_UNIFORM.map((part) => part * Math.log(vocab_size));
  return borders.filter((border) => best < border).length;
}
