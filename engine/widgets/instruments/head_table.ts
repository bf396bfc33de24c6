// All heads in numbers: what the maps show, for a reader who does not see them.
import { make, setText, VERBATIM } from "../shared/dom.ts";
import { capital, does, headName, score } from "./head_words.ts";
import { distanceOf, type HeadsAt, mapOf } from "./heads.ts";

const COLUMNS = ["head", "previous character", "prefix match", "what it does"];

export class HeadTable {
  readonly element = make("details", {}, make("summary", {}, "All heads as a table"));
  readonly #body = make("tbody");
  #heads: HeadsAt | null = null;

  constructor(private readonly n_head: number) {
    const head = make("thead", {}, make("tr", {}, ...COLUMNS.map((words) => make("th", { scope: "col" }, words))));
    const room = { class: "ps-heads-table", tabindex: "0", role: "region", "aria-label": "All heads" };
    this.element.append(make("div", room, make("table", {}, head, this.#body)));
    this.element.addEventListener("toggle", () => this.#fill());
  }

  draw(heads: HeadsAt | null): void {
    this.#heads = heads;
    this.#fill();
  }

  /** A closed fold costs nothing. */
  #fill(): void {
    const heads = this.#heads;
    if (!this.element.open || heads === null) return;
    const every = heads.previous.length;
    while (this.#body.rows.length < every) {
      this.#body.append(make("tr", {}, ...COLUMNS.map((_, i) => make(i === 0 ? "th" : "td", VERBATIM))));
    }
    [...this.#body.rows].forEach((row, head) => {
      const previous = heads.previous[head], prefix = heads.prefix[head];
      const doing = heads.attention.length > 0 ? does(previous, prefix, distanceOf(mapOf(heads, head, every))) : "";
      const cells = [capital(headName(head, this.n_head)), score(previous), score(prefix), doing];
      cells.forEach((words, i) => setText(row.cells[i], words));
    });
  }
}
