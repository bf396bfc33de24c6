// Which names fit a curve. A reader names a curve before the page does.
import type { Rungs } from "../training/phase.ts";
import type { History } from "./history.ts";
import { lossesOf, type VerdictName, verdictOf } from "./verdict.ts";

declare global {
  /** Set by late.ts, so that the page's script is smaller. */
  var pressStartFittingNames: typeof fittingNames | undefined;
}

/** The names between which a verdict decides. A shape beyond these is only an author's word. */
const DECIDED: ReadonlySet<string> = new Set<VerdictName>(
  ["nan", "exploded", "unwound", "flat", "memorising", "noisy", "plateau", "slow", "clean"],
);

/**
 * The names of docs/shapes.yml that fit a curve. A loss that is not a number is named for what came before it: the
 * Doctor describes NaN as an end of an explosion.
 * @param shape the name that the author of the run expects: it decides where a verdict cannot
 */
export function fittingNames(history: History, vocab_size: number, rungs: Rungs | null, shape: string): string[] {
  const { name, iteration } = verdictOf(history, vocab_size, rungs);
  if (name === "too short to tell") return [shape];
  const expected = DECIDED.has(shape) ? [] : [shape];
  if (name !== "nan") return [name, ...expected];
  const before = verdictOf({ ...history, train: lossesOf(history).slice(0, iteration) }, vocab_size, rungs);
  return [name, before.name === "unwound" ? "unwound" : "exploded", ...expected];
}
