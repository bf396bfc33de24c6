// What the reader has predicted, diagnosed and answered on this page. Widgets add to it; the end of the lesson gathers
// it. The browser remembers it, so that a reload loses nothing. No DOM.
import { recall, remember } from "./browser_storage.ts";

/** One thing that the reader has committed to, in plain text, ready to be shown. */
export interface Commitment {
  /** Unique on the page, such as "curve:main". A later commitment with the same key replaces the earlier one. */
  key: string;
  kind: "curve" | "end" | "diagnosis" | "mystery" | "answer";
  /** The question, in a few words. */
  asked: string;
  /** What the reader said. */
  said: string;
  /** What turned out to be so; null while it is not known. */
  outcome: string | null;
  /** Whether the reader was right; null if it is not known, or if there is no right or wrong. */
  right: boolean | null;
}

const MEMORY = "reader";
const listeners = new Set<() => void>();
const claimed = new Set<string>();
let kept: Commitment[] | null = null;

/** All that the browser remembers of this page, in the order in which the reader first made them. */
export function commitments(): readonly Readonly<Commitment>[] {
  return kept ??= restored(recall(MEMORY));
}

/** Says that a widget of this page stands behind what the browser remembers under a key. */
export function claim(key: string): void {
  claimed.add(key);
}

/** The commitments to what this page asks now: an author may have changed its questions since the reader's last visit. */
export function currentCommitments(): readonly Readonly<Commitment>[] {
  return commitments().filter(({ key }) => claimed.has(key));
}

/** Adds a commitment, or replaces the one with its key, in the same place. */
export function commit(commitment: Commitment): void {
  claim(commitment.key);
  const all = commitments(), known = all.some(({ key }) => key === commitment.key);
  keep(known ? all.map((entry) => entry.key === commitment.key ? commitment : entry) : [...all, commitment]);
}

/** Removes the commitment with this key, if there is one. */
export function withdraw(key: string): void {
  keep(commitments().filter((commitment) => commitment.key !== key));
}

/** Calls `listener` after every change. @returns a function that ends the subscription */
export function whenCommitted(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function keep(all: readonly Commitment[]): void {
  kept = [...all];
  remember(MEMORY, kept.length > 0 ? kept : null);
  for (const listener of listeners) listener();
}

/** What the browser had stored, without entries of another form. */
export function restored(stored: unknown): Commitment[] {
  if (!Array.isArray(stored)) return [];
  return stored.filter((entry): entry is Commitment =>
    typeof entry === "object" && entry !== null &&
    ["key", "kind", "asked", "said"].every((name) => typeof entry[name] === "string") &&
    (entry.outcome === null || typeof entry.outcome === "string") &&
    (entry.right === null || typeof entry.right === "boolean")
  );
}
