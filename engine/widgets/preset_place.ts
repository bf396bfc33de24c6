// Where the chart of a presets block opens: beside the list where there is room, otherwise right under the button that
// was pressed. The style sheet says whether there is room: --ps-beside in docs/stylesheets/presets.css.
import { empty_preset_stage } from "../wording.ts";
import { make } from "./shared/dom.ts";
import { focusOn } from "./shared/press_guard.ts";

export class PresetPlace {
  /** Stands in the stage's own place, and says what will appear there. */
  readonly #home = make("p", { class: "ps-preset-empty" }, empty_preset_stage);
  readonly #resized = new ResizeObserver(() => this.#settle());
  /** The entry of the button that was pressed last. */
  #entry: Element | null = null;

  /**
   * @param panel holds the list, other entries, and the stage
   * @param stage the chart and what is said about it; keeps its place in the panel while there is room
   * @param shown the part of the stage that a press brings into view
   */
  constructor(
    private readonly panel: HTMLElement,
    private readonly stage: HTMLElement,
    private readonly shown: HTMLElement,
  ) {
    stage.after(this.#home);
    this.#resized.observe(panel);
  }

  /** Puts a question at the pressed button's entry, in view and next in the order of reading. */
  ask(button: HTMLElement, question: HTMLElement): void {
    under(entryOf(button), question);
  }

  /** Opens the stage for a button that was just pressed, and scrolls only as far as the chart needs. */
  open(button: HTMLElement): void {
    const top = button.getBoundingClientRect().top;
    this.#entry = entryOf(button);
    this.#settle();
    // A stage that closed above must not move the button away from the reader's finger.
    const moved = button.getBoundingClientRect().top - top;
    if (moved !== 0) scrollBy({ top: moved, behavior: "instant" });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    scrollBy({ top: this.#distance(button), behavior: still ? "instant" : "smooth" });
  }

  /** How far to scroll: as little as shows the whole chart, and the button too if both fit. */
  #distance(button: HTMLElement): number {
    const { scrollMarginTop, scrollMarginBottom } = getComputedStyle(this.shown), top = parseFloat(scrollMarginTop);
    const chart = this.shown.getBoundingClientRect(), pressed = button.getBoundingClientRect();
    const least = chart.bottom + parseFloat(scrollMarginBottom) - innerHeight, most = chart.top - top;
    const both_least = Math.max(least, pressed.bottom - innerHeight), both_most = Math.min(most, pressed.top - top);
    if (both_least <= both_most) return Math.min(Math.max(0, both_least), both_most);
    return Math.min(Math.max(0, least), most);
  }

  /** Puts the stage where it was before the widget was mounted again. */
  reopen(button: HTMLElement): void {
    this.#entry = entryOf(button);
    this.#settle();
  }

  dispose(): void {
    this.#resized.disconnect();
  }

  #settle(): void {
    if (!this.#entry) return;
    const beside = getComputedStyle(this.panel).getPropertyValue("--ps-beside").trim() === "1";
    const focused = this.stage.contains(document.activeElement) ? document.activeElement as HTMLElement : null;
    if (!beside) under(this.#entry, this.stage);
    else if (this.#home.previousElementSibling !== this.stage) this.#home.before(this.stage);
    else return;
    if (focused && document.activeElement !== focused) focusOn(focused); // moving an element takes its focus away
  }
}

function entryOf(button: HTMLElement): Element {
  return button.closest("li, form, .ps-panel > *") ?? button;
}

/** Moves `element` to the end of a list's entry, or behind another entry: a form inside a form would submit both. */
function under(entry: Element, element: Element): void {
  if (entry.localName === "li" ? element.parentElement === entry : entry.nextElementSibling === element) return;
  if (entry.localName === "li") entry.append(element);
  else entry.after(element);
}
