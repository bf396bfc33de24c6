// What the page says of an attention head. What a head does follows from its scores alone. No DOM.
import { count, decimals } from "../../wording.ts";
import { best } from "./heads.ts";
import { visible } from "./visible_characters.ts";

/** A head with at least this score looks mostly there; with at least that one, often. */
const MOSTLY = 0.5, OFTEN = 0.25;
const DIGITS = 2;

const THERE = {
  previous: "at the character just before",
  prefix: "at what followed the same character earlier",
};

export const score = (value: number) => decimals(value, DIGITS);

/** Layers and heads are counted from 1. @param n_head heads of a layer */
export function headName(head: number, n_head: number): string {
  return `layer ${Math.floor(head / n_head) + 1}, head ${head % n_head + 1}`;
}

export function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "previous character 0.83, prefix match 0.12" */
export function scoresText(previous: number, prefix: number): string {
  return `previous character ${score(previous)}, prefix match ${score(prefix)}`;
}

/**
 * What a head does, from its scores: "looks mostly at the character just before". build/recorded/heads.py says the
 * same of the recorded run.
 * @param distance how far back it looks, on average
 */
export function does(previous: number, prefix: number, distance: number): string {
  const which = previous >= prefix ? "previous" : "prefix", most = Math.max(previous, prefix);
  if (most >= MOSTLY) return `looks mostly ${THERE[which]}`;
  if (most >= OFTEN) return `often looks ${THERE[which]}`;
  return `looks ${distance.toFixed(1)} characters back, on average`;
}

/** Where one character looks. @param looks the most attention first */
export function lookText(line: string, position: number, looks: { position: number; part: number }[]): string {
  const characters = [...line], named = (at: number) => `“${visible(characters[at])}”`;
  const at = looks.map(({ position: there, part }) => {
    const where = there === position ? "itself" : `${named(there)} ${back(position - there)}`;
    return `${where}: ${score(part)}`;
  });
  return `Character ${count(position + 1)}, ${named(position)}, looks at ${at.join("; ")}.`;
}

function back(distance: number): string {
  return distance === 1 ? "just before" : `${distance} back`;
}

/**
 * The loss with some heads switched off.
 * @param of what follows “the loss”: “on this line”
 */
export function offText(names: string[], without: number, whole: number, of: string): string {
  const off = names.length === 1 ? `With ${names[0]} off` : `With ${names.length} heads off`;
  const change = without - whole, sign = change < 0 ? "−" : "+";
  return `${off}, the loss ${of} is ${decimals(without, 3)} nats per character; with all heads on, it is ${
    decimals(whole, 3)
  } (${sign}${decimals(Math.abs(change), 3)}).`;
}

/** The highest of all heads' scores, and whose it is. */
export function bestHeadText(scores: readonly number[], which: "previous" | "prefix", n_head: number): string {
  const head = best(scores), name = which === "previous" ? "previous character" : "prefix match";
  return `best ${name} ${score(scores[head])}, ${headName(head, n_head)}`;
}

export const offWords = {
  asking: "Asking the engine.",
  unable: "This engine cannot switch heads off.",
};
