// Every sentence about runs that the browser keeps: why one is not kept, the offer to go on, and the list of them.
import { count } from "./wording.ts";

/** A browser's own words in brackets, if it said any. */
const said = (words: string) => words === "" ? "" : ` (${words.trim().replace(/\.$/, "")})`;

const INSTEAD = "Training goes on; save the run as a file instead.";

/** By kind, why a run is not kept. `words` are the browser's own. */
const FAILURES = {
  "refused": (words: string) => `This browser does not let the page keep your run${said(words)}. ${INSTEAD}`,
  "full": () => `The browser has no room left for this page, so it does not keep your run. ${INSTEAD}`,
  "newer": () =>
    `A newer Press Start page keeps its runs in this browser, and this page leaves them alone. It does not keep your ` +
    `run. ${INSTEAD}`,
  "silent": () => `The browser’s storage does not answer, so it does not keep your run. ${INSTEAD}`,
  "failed": (words: string) => `The browser could not keep your run${said(words)}. ${INSTEAD}`,
};

export type KeepingFailure = keyof typeof FAILURES;

export const keepingFailureText = (kind: KeepingFailure, words: string) => FAILURES[kind](words);

const MINUTE_MS = 60_000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS;

/** How long ago something was: "just now", "5 minutes ago", "3 days ago". A clock that was set back gives "just now". */
export function ago(ms: number): string {
  const units = [["day", DAY_MS], ["hour", HOUR_MS], ["minute", MINUTE_MS]] as const;
  const [unit, length] = units.find(([, length]) => ms >= length) ?? [];
  if (!length) return "just now";
  const n = Math.floor(ms / length);
  return `${count(n)} ${unit}${n === 1 ? "" : "s"} ago`;
}

/** A sentence around a seed, which has an element of its own. */
type AroundSeed = [before: string, after: string];

/** The offer in a runner, after a reload or days later. */
export const offer = {
  /** A run that can go on. */
  stopped: (iteration: number, ago: string): AroundSeed => [
    `You stopped at iteration ${count(iteration)}, seed “`,
    `”, ${ago}.`,
  ],
  /** A run that has ended. */
  ended: (iterations: number, ago: string): AroundSeed => [
    `Your run of ${count(iterations)} iterations is still here: seed “`,
    `”, ${ago}.`,
  ],
  /** A run that this page cannot continue. `reason` is a sentence. */
  unlike: (iteration: number, ago: string, reason: string): AroundSeed => [
    `The page has changed since you stopped at iteration ${count(iteration)}, seed “`,
    `”, ${ago}. ${reason}`,
  ],
  /** Neither copy can be read. `reason` is a sentence. */
  damaged: (reason: string) => `The page cannot open your stored run. ${reason}`,
  lost: "The browser has deleted it.",
  go_on: "Go on",
  afresh: "Start afresh",
  show: "Show it",
  save: "Save as a file",
  close: "Close",
  list: "All stored runs",
  loading: "Loading it …",
  /** What the offer is, for readers who do not see it. */
  label: "Your last run",
};

/** The list of stored runs. */
export const stored = {
  label: "Stored runs",
  reading: "Looking for stored runs …",
  nothing: "This browser stores no runs of this site yet.",
  total: (runs: number, size: string) => `${count(runs)} ${runs === 1 ? "run" : "runs"}, ${size} in all.`,
  iteration: (iteration: number, iterations: number, done: boolean) =>
    done ? `all ${count(iterations)} iterations` : `iteration ${count(iteration)} of ${count(iterations)}`,
  session: (name: string) => `run ${name}`,
  before: "the run before that one",
  file: "Save as a file",
  remove: "Delete",
  sure: (page: string, iteration: number) => `Delete the run of “${page}” at iteration ${count(iteration)} for good?`,
  space: (used: string, most: string) => `This site uses ${used} of the ${most} that the browser allows it.`,
  persisted: "The browser has promised to keep stored runs until you delete them.",
  not_persisted: "The browser may delete stored runs, for instance when the disk is full. When you save a run as a " +
    "file, the page asks the browser to keep the stored ones too.",
  unreadable: (why: string) => `The stored runs cannot be listed. ${why}`,
  gone: "The browser has since deleted this run.",
};
