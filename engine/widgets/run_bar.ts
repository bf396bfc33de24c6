// The bar at the window's lower edge: while a run goes on and its runner has left the view, it shows where the run is,
// pauses and continues it, and leads back to it. A page has one bar, for the run that trains. It is one tab stop: the
// arrow keys move between its buttons.
import type { Status, TrainingSession } from "../session/session.ts";
import { make, setText, VERBATIM } from "./shared/dom.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import { loss } from "./shared/format.ts";
import { appeared, focusOn } from "./shared/press_guard.ts";
import { scrollToRunner } from "./shared/stage.ts";

/** A runner's element and the session that it shows. */
export interface Watched {
  root: Element;
  session: TrainingSession;
}

const WORDS_EVERY_MS = 200;

/** Runs that go on: one that trains comes before one that waits for something else, and before one that is paused. */
const GOES_ON: Partial<Record<Status, number>> = { running: 0, loading: 0, hidden: 0, waiting: 1, paused: 2 };

/** Class of the document while the bar shows: the page then keeps room for it. */
const BARRED = "ps-barred";

export class RunBar {
  readonly #element = make("div", { ...VERBATIM, class: "press-start ps-bar", role: "toolbar", hidden: "" });
  readonly #pause = make("button", { type: "button", class: "ps-button ps-quiet" });
  readonly #iteration = make("span", {});
  readonly #val = make("span", {});
  readonly #phase = make("span", { class: "ps-phase" });
  readonly #back = make("button", { type: "button", class: "ps-button ps-quiet", "aria-label": "Back to the run" });
  readonly #close = make("button", { type: "button", class: "ps-button ps-quiet" }, "×");
  readonly #buttons = [this.#pause, this.#back, this.#close];
  readonly #in_view = new Set<Element>();
  /** The runs for which the reader has closed the bar; a run that begins anew is shown again. */
  readonly #closed = new Set<TrainingSession>();
  readonly #pacer = new Pacer(() => this.#draw(), WORDS_EVERY_MS);
  #shown: Watched | null = null;

  constructor(private readonly watched: Watched[]) {
    this.#back.append(make("span", { class: "ps-bar-arrow" }, "↑"), make("span", {}, " to the run"));
    this.#close.setAttribute("aria-label", "Close this bar until the next run");
    const where = make("p", { class: "ps-bar-where" }, this.#iteration, " ", this.#val, " ", this.#phase);
    this.#element.append(this.#pause, where, this.#back, this.#close);
    this.#pause.addEventListener("click", () => this.#pressPause());
    this.#back.addEventListener("click", () => this.#goBack());
    this.#close.addEventListener("click", () => this.#pressClose());
    this.#element.addEventListener("keydown", (event) => this.#move(event));
    this.#element.addEventListener("focusin", ({ target }) => this.#rove(target));
    this.#rove(this.#pause);
    document.body.append(this.#element);
    this.#watch();
  }

  #watch(): void {
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#in_view.add(target);
        else this.#in_view.delete(target);
      }
      this.#draw();
    });
    for (const { root, session } of this.watched) {
      this.#in_view.add(root); // until the observer reports
      observer.observe(root);
      session.on("metrics", () => this.#pacer.request());
      session.on("status", (status) => {
        if (status === "idle" || session.ended) this.#closed.delete(session);
        this.#draw();
      });
    }
  }

  #draw(): void {
    const rank = ({ session }: Watched) => GOES_ON[session.status] ?? Infinity;
    const [first] = this.watched.filter((one) => rank(one) < Infinity).sort((a, b) => rank(a) - rank(b));
    const shown = first && !this.#in_view.has(first.root) && !this.#closed.has(first.session) ? first : null;
    if (shown) this.#say(shown.session);
    if (shown === this.#shown) return;
    if (!shown) this.#giveUpFocus();
    this.#shown = shown;
    if (this.#element.hidden && shown) appeared(...this.#buttons);
    this.#element.hidden = shown === null;
    document.documentElement.classList.toggle(BARRED, shown !== null);
  }

  #say({ name, status, iteration, iterations, val_nll, phase }: TrainingSession): void {
    this.#element.setAttribute("aria-label", `Training run ${name}`);
    setText(this.#pause, status === "paused" ? "Resume" : "Pause");
    setText(this.#iteration, `iter ${iteration} / ${iterations}`);
    setText(this.#val, `val NLL ${loss(val_nll)}`);
    setText(this.#phase, status === "waiting" ? "waiting for its turn" : phase ?? "");
  }

  #pressPause(): void {
    const session = this.#shown?.session;
    if (session?.status === "paused") session.start();
    else session?.pause();
  }

  #goBack(): void {
    if (this.#shown) scrollToRunner(this.#shown.root);
    this.#giveUpFocus();
  }

  #pressClose(): void {
    if (this.#shown) this.#closed.add(this.#shown.session);
    this.#draw();
  }

  /** A bar that disappears must not take the focus with it: the run's own button gets it. */
  #giveUpFocus(): void {
    if (!this.#element.contains(document.activeElement)) return;
    focusOn(this.#shown?.root.querySelector<HTMLElement>(".ps-primary"), { preventScroll: true });
  }

  /** Makes one button the bar's tab stop. */
  #rove(to: EventTarget | null): void {
    for (const button of this.#buttons) button.tabIndex = button === to ? 0 : -1;
  }

  #move(event: KeyboardEvent): void {
    const { length } = this.#buttons, at = this.#buttons.findIndex((button) => button === event.target);
    const step = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: length - 1 }[event.key];
    if (step === undefined || at < 0) return;
    event.preventDefault();
    this.#buttons[(step + length) % length].focus();
  }
}
