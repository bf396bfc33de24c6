// A link can open a lesson in a chosen state: ?seed=ophelia&corpus=play-machine&preset=diverge-slow&hide=engine,rate.
// docs/teachers.md explains each part. A link never starts a run.
import { seedWords } from "../../wording.ts";
import { normaliseSeed } from "../../training/seed.ts";
import { make } from "./dom.ts";
import { inAddress } from "../../wording_of_failures.ts";

/** Controls that a link can hide; the style sheets map these names to elements. */
const HIDEABLE = ["seed", "reset", "engine", "log", "compare", "rate", "careless", "presets", "mystery"] as const;

export interface LinkState {
  /** Seed for the run that the link refers to; empty if normalising left nothing. */
  seed: string | null;
  /** Text of that run: the link refers to the first runner that trains on it, or else to the page's first runner. */
  corpus: string | null;
  /** Name of the preset that the reader should press next. */
  preset: string | null;
  hide: string[];
}

/** @param search a page's location.search; other parameters in it are ignored. */
export function readLink(search: string): LinkState {
  const query = new URLSearchParams(search);
  const word = (name: string) => query.get(name)?.normalize("NFC").trim() || null;
  const hide = word("hide")?.split(",").map((name) => name.trim()).filter((name) => name !== "") ?? [];
  const seed = query.get("seed") || null;
  return { seed: seed && normaliseSeed(seed), corpus: word("corpus"), preset: word("preset"), hide };
}

/**
 * Sentences about what the link asks for but the page does not have.
 * @param corpora texts of the page's runners
 * @param presets names of the page's presets
 */
export function mistakesIn(link: LinkState, corpora: string[], presets: string[]): string[] {
  const lacks = (what: string, asked: string, known: readonly string[]) =>
    known.includes(asked) ? [] : [inAddress.lacks(what, asked, known)];
  return [
    ...(link.seed === "" ? [seedWords.empty_link] : []),
    ...(link.corpus === null ? [] : lacks("text", link.corpus, corpora)),
    ...(link.preset === null ? [] : lacks("preset", link.preset, presets)),
    ...link.hide.flatMap((name) => lacks("hidden control", name, HIDEABLE)),
  ];
}

/** The index of the runner that a link refers to. @param corpora the texts that the page's runners train on */
export function meantRunner(link: LinkState, corpora: string[]): number {
  return Math.max(0, link.corpus === null ? 0 : corpora.indexOf(link.corpus));
}

/**
 * Hides controls, scrolls to the chosen preset or runner, and shows the mistakes.
 * @param runner the element of the runner that the link refers to, if the page has one
 */
export function showLink(link: LinkState, mistakes: string[], runner: Element | undefined): void {
  document.documentElement.dataset.hide = link.hide.join(" ");
  const chosen = link.preset === null ? null : document.querySelector(`[data-preset="${CSS.escape(link.preset)}"]`);
  if (chosen) {
    chosen.classList.add("ps-chosen");
    chosen.scrollIntoView({ block: "center" });
    chosen.querySelector("button")?.focus({ preventScroll: true });
  } else if (link.corpus !== null && runner) {
    runner.scrollIntoView({ block: "start" });
  }
  if (mistakes.length > 0) runner?.before(make("p", { class: "ps-link-note", role: "status" }, mistakes.join(" ")));
}
