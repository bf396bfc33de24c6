// All heads of a model, small, one of them chosen: a radio button each, so that arrow keys go from one to the next.
import { make, setChildren, setText, VERBATIM } from "../shared/dom.ts";
import { drawMap } from "./head_map.ts";
import { capital, headName, score, scoresText } from "./head_words.ts";
import { type HeadCounts, type HeadOrder, type HeadsAt, mapOf, ordered } from "./heads.ts";

interface Cell {
  label: HTMLLabelElement;
  input: HTMLInputElement;
  canvas: HTMLCanvasElement;
  previous: HTMLElement;
  prefix: HTMLElement;
}

export class HeadGrid {
  readonly element = make("fieldset", { class: "ps-heads" });
  readonly #room = make("div", { class: "ps-heads-room" });
  readonly #cells: Cell[];

  /** @param onChoose called with the head that the reader has chosen */
  constructor(private readonly counts: HeadCounts, group: string, onChoose: (head: number) => void) {
    const { n_layer, n_head } = counts;
    this.#cells = Array.from({ length: n_layer * n_head }, (_, head) => makeCell(head, n_head, group));
    this.#cells.forEach(({ input }, head) => input.addEventListener("change", () => onChoose(head)));
    this.#room.style.setProperty("--ps-heads-across", String(Math.min(n_head, MOST_ACROSS)));
    this.#room.append(...this.#cells.map(({ label }) => label));
    this.element.append(make("legend", { class: "ps-unseen" }, "The head that is shown large"), this.#room);
  }

  /** @param heads null before anything is known of them */
  draw(heads: HeadsAt | null, order: HeadOrder, chosen: number, off: ReadonlySet<number>): void {
    const { n_head } = this.counts, cells = this.#cells;
    cells.forEach(({ label, input, canvas, previous, prefix }, head) => {
      input.checked = head === chosen;
      label.toggleAttribute("data-off", off.has(head));
      const [one, other] = heads ? [heads.previous[head], heads.prefix[head]] : [null, null];
      setText(previous, one === null ? "" : `prev ${score(one)}`);
      setText(prefix, other === null ? "" : `match ${score(other)}`);
      const scores = one === null || other === null ? "" : `: ${scoresText(one, other)}`;
      input.setAttribute("aria-label", `${capital(headName(head, n_head))}${scores}${off.has(head) ? ", off" : ""}`);
      if (heads && heads.attention.length > 0) drawMap(canvas, mapOf(heads, head, cells.length));
    });
    if (heads) this.#arrange(ordered(heads, order));
  }

  /** Keeps the focus, which moving an element takes away. */
  #arrange(order: number[]): void {
    const focused = this.#cells.find(({ input }) => input === document.activeElement);
    setChildren(this.#room, order.map((head) => this.#cells[head].label));
    if (focused && focused.input !== document.activeElement) focused.input.focus({ preventScroll: true });
  }
}

const MOST_ACROSS = 8;

function makeCell(head: number, n_head: number, group: string): Cell {
  const input = make("input", { type: "radio", name: group, class: "ps-unseen", value: String(head) });
  const canvas = make("canvas", { "aria-hidden": "true" });
  const name = make(
    "span",
    { ...VERBATIM, class: "ps-head-name" },
    `L${Math.floor(head / n_head) + 1} H${head % n_head + 1}`,
  );
  const previous = make("span", VERBATIM), prefix = make("span", VERBATIM);
  const map = make("span", { class: "ps-head-map" }, canvas);
  const label = make("label", { class: "ps-head" }, input, map, name, previous, prefix);
  return { label, input, canvas, previous, prefix };
}
