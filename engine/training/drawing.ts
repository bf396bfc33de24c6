// How a text is drawn from a model, a few characters at a time: by an engine's generate(), which takes the largest of
// logits + noise. What a run writes at its milestones and what a reader asks for are drawn alike.
import type { Backend, StopSignal } from "./backend.ts";
import { samplingNoise } from "./sampling_noise.ts";

export interface Dice {
  /** Key of the "samples" stream of the dice's seed. Same dice: the same noise at the same place of the text. */
  key: number;
  /** 0 always takes the most probable character. */
  temperature: number;
  /** Only this many most probable characters can be drawn; the size of the vocabulary or more: all. */
  top_k: number;
}

/** What a model's engine must know of it. */
export interface Drawn {
  /** Vocabulary indices, at least one. The model sees the last block_size characters of prompt and text. */
  prompt: Uint8Array;
  characters: number;
  dice: Dice;
}

/** Added to a logit, it is lower than any other sum; not infinity, because 0 times infinity is NaN. */
const BARRED = -1e30;

/**
 * Draws a text. Ends early if `stop` is requested, between two parts.
 * @param generate an engine's; it computes each character from the whole context, so the parts' length changes nothing
 * @param on_part called with each part, in order; training may rest until it resolves
 * @param part characters in one call of `generate`: all at once if missing
 */
export async function drawText(
  generate: Backend["generate"],
  { vocab_size, block_size }: { vocab_size: number; block_size: number },
  { prompt, characters, dice: { key, temperature, top_k } }: Drawn,
  on_part: (tokens: Uint8Array) => void | Promise<void>,
  { stop, part = Infinity }: { stop?: StopSignal; part?: number } = {},
): Promise<void> {
  const greedy = temperature === 0 || top_k === 1, all = greedy || top_k >= vocab_size;
  let context = prompt.slice(-block_size);
  for (let done = 0; done < characters && !stop?.requested;) {
    const count = Math.min(all ? part : 1, characters - done);
    const noise = samplingNoise(key, count, vocab_size, greedy ? 0 : temperature, done);
    const seen = context,
      tokens = all
        ? await generate(seen, noise)
        : Uint8Array.of(await amongTopK((noise) => generate(seen, noise), noise, top_k));
    context = Uint8Array.from([...context, ...tokens]).slice(-block_size);
    done += count;
    await on_part(tokens);
  }
}

/**
 * Draws one of the k most probable characters. An engine gives no logits, only the largest sum of logit and noise; barring
 * the most probable character, then the next, finds them in their order. Mostly the drawn one is among the first.
 * @param noise [V]
 */
async function amongTopK(
  generate: (noise: Float32Array) => Promise<Uint8Array>,
  noise: Float32Array,
  k: number,
): Promise<number> {
  const largest = async (noise: Float32Array) => (await generate(noise))[0];
  const drawn = await largest(noise), best = new Set<number>(), bars = new Float32Array(noise.length);
  while (best.size < k) {
    const next = await largest(bars);
    if (next === drawn) return drawn;
    best.add(next);
    bars[next] = BARRED;
  }
  return await largest(noise.map((number, character) => best.has(character) ? number : BARRED));
}
