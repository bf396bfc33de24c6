// What a page's instruments learn of a run at a milestone: an engine's own numbers in the form of observation.ts.
import type { Backend } from "./backend.ts";
import type { ModelConfig } from "./config.ts";
import {
  type ForwardPass,
  type GroupNorms,
  groupNorms,
  type ObservedLine,
  type ObserveOptions,
  prefixMatchScore,
  previousCharacterScore,
  surprises,
} from "./observation.ts";

/** Attention is kept in a byte, because a page keeps many maps. */
const STEPS = 255;

/** Of the last update; null if that update was not the last of a stretch. */
export async function observedNorms(backend: Backend, model: ModelConfig): Promise<GroupNorms | null> {
  const norms = await backend.norms();
  return norms && groupNorms(model, norms);
}

/**
 * One line, with some heads switched off.
 * @param tokens [2 to T + 1]: the last character is only predicted
 * @param heads_off [L NH]: 1 for each head that is off
 */
export async function observedLine(
  backend: Backend,
  model: ModelConfig,
  tokens: Uint8Array,
  heads_off?: Uint8Array,
): Promise<ObservedLine> {
  return lineOf(model, tokens, await backend.observe(tokens.subarray(0, -1), heads_off));
}

/**
 * The first of the wanted lines; its heads' scores are means over all.
 * @param text the whole text, as vocabulary indices
 */
export async function observedLines(
  backend: Backend,
  model: ModelConfig,
  text: Uint8Array,
  { starts, length }: NonNullable<ObserveOptions["lines"]>,
): Promise<ObservedLine> {
  const lines: ObservedLine[] = [];
  for (const start of starts) {
    lines.push(await observedLine(backend, model, text.subarray(start, start + length + 1)));
  }
  const mean = (name: "previous" | "prefix") =>
    lines[0][name].map((_, head) => lines.reduce((sum, line) => sum + line[name][head], 0) / lines.length);
  return { ...lines[0], previous: mean("previous"), prefix: mean("prefix") };
}

/** @param tokens [t + 1] */
function lineOf({ vocab_size }: ModelConfig, tokens: Uint8Array, pass: ForwardPass): ObservedLine {
  const { logits, attention, stream_rms } = pass, seen = tokens.subarray(0, -1), t = seen.length;
  const heads = Array.from(
    { length: attention.length / (t * t) },
    (_, head) => attention.subarray(head * t * t, (head + 1) * t * t),
  );
  return {
    surprise: surprises(tokens, logits, vocab_size),
    attention: Uint8Array.from(attention, (part) => Math.round(part * STEPS)),
    stream_rms: [...stream_rms],
    previous: heads.map((map) => previousCharacterScore(map, t)),
    prefix: heads.map((map) => prefixMatchScore(seen, map)),
  };
}
