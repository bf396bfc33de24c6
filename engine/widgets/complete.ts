// The end of a lesson: the state of its run, a "complete" mark that this browser remembers, and a print button.
import { frameWords } from "../wording.ts";
import type { SessionReadings } from "../session/readings.ts";
import { make, setProse, setText } from "./shared/dom.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import { recall, remember } from "./shared/browser_storage.ts";
import { runStory } from "./complete_run_story.ts";

/** If the sentence changed more often, readers could not finish it. */
const STORY_EVERY_MS = 1000;
const MEMORY = "complete";
/** If printing is allowed, `beforeprint` fires within this time. */
const PRINT_MS = 300;
const KEPT = "Remembered in this browser, on this device.";
const NOT_KEPT = "This browser keeps nothing for this page, so it will have forgotten when you come back.";

/** Draws the lesson's end into `root`. @returns a function that unsubscribes; the caller removes the DOM. */
export function mountComplete(root: Element, session: SessionReadings): () => void {
  const story = make("p", { class: "ps-complete-story" });
  const pacer = new Pacer(() => setText(story, runStory(session)), STORY_EVERY_MS);
  const subscriptions = [
    session.on("status", () => setText(story, runStory(session))),
    session.on("metrics", () => pacer.request()),
  ];
  setText(story, runStory(session));
  const print = make("button", { type: "button", class: "ps-button ps-quiet" }, "Print what you saw");
  print.addEventListener("click", () => printPage(note));
  const note = make("p", { class: "ps-complete-note", role: "status" });
  const buttons = make("div", { class: "ps-complete-buttons" }, completeButton(note), print);
  root.append(make("section", { class: "ps-panel", "aria-label": "The end of the lesson" }, story, buttons, note));
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
    pacer.cancel();
  };
}

/** A sandboxed frame without permission to print ignores the request silently. */
function printPage(note: Element): void {
  let heard = false;
  addEventListener("beforeprint", () => heard = true, { once: true });
  globalThis.print();
  if (globalThis.self !== globalThis.top) setTimeout(() => heard || setText(note, frameWords.print), PRINT_MS);
}

/** A toggle button: pressing it again removes the mark. */
function completeButton(note: Element): HTMLElement {
  const tick = make("span", { class: "ps-complete-tick", "aria-hidden": "true" });
  const button = make(
    "button",
    { type: "button", class: "ps-button ps-primary ps-complete-button" },
    tick,
    "Lesson complete",
  );
  const show = (complete: boolean) => {
    button.setAttribute("aria-pressed", String(complete));
    setText(tick, complete ? "✓ " : "");
  };
  show(recall(MEMORY) === true);
  button.addEventListener("click", () => {
    const complete = button.getAttribute("aria-pressed") !== "true";
    const kept = remember(MEMORY, complete || null);
    show(complete);
    setProse(note, complete ? kept ? KEPT : NOT_KEPT : "No longer marked as complete.");
  });
  return button;
}
