// A line of text with two bars over each character: how much it surprised the model, and a model that counts.
import { make, VERBATIM } from "../shared/dom.ts";
import { makeSvg } from "../shared/svg.ts";
import { visible } from "./visible_characters.ts";

/** Of a cell's drawing; build/recorded/surprise_cells.py draws the same. A surprise of 0 still shows a trace. */
const HEIGHT = 40, TRACE = 0.6;

interface Cell {
  element: HTMLElement;
  model: SVGRectElement;
  counting: SVGRectElement;
}

export class SurpriseLine {
  readonly element = make("p", { class: "ps-surprise-line", "aria-hidden": "true", ...VERBATIM });
  readonly #cells: Cell[];

  /** @param top_nats higher bars are cut @param onPoint called with the place of a character, from 1 */
  constructor(line: readonly string[], private readonly top_nats: number, onPoint: (place: number) => void) {
    this.#cells = line.slice(1).map(makeCell);
    const given = make("span", { class: "ps-surprise-cell ps-surprise-given" }, make("span", {}, visible(line[0])));
    this.element.append(given, ...this.#cells.map(({ element }) => element));
    const point = ({ target }: Event) => {
      const at = [...this.element.children].findIndex((one) => one.contains(target as Node));
      if (at > 0) onPoint(at);
    };
    this.element.addEventListener("click", point);
    this.element.addEventListener("pointerover", (event) => event.pointerType === "mouse" && point(event));
  }

  /**
   * @param model null before anything was measured
   * @param better the places, from 0, that are marked
   * @param pointed the place of the character that the reader asks about, from 1
   */
  draw(model: readonly number[] | null, counting: readonly number[], better: readonly number[], pointed: number): void {
    this.#cells.forEach(({ element, ...bars }, i) => {
      this.#fit(bars.model, model ? model[i] : null);
      this.#fit(bars.counting, counting[i]);
      element.toggleAttribute("data-better", better.includes(i));
      element.toggleAttribute("data-pointed", pointed === i + 1);
      element.toggleAttribute("data-cut", Math.max(model ? model[i] : 0, counting[i]) > this.top_nats);
    });
  }

  #fit(bar: SVGRectElement, nats: number | null): void {
    const height = nats === null ? 0 : Math.max(TRACE, HEIGHT * Math.min(nats, this.top_nats) / this.top_nats);
    bar.setAttribute("height", height.toFixed(1));
    bar.setAttribute("y", (HEIGHT - height).toFixed(1));
  }
}

function makeCell(character: string): Cell {
  const svg = makeSvg("svg", { viewBox: `0 0 10 ${HEIGHT}`, preserveAspectRatio: "none" }),
    model = bar("ps-bar-model", 1),
    counting = bar("ps-bar-counting", 6);
  svg.append(model, counting);
  const element = make("span", { class: "ps-surprise-cell" }, svg, make("span", {}, visible(character)));
  return { element, model, counting };
}

function bar(kind: string, x: number): SVGRectElement {
  return makeSvg("rect", { class: kind, x: String(x), width: "3.5" });
}
