// What a reader has answered to questions that a lesson asks twice. Both blocks of a question share it. No DOM.
import { recall, remember } from "./shared/browser_storage.ts";

/** Indices of the chosen options; null while there is no answer. */
export interface TwoAnswers {
  start: number | null;
  end: number | null;
}

const kept = new Map<string, TwoAnswers>();
const listeners = new Set<() => void>();
const memory = (identity: string) => `quiz:${identity}`;

/** @param count how many options the question has */
export function answersTo(identity: string, count: number): Readonly<TwoAnswers> {
  const known = kept.get(identity) ?? restoredTwo(recall(memory(identity)), count);
  kept.set(identity, known);
  return known;
}

export function keepAnswers(identity: string, answers: TwoAnswers): void {
  kept.set(identity, answers);
  remember(memory(identity), answers.start === null && answers.end === null ? null : answers);
  for (const listener of listeners) listener();
}

/** Calls `listener` after every answer. @returns a function that ends the subscription */
export function whenAnswered(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What the browser had stored; answers that do not fit the question are left out. */
export function restoredTwo(stored: unknown, count: number): TwoAnswers {
  const of = (name: "start" | "end") => {
    const value = typeof stored === "object" && stored !== null ? (stored as Partial<TwoAnswers>)[name] : null;
    return Number.isInteger(value) && value! >= 0 && value! < count ? value! : null;
  };
  return { start: of("start"), end: of("end") };
}
