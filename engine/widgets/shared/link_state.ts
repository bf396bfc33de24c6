// A link can open a lesson in a chosen state: ?seed=ophelia&corpus=play-machine&preset=diverge-slow&hide=engine,rate.
// docs/teachers.md says what each part does. Nothing starts by itself.
import { seedWords } from "../../wording.ts";
import { normaliseSeed } from "../../training/seed.ts";
import { make } from "./dom.ts";
import { inAddress } from "../../wording_of_failures.ts";

/** Controls that a link can leave out; the style sheets know which elements these are. */
export const HIDEABLE = ["seed", "reset", "engine", "log", "compare", "rate", "careless", "presets"] as const;

export interface LinkState {
  /** Seed of the run that the link means; empty where nothing is left of what was given. */
  seed: string | null;
  /** Text of that run: the first on the page that trains on it is meant, else the first of all. */
  corpus: string | null;
  /** Name of the preset to be pressed next. */
  preset: string | null;
  hide: string[];
}

/** @param search a page's location.search. What it holds besides is others' business. */
export function readLink(search: string): LinkState {
  const query = new URLSearchParams(search);
  const word = (name: string) => query.get(name)?.normalize("NFC").trim() || null;
  const hide = word("hide")?.split(",").map((name) => name.trim()).filter((name) => name !== "") ?? [];
  const seed = query.get("seed") || null;
  return { seed: seed && normaliseSeed(seed), corpus: word("corpus"), preset: word("preset"), hide };
}

/**
 * What the link asks for and the page does not have, in sentences.
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

/** Which of the page's runners a link means, by the texts that they train on. */
export function meantRunner(link: LinkState, corpora: string[]): number {
  return Math.max(0, link.corpus === null ? 0 : corpora.indexOf(link.corpus));
}

/**
 * Hides what is to be hidden, brings into view what was chosen, and says what could not be done.
 * @param runner the element of the runner that the link means, if the page has one
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
