// What the loss on a line becomes without some of the heads: measured by the reader's engine, or as it was recorded.
import { writingRoles } from "../../training/writings.ts";
import type { ObservedLine } from "../../training/observation.ts";
import type { RecordedHeadsOff } from "../shared/island.ts";
import { headName, offText } from "./head_words.ts";
import type { HeadCounts } from "./heads.ts";

/** Asks the engine; see TrainingSession.observe. */
export type Observe = (tokens: Uint8Array, heads_off?: Uint8Array) => Promise<ObservedLine | null>;

/** Which of a line's losses count, and what follows “the loss” where their mean is named. */
export interface Counted {
  /** [t]: by the predicted character. */
  counts: boolean[];
  called: string;
}

/** On a text of writings, the copies; otherwise every character. @param line [t + 1] characters */
export function countedOf(line: string, writings: boolean): Counted {
  const characters = [...line], known = [...new Set(characters)];
  if (writings) {
    const roles = writingRoles(Uint8Array.from(characters, (one) => known.indexOf(one)), known);
    if (roles.includes("copy")) {
      return { counts: roles.map((role) => role === "copy"), called: "of the copies on this line" };
    }
  }
  return { counts: characters.slice(1).map(() => true), called: "on this line" };
}

export function meanOf(losses: readonly number[], { counts }: Counted): number {
  const chosen = losses.filter((_, i) => counts[i]);
  return chosen.reduce((sum, loss) => sum + loss, 0) / chosen.length;
}

/** @returns the sentence for a reader; empty if all heads are on, null if the engine does not measure it */
export async function measuredOff(
  observe: Observe,
  tokens: Uint8Array,
  off: ReadonlySet<number>,
  { n_layer, n_head }: HeadCounts,
  counted: Counted,
): Promise<string | null> {
  if (off.size === 0) return "";
  const mask = new Uint8Array(n_layer * n_head);
  for (const head of off) mask[head] = 1;
  const whole = await observe(tokens), without = await observe(tokens, mask);
  if (!whole || !without) return null;
  const names = [...off].map((head) => headName(head, n_head));
  return offText(names, meanOf(without.surprise, counted), meanOf(whole.surprise, counted), counted.called);
}

/** The same from the recording, which has each head off alone. */
export function recordedOff(recorded: RecordedHeadsOff, off: ReadonlySet<number>, { n_head }: HeadCounts): string {
  const [head] = off;
  if (head === undefined) return "";
  const { loss, without, called } = recorded;
  return `At the end of the recorded run: ${
    offText([headName(head, n_head)], without[head], loss, called).replace(/^W/, "w")
  }`;
}
