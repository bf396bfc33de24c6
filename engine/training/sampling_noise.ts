// Drawing text from the model. Temperature sampling by the Gumbel trick (Gumbel, 1954; Maddison et al., 2014): the
// largest of logits / temperature + noise is a draw from their softmax. Multiplied by the temperature: the largest
// of logits + temperature * noise. The noise is a table made before, so that an engine only adds and compares.
import { gumbel } from "./rng.ts";

/**
 * The dice of a sample. They depend on the seed, the position and the character, never on the iteration: what
 * changes between two samples of a run is the model alone.
 * @param key the seed's "samples" stream
 * @returns [characters, V]: temperature times Gumbel noise
 */
export function samplingNoise(
  key: number,
  characters: number,
  vocab_size: number,
  temperature: number,
): Float32Array<ArrayBuffer> {
  const noise = new Float32Array(characters * vocab_size);
  for (let i = 0; i < noise.length; i++) {
    noise[i] = temperature * gumbel(key, Math.floor(i / vocab_size), i % vocab_size);
  }
  return noise;
}
