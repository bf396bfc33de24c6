// Ask the model: readers point at a character of a sample, tap it, or reach it by keyboard, and a panel below shows what
// the model expected there. Each panel of samples has a room of its own for this.
import type { AskableText, AskRoom, Shown } from "../shared/askable.ts";
import { AskPanel } from "./ask_panel.ts";
import { type Answering, AskedText } from "./asked_text.ts";
import type { InstrumentsPage } from "./instruments_page.ts";
import { answerFor, isGone, lacksReading } from "./readings.ts";
import { legend } from "./shade.ts";

export function askTheModel({ own }: InstrumentsPage): void {
  const rooms = new WeakMap<AskRoom, Room>();
  own.takeOffers((text) => {
    let room = rooms.get(text.room);
    if (!room) rooms.set(text.room, room = new Room(text.room));
    room.take(text);
  });
}

class Room implements Answering {
  readonly #room: AskRoom;
  readonly #legend = legend();
  #panel: AskPanel | null = null;
  /** What the panel shows. Held, it stays until the reader presses somewhere else. */
  #asked: { text: AskedText; at: number; held: boolean } | null = null;
  #leave = () => {};
  /** Weak, because samples come and go: only those in the page are drawn. */
  readonly #texts = new WeakMap<Element, AskedText>();

  constructor(room: AskRoom) {
    this.#room = room;
    this.#legend.hidden = true;
    room.element.append(this.#legend);
    room.shade.disabled = false;
    room.shade.addEventListener("click", () => this.#shade(!this.shaded));
  }

  take(text: AskableText): void {
    this.#texts.set(text.said, new AskedText(text, this));
  }

  get shaded(): boolean {
    return this.#room.shade.getAttribute("aria-pressed") === "true";
  }

  /** Whether the panel follows the pointer. */
  get follows(): boolean {
    return this.#asked !== null && !this.#asked.held;
  }

  /** The character of `text` that the panel shows; null if it shows none of it. */
  askedOf(text: AskedText): number | null {
    return this.#asked?.text === text ? this.#asked.at : null;
  }

  ask(text: AskedText, at: number, held = this.#asked?.held ?? false): void {
    const shown = text.whole;
    if (!shown) return;
    this.#follow(shown);
    const before = this.#asked?.text;
    this.#asked = { text, at, held };
    if (before !== text) before?.draw();
    text.draw();
    const panel = this.#makePanel(), opens = panel.element.hidden;
    stayingInPlace(text.element, () => {
      panel.show(answerFor(shown, at), shown.sample.iteration);
      panel.element.hidden = false;
    });
    panel.pin.setAttribute("aria-pressed", String(held));
    if (opens) reveal(panel.element, text.characterAt(at));
  }

  /** Holds what the panel shows, or lets it follow the pointer again. */
  turn(): void {
    if (!this.#asked) return;
    this.#asked.held = !this.#asked.held;
    this.#panel!.pin.setAttribute("aria-pressed", String(this.#asked.held));
  }

  close(): void {
    const text = this.#asked?.text;
    this.#asked = null;
    this.#leave();
    if (this.#panel) this.#panel.element.hidden = true;
    text?.draw();
  }

  /** Closes the panel when a reset or another run has removed the sample. */
  #follow(shown: Shown): void {
    this.#leave();
    if ("run" in shown.from) return;
    this.#leave = shown.from.session.on("status", () => {
      if (isGone(shown) || !this.#room.element.isConnected) this.close();
    });
  }

  #makePanel(): AskPanel {
    if (this.#panel) return this.#panel;
    const panel = this.#panel = new AskPanel();
    panel.element.hidden = true;
    this.#room.element.append(panel.element);
    panel.pin.addEventListener("click", () => this.turn());
    panel.close.addEventListener("click", () => {
      const { text } = this.#asked ?? {};
      this.close();
      text?.focus();
    });
    panel.element.addEventListener("keydown", ({ key }) => key === "Escape" && panel.close.click());
    return panel;
  }

  /** The samples of the panel that are in the page now. */
  #inPage(): AskedText[] {
    const panel = this.#room.element.closest(".ps-panel"), all = panel?.querySelectorAll(".ps-said") ?? [];
    return [...all].flatMap((said) => this.#texts.get(said) ?? []);
  }

  /** Says whether some shades are missing. */
  learned(): void {
    const missing = this.shaded && this.#inPage().some(({ whole }) => whole && lacksReading(whole));
    this.#legend.querySelector<HTMLElement>(".ps-shade-missing")!.hidden = !missing;
  }

  #shade(on: boolean): void {
    this.#room.shade.setAttribute("aria-pressed", String(on));
    this.#legend.hidden = !on;
    for (const text of this.#inPage()) text.draw();
    this.learned();
  }
}

/** Room above a character that was asked about: the page's header, and a line of text. */
const ABOVE_PX = 100;

/** Scrolls the panel into view, but not so far that the character leaves it. */
function reveal(panel: Element, character: Element): void {
  const below = panel.getBoundingClientRect().bottom + 8 - innerHeight;
  const most = character.getBoundingClientRect().top - ABOVE_PX, top = Math.min(below, most);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (top > 0) scrollBy({ top, behavior: calm ? "instant" : "smooth" });
}

/** Does something that may move `element`, and scrolls so that it stays where it is in the window. */
function stayingInPlace(element: Element, task: () => void): void {
  const before = element.getBoundingClientRect().top;
  task();
  const moved = element.getBoundingClientRect().top - before;
  if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
}
