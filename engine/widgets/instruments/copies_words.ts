// What the page says of first writings and their copies. No DOM.
import { count, decimals } from "../../wording.ts";
import type { CopiesAt } from "./copies_drawing.ts";
import { headName, score } from "./head_words.ts";

export const COLUMNS = ["iteration", "first writings", "copies", "best prefix match", "its head"];

const nats = (value: number | null) => value === null ? "–" : decimals(value, 3);

/** @param n_head heads of a layer */
export function cellsOf({ iteration, first, copies, prefix, head }: CopiesAt, n_head: number): string[] {
  const best = prefix === null || head === null ? ["–", "–"] : [score(prefix), headName(head, n_head)];
  return [count(iteration), nats(first), nats(copies), ...best];
}

/** "first writings 2.030, copies 0.130" */
export function lossesText({ first, copies }: CopiesAt): string {
  return `first writings ${nats(first)}, copies ${nats(copies)}`;
}

/** A milestone in a sentence. */
export function copiesText(row: CopiesAt, n_head: number): string {
  const { iteration, first, copies, prefix, head } = row;
  const losses = `Iteration ${count(iteration)}: first writings cost ${nats(first)} nats per character, copies ${
    nats(copies)
  }.`;
  if (prefix === null || head === null) return losses;
  return `${losses} The best prefix-match score is ${score(prefix)}, of ${headName(head, n_head)}.`;
}

export const drawings = {
  losses: "Mean loss of first writings and of copies against iterations; the table below has the numbers",
  score: "Best prefix-match score of a head against iterations; the table below has the numbers",
};
