// Noise for sampling text. Temperature sampling by the Gumbel-max trick (Gumbel, 1954; Maddison et al., 2014): the
// argmax of logits / temperature + noise is a draw from softmax(logits / temperature). Multiplying by the temperature
// gives the argmax of logits + temperature * noise. The noise is computed beforehand, so an engine only adds and
// compares.
import { LIMITS } from "./config.ts";
import { gumbel } from "./rng.ts";

/** Most characters that one call can append. */
export const MAX_DRAWN = LIMITS.sample_characters.max;

/**
 * The noise of a sample. It depends on the seed, the position and the character, but not on the iteration: only the
 * model changes between two samples of a run.
 * @param key the seed's "samples" stream
 * @param first place in the text of the first of these characters
 * @returns [characters, V]: temperature times Gumbel noise
 */
export function samplingNoise(
  key: number,
  characters: number,
  vocab_size: number,
  temperature: number,
  first = 0,
): Float32Array<ArrayBuffer> {
  const noise = new Float32Array(characters * vocab_size);
  for (let i = 0; i < noise.length; i++) {
    noise[i] = temperature * gumbel(key, first + Math.floor(i / vocab_size), i % vocab_size);
  }
  return noise;
}
