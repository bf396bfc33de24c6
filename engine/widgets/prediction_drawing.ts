// Where a reader draws the curve that they expect: on the chart itself with a pointer, or, with the keyboard, as a shape
// and the loss at its end. The chart takes strokes only while drawing is switched on, so that a finger can scroll the
// page over it at all other times.
import type { Point, Points } from "../session/guess.ts";
import { type Guess, shaped, SHAPES, simplified, stroked } from "./prediction_curve.ts";
import { type GuessField, LossInput } from "./prediction_end.ts";
import type { PredictionLayer } from "./prediction_layer.ts";
import { guessWords } from "./prediction_words.ts";
import type { LossChart } from "./shared/chart.ts";
import { make, setProse } from "./shared/dom.ts";
import { appeared, focusOn } from "./shared/press_guard.ts";

const BY_HAND = "drawn by hand";

export interface Paper {
  iterations: number;
  /** The loss of guessing evenly, where shapes begin. */
  even: number;
  /** The largest loss that can be guessed. */
  most: number;
}

export class CurveField implements GuessField {
  readonly elements: HTMLElement[];
  readonly #begin = make("button", { type: "button", class: "ps-toggle", "aria-expanded": "false" });
  readonly #line = make("div", { class: "ps-guess-line", translate: "yes", hidden: "" }, this.#begin);
  readonly #panel = make("div", { class: "ps-guess-panel", role: "group", "aria-label": "Your guess" });
  readonly #shape = make("select", { class: "ps-select" }, make("option", { value: "" }, BY_HAND));
  readonly #end: LossInput;
  readonly #done = make("button", { type: "button", class: "ps-button ps-quiet" }, "Done");
  readonly #remove = make("button", { type: "button", class: "ps-button ps-quiet" }, "Remove");
  readonly #said = make("p", { class: "ps-guess-said", role: "status" });
  #points: Points = [];
  #pen: { id: number; at: Point } | null = null;

  constructor(
    private readonly chart: LossChart,
    private readonly layer: PredictionLayer,
    private readonly paper: Paper,
    private readonly change: (guess: Guess | null) => void,
  ) {
    this.#end = new LossInput(paper.most, () => this.#choose());
    for (const name of Object.keys(SHAPES)) this.#shape.append(make("option", {}, name));
    this.#panel.append(
      make("p", {}, "Draw on the chart from left to right, or choose a shape."),
      make("label", {}, "Shape ", this.#shape),
      make("label", {}, "Ends at ", this.#end.input, " nats per character"),
      this.#done,
      this.#remove,
      this.#end.hint,
      this.#said,
    );
    this.#panel.setAttribute("translate", "yes");
    this.elements = [this.#line, this.#panel];
    this.#listen();
    this.#draw(false);
  }

  show(guess: Guess | null): void {
    this.#points = guess?.points ?? [];
    this.#shape.value = guess?.shape ?? "";
    this.#end.value = this.#points.at(-1)?.[1] ?? null;
    this.#label();
  }

  open(on: boolean): void {
    if (!on) {
      this.#lift();
      this.#draw(false);
    }
    this.#line.hidden = !on;
  }

  get #drawing(): boolean {
    return this.layer.paper !== null;
  }

  #listen(): void {
    this.#begin.addEventListener("click", () => {
      if (this.#line.hidden) return; // a script may press it during a run
      this.#draw(true);
      appeared(this.#done, this.#remove);
      this.#shape.focus({ preventScroll: true });
      this.#panel.scrollIntoView({ block: "nearest" }); // no further than needed, so that Start stays in view
    });
    this.#done.addEventListener("click", () => this.#close());
    this.#remove.addEventListener("click", () => {
      this.show(null);
      this.change(null);
      setProse(this.#said, "Removed.");
    });
    this.#shape.addEventListener("change", () => this.#choose());
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
    const { frame } = this.chart;
    frame.addEventListener("pointerdown", (event) => {
      if (!this.#drawing || this.#pen || event.button !== 0) return;
      event.preventDefault();
      frame.setPointerCapture(event.pointerId);
      this.#stroke(event);
    });
    frame.addEventListener("pointermove", (event) => {
      if (this.#pen?.id === event.pointerId) this.#stroke(event);
    });
    for (const end of ["pointerup", "pointercancel"] as const) {
      frame.addEventListener(end, (event) => {
        if (this.#pen?.id === event.pointerId) this.#lift();
      });
    }
  }

  /** Switches drawing on or off. The axis then begins at 0, and leaves room above the loss of guessing evenly. */
  #draw(on: boolean): void {
    this.layer.paper = on ? [0, 1.25 * this.paper.even] : null;
    this.#panel.hidden = !on;
    this.#begin.hidden = on;
    this.#begin.setAttribute("aria-expanded", String(on));
    this.chart.element.classList.toggle("ps-guess-drawing", on);
    setProse(this.#said, "");
    this.#label();
    this.chart.redraw();
  }

  #close(): void {
    this.#lift();
    this.#draw(false);
    focusOn(this.#begin);
  }

  #stroke(event: PointerEvent): void {
    const to = this.chart.pointed(event);
    if (!to) return;
    this.#points = stroked(this.#points, this.#pen?.at ?? to, to);
    this.#pen = { id: event.pointerId, at: to };
    this.#shape.value = "";
    // Nothing is stored before the pen lifts: every other block of the page would follow each movement.
    this.layer.points = this.#points.length < 2 ? [] : this.#points;
    this.chart.redraw();
  }

  #lift(): void {
    if (!this.#pen) return;
    this.#pen = null;
    this.#points = simplified(this.#points);
    this.#end.value = this.#points.at(-1)![1];
    this.#take();
    this.#say();
  }

  /** Takes the chosen shape, once there is an end for it. */
  #choose(): void {
    const shape = this.#shape.value, end = this.#end.value;
    if (shape === "") return setProse(this.#said, "Choose a shape that ends there.");
    if (end === null) return setProse(this.#said, "Type the loss at which it ends.");
    this.#points = shaped(shape, this.paper.even, end, this.paper.iterations);
    this.#take();
    this.#say();
  }

  #take(): void {
    // A single point is not a curve yet.
    this.change(this.#points.length < 2 ? null : { points: this.#points, shape: this.#shape.value || null });
  }

  #say(): void {
    const words = guessWords(this.#points, this.#shape.value || null);
    setProse(this.#said, this.#points.length < 2 ? "A curve needs a second point." : `Your guess: ${words}.`);
  }

  #label(): void {
    setProse(this.#begin, this.#points.length < 2 ? "Draw your guess first" : "Change your guess");
  }
}
