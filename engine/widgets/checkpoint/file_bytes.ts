// The reader's checkpoint byte by byte: a hex view with its parts named, which keys and buttons step through.
import type { TrainingSession } from "../../session/session.ts";
import { make, setProse, setText, VERBATIM } from "../shared/dom.ts";
import type { FileBytesIsland } from "../shared/island.ts";
import { type Part, partAt, partsOf, visible } from "./file_map.ts";
import { ofByte } from "./file_words.ts";
import type { LatePage } from "./late_page.ts";

const ROWS = 12;
/** Bytes in a row; the smaller number where the block is narrower than this, in pixels. */
const COLUMNS = 16, NARROW_COLUMNS = 8, NARROW = 620;

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountFileBytes(root: Element, { session }: FileBytesIsland, page: LatePage): () => void {
  const widget = new FileBytes(root.id, page.sessions[session]);
  root.append(widget.element);
  return () => widget.dispose();
}

class FileBytes {
  readonly element: HTMLElement;
  readonly #open = make("button", { type: "button", class: "ps-button ps-primary" }, "Open my file");
  readonly #part = make("select", { class: "ps-select-field", ...VERBATIM, disabled: "" });
  readonly #steps: HTMLButtonElement[];
  readonly #grid: HTMLElement;
  readonly #words = make("p", { class: "ps-bytes-words", role: "status" });
  readonly #failure = make("p", { class: "ps-failure", role: "alert", hidden: "" });
  readonly #size: ResizeObserver;
  readonly #id: string;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  #parts: Part[] = [];
  #at = 0;
  #first_row = 0;
  #columns = COLUMNS;

  constructor(id: string, session: TrainingSession) {
    this.#id = id;
    this.#steps = [this.#step("Part before", -1), this.#step("Next part", 1)];
    const label = "Bytes of the file; the arrow keys move from byte to byte";
    this.#grid = make("div", { class: "ps-bytes-grid", role: "grid", tabindex: "0", "aria-label": label, ...VERBATIM });
    const part = make("label", { class: "ps-bytes-field" }, "Part ", this.#part);
    const controls = make("div", { class: "ps-controls" }, this.#open, part, ...this.#steps);
    const parts = [controls, this.#grid, this.#words, this.#failure];
    this.element = make("section", { class: "ps-panel", "aria-label": "The file, byte by byte" }, ...parts);
    this.#open.addEventListener("click", () => this.#read(session));
    this.#part.addEventListener("change", () => this.#go(this.#parts[Number(this.#part.value)].begin, true));
    this.#grid.addEventListener("keydown", (event) => this.#key(event));
    this.#grid.addEventListener("click", ({ target }) => {
      const at = (target as Element).closest("[data-at]")?.getAttribute("data-at");
      if (at) this.#go(Number(at));
    });
    this.#size = new ResizeObserver(() => this.#fit());
    this.#size.observe(this.#grid);
    setProse(this.#words, "Open it at any moment: before the run too, when its weights are still random.");
  }

  dispose(): void {
    this.#size.disconnect();
  }

  #step(words: string, by: number): HTMLButtonElement {
    const button = make("button", { type: "button", class: "ps-button ps-quiet", disabled: "" }, words);
    button.addEventListener("click", () => {
      const place = this.#parts.indexOf(partAt(this.#parts, this.#at)) + by;
      if (this.#parts[place]) this.#go(this.#parts[place].begin, true);
    });
    return button;
  }

  async #read(session: TrainingSession): Promise<void> {
    try {
      this.#bytes = new Uint8Array(await (await session.save("state")).arrayBuffer());
      this.#parts = partsOf(this.#bytes);
      this.#failure.hidden = true;
    } catch (error) {
      this.#failure.hidden = false;
      return setProse(this.#failure, error instanceof Error ? error.message : String(error));
    }
    setText(this.#open, "Open it again");
    this.#part.replaceChildren(...this.#parts.map(({ name }, i) => make("option", { value: String(i) }, name)));
    for (const control of [this.#part, ...this.#steps]) control.disabled = false;
    this.#go(Math.min(this.#at, this.#bytes.length - 1), true);
  }

  /** @param to_top whether the byte's row comes to the top; otherwise the view moves as little as possible */
  #go(at: number, to_top = false): void {
    if (this.#bytes.length === 0) return;
    this.#at = Math.max(0, Math.min(this.#bytes.length - 1, at));
    const row = Math.floor(this.#at / this.#columns);
    const last = Math.max(0, Math.ceil(this.#bytes.length / this.#columns) - ROWS);
    const first = to_top ? row : Math.max(row - ROWS + 1, Math.min(row, this.#first_row));
    this.#first_row = Math.min(first, last);
    this.#draw();
  }

  #key(event: KeyboardEvent): void {
    const { key, ctrlKey, metaKey, altKey } = event, row = this.#columns, in_row = this.#at % row;
    if (metaKey || altKey) return;
    const by: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -row,
      ArrowDown: row,
      PageUp: -row * ROWS,
      PageDown: row * ROWS,
      Home: ctrlKey ? -this.#at : -in_row,
      End: ctrlKey ? this.#bytes.length : row - 1 - in_row,
    };
    if (!Object.hasOwn(by, key)) return;
    event.preventDefault();
    this.#go(this.#at + by[key]);
  }

  #fit(): void {
    const columns = this.#grid.clientWidth < NARROW ? NARROW_COLUMNS : COLUMNS;
    if (columns === this.#columns) return;
    this.#columns = columns;
    this.#go(this.#at, true);
  }

  #draw(): void {
    const part = partAt(this.#parts, this.#at), rows: HTMLElement[] = [];
    for (let row = this.#first_row; row < this.#first_row + ROWS; row++) {
      const begin = row * this.#columns;
      if (begin >= this.#bytes.length) break;
      rows.push(this.#row(begin, Math.min(begin + this.#columns, this.#bytes.length), part));
    }
    this.#grid.replaceChildren(...rows);
    this.#grid.setAttribute("aria-activedescendant", `${this.#id}-byte-${this.#at}`);
    this.#part.value = String(this.#parts.indexOf(part));
    setProse(this.#words, ofByte(this.#bytes, part, this.#at));
  }

  #row(begin: number, end: number, chosen: Part): HTMLElement {
    const cells: HTMLElement[] = [];
    let text = "";
    for (let at = begin; at < end; at++) {
      const byte = this.#bytes[at], here = partAt(this.#parts, at);
      const hex = byte.toString(16).padStart(2, "0");
      const cell = make("span", { role: "gridcell", id: `${this.#id}-byte-${at}`, "data-at": String(at) }, hex);
      cell.dataset.kind = here.kind;
      cell.classList.toggle("ps-byte-of-part", here === chosen);
      cell.setAttribute("aria-selected", String(at === this.#at));
      cells.push(cell);
      text += visible(byte) ?? "·";
    }
    const offset = make("span", { class: "ps-bytes-offset", role: "rowheader" }, begin.toString(16).padStart(6, "0"));
    const shown = make("span", { class: "ps-bytes-text", "aria-hidden": "true" }, text);
    return make("div", { role: "row", class: "ps-bytes-row" }, offset, ...cells, shown);
  }
}
