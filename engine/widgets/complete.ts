// The end of a lesson: the state of its run, what the reader predicted, diagnosed and answered, a "complete" mark that
// this browser remembers, and buttons that print the summary or the page.
import { frameWords } from "../wording.ts";
import type { SessionReadings } from "../session/readings.ts";
import { make, setProse, setText } from "./shared/dom.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import { recall, remember } from "./shared/browser_storage.ts";
import { whenCommitted } from "./shared/reader_record.ts";
import { runStory } from "./complete_run_story.ts";
import { drawSummary } from "./complete_summary.ts";

/** If the sentence changed more often, readers could not finish it. */
const STORY_EVERY_MS = 1000;
const MEMORY = "complete";
/** If printing is allowed, `beforeprint` fires within this time. */
const PRINT_MS = 300;
const KEPT = "Remembered in this browser, on this device.";
const NOT_KEPT = "This browser stores nothing for this page, so the mark will be gone when you come back.";

/** Draws the lesson's end into `root`. @param nothing stands there until the reader says something @returns a function that unsubscribes; the caller removes the DOM. */
export function mountComplete(root: Element, session: SessionReadings, nothing: string): () => void {
  const story = make("p", { class: "ps-complete-story" });
  const pacer = new Pacer(() => setText(story, runStory(session)), STORY_EVERY_MS);
  const subscriptions = [
    session.on("status", () => setText(story, runStory(session))),
    session.on("metrics", () => pacer.request()),
    whenCommitted(() => drawSummary(summary, root.id, nothing)),
  ];
  setText(story, runStory(session));
  const summary = make("div", { class: "ps-complete-summary" });
  queueMicrotask(() => drawSummary(summary, root.id, nothing)); // once the widgets below it are mounted, too
  const note = make("p", { class: "ps-complete-note", role: "status" });
  const buttons = make(
    "div",
    { class: "ps-complete-buttons" },
    completeButton(note),
    printButton("Print this summary", () => printSummary(root, note)),
    printButton("Print the whole page", () => printPage(note)),
  );
  const title = document.querySelector("h1")?.firstChild?.textContent ?? document.title;
  const head = make("p", { class: "ps-complete-head" }, make("span", {}, title), make("span", {}, "Name:"));
  const parts = [head, story, summary, buttons, note];
  root.append(make("section", { class: "ps-panel", "aria-label": "The end of the lesson" }, ...parts));
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
    pacer.cancel();
  };
}

function printButton(words: string, print: () => void): HTMLElement {
  const button = make("button", { type: "button", class: "ps-button ps-quiet" }, words);
  button.addEventListener("click", print);
  return button;
}

const SUMMARY_ALONE = "ps-prints-summary", AROUND = "data-ps-around", PRINTED = "data-ps-printed";

/** Prints this block alone: the style sheet for paper hides what is neither around it nor in it. */
function printSummary(root: Element, note: Element): void {
  const page = document.documentElement, figure = root.closest("figure") ?? root, around: Element[] = [];
  for (let outer = figure.parentElement; outer !== null; outer = outer.parentElement) around.push(outer);
  const mark = (on: boolean) => {
    page.classList.toggle(SUMMARY_ALONE, on);
    figure.toggleAttribute(PRINTED, on);
    for (const element of around) element.toggleAttribute(AROUND, on);
  };
  mark(true);
  addEventListener("afterprint", () => mark(false), { once: true });
  printPage(note, () => mark(false));
}

/** A sandboxed frame without permission to print ignores the request silently. */
function printPage(note: Element, whenRefused = () => {}): void {
  let heard = false;
  addEventListener("beforeprint", () => heard = true, { once: true });
  globalThis.print();
  if (globalThis.self === globalThis.top) return;
  setTimeout(() => {
    if (heard) return;
    setText(note, frameWords.print);
    whenRefused();
  }, PRINT_MS);
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
