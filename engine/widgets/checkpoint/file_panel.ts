// The panel in which the page speaks about files, over the page, so that it is where the reader looks whatever the page
// shows there. The page stays usable and the run visible; Escape closes the panel.
import { fileButton } from "../../wording_of_files.ts";
import { appeared, focusOn } from "../shared/press_guard.ts";
import { make, setProse } from "../shared/dom.ts";

/** A place in the window. */
export interface Point {
  x: number;
  y: number;
}

/** The panel keeps this distance from the window's edges. */
const MARGIN_PX = 8;
/** In a narrower window the panel is as wide as the window. */
const NARROW_PX = 600;

export class FilePanel {
  readonly #element = make("div", { class: "press-start ps-file-panel", tabindex: "-1", hidden: "" });
  #came_from: Element | null = null;
  #at: Point | undefined;

  constructor() {
    document.body.append(this.#element);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) this.close();
    });
    addEventListener("resize", () => this.#place());
  }

  /** Asks the reader something: the focus moves into the panel, and back when it closes. */
  ask(title: HTMLElement, parts: readonly Node[], at?: Point): void {
    if (!this.#element.contains(document.activeElement)) this.#came_from = document.activeElement;
    title.id = "ps-file-title";
    this.#show("dialog", at, title, ...parts);
    this.#element.setAttribute("aria-labelledby", title.id);
    this.#element.focus({ preventScroll: true });
  }

  /** Says something; `alert` interrupts a screen reader. The focus stays where it is. */
  say(sentence: string, { alert = false, at }: { alert?: boolean; at?: Point } = {}): void {
    this.close();
    const close = make("button", { type: "button", class: "ps-button ps-quiet" }, fileButton.close);
    close.addEventListener("click", () => this.close());
    const words = make("p", { role: alert ? "alert" : "status", class: alert ? "ps-file-wrong" : "" });
    this.#show(null, at, words, close);
    setProse(words, sentence); // after the element is there, so that it is announced
    this.#place();
  }

  /** @param to where the focus goes, if it is in the panel; where it was by default */
  close(to: Element | null = this.#came_from): void {
    if (this.#element.hidden) return;
    const focused = this.#element.contains(document.activeElement);
    this.#element.hidden = true;
    this.#element.replaceChildren();
    this.#came_from = null;
    if (focused && to instanceof HTMLElement && to.isConnected) focusOn(to, { preventScroll: true });
  }

  #show(role: "dialog" | null, at: Point | undefined, ...parts: Node[]): void {
    this.#element.removeAttribute("aria-labelledby");
    if (role) this.#element.setAttribute("role", role);
    else this.#element.removeAttribute("role");
    this.#element.replaceChildren(make("div", { class: "ps-panel" }, ...parts));
    this.#element.hidden = false;
    this.#at = at;
    this.#place();
    appeared(...this.#element.querySelectorAll("button"));
  }

  /** Where the reader dropped the file, as far as the window has room; else where the style sheet says. */
  #place(): void {
    const { style } = this.#element, at = this.#at;
    style.left =
      style.top =
      style.right =
      style.bottom =
        "";
    if (this.#element.hidden || !at || innerWidth < NARROW_PX) return;
    const { width, height } = this.#element.getBoundingClientRect();
    const within = (wanted: number, most: number) => Math.max(MARGIN_PX, Math.min(wanted, most - MARGIN_PX));
    style.left = `${within(at.x - width / 2, innerWidth - width)}px`;
    style.top = `${within(at.y - height / 2, innerHeight - height)}px`;
    style.right = style.bottom = "auto";
  }
}
