// Texts by a model that readers can ask about, character by character. The widgets offer them; the script of instruments,
// which comes after the page's, takes the offers and does everything else.
import type { SessionReadings } from "../../session/readings.ts";
import type { Sample } from "../../training/trainer.ts";
import { ask_hint } from "../../wording.ts";
import { make } from "./dom.ts";
import type { ReplayedRun } from "./island.ts";

/** A sample as it is shown, and where it comes from. */
export interface Shown {
  sample: Readonly<Sample>;
  from: { session: SessionReadings } | { run: ReplayedRun };
}

/** Where a panel of samples shows what the model answers, and the switch that shades its samples. */
export interface AskRoom {
  element: HTMLElement;
  shade: HTMLButtonElement;
}

export interface AskableText {
  /** The quotation, which also holds the prompt. */
  script: HTMLElement;
  /** Holds the sample's text and nothing else; while the model writes, the characters that it has written so far. */
  said: HTMLElement;
  room: AskRoom;
  /** What `said` shows at this moment. */
  shown(): Shown | null;
}

/** Empty but for one line, which overrides/widgets/ask.html shows before this script. */
export function askRoom(): AskRoom {
  const attributes = { type: "button", class: "ps-toggle ps-shade", "aria-pressed": "false", disabled: "" };
  const shade = make("button", attributes, "shade by surprise"), hint = make("p", { class: "ps-ask-hint" }, ask_hint);
  return { element: make("div", { class: "ps-ask" }, make("div", { class: "ps-ask-bar" }, hint, shade)), shade };
}

/** Offers that came before the script did. */
const early: AskableText[] = [];
let take = (text: AskableText): void => void early.push(text);

/** The page keeps no list of offers, so a text that leaves the page is forgotten. */
export function offer(text: AskableText): void {
  take(text);
}

/** Hands `taker` each text, those offered before and all that follow. */
export function takeOffers(taker: (text: AskableText) => void): void {
  take = taker;
  early.splice(0).forEach(taker);
}
