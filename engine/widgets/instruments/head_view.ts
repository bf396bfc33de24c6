// One head, large: its map, and the line with a bar under each character that the chosen one looks at.
import { make, setText, VERBATIM } from "../shared/dom.ts";
import { drawMap, placeIn } from "./head_map.ts";
import { capital, does, headName, lookText, scoresText } from "./head_words.ts";
import { distanceOf, type HeadsAt, looksAt, mapOf } from "./heads.ts";
import { visible } from "./visible_characters.ts";

/** How many places the sentence about a character names. */
const NAMED = 3;

export class HeadView {
  readonly element: HTMLElement;
  readonly #words = make("p", { class: "ps-head-words", ...VERBATIM });
  readonly #canvas = make("canvas", { role: "img" });
  readonly #line = make("p", { class: "ps-head-line", "aria-hidden": "true", ...VERBATIM });
  readonly #slider = make("input", { type: "range", class: "ps-scrubber", min: "0", step: "1" });
  readonly #looks = make("p", { class: "ps-head-looks", ...VERBATIM });
  #text = "";
  #shown: { heads: HeadsAt; head: number; n_head: number } | null = null;

  constructor() {
    const frame = make("div", { class: "ps-head-frame" }, this.#canvas);
    const field = make("label", { class: "ps-head-place" }, "Character that looks ", this.#slider);
    this.element = make("div", { class: "ps-head-view" }, this.#words, frame, this.#line, field, this.#looks);
    this.#slider.addEventListener("input", () => this.#drawPlace());
    this.#canvas.addEventListener("click", (event) => this.#point(placeIn(this.#canvas, event).row));
    this.#line.addEventListener("click", (event) => {
      const place = [...this.#line.children].indexOf(event.target as Element);
      if (place >= 0) this.#point(place);
    });
  }

  /** @param line the characters that the heads look from and at */
  draw(heads: HeadsAt | null, head: number, n_head: number, line: string): void {
    this.#setLine(line);
    const known = heads !== null && heads.attention.length > 0;
    this.#shown = known ? { heads, head, n_head } : null;
    const name = capital(headName(head, n_head));
    if (!known) {
      this.#canvas.setAttribute("aria-label", `${name}: nothing to show yet`);
      return;
    }
    const map = mapOf(heads, head, heads.previous.length),
      [previous, prefix] = [heads.previous[head], heads.prefix[head]];
    const doing = `${name} ${does(previous, prefix, distanceOf(map))}`;
    setText(this.#words, `${doing}. ${capital(scoresText(previous, prefix))}.`);
    this.#canvas.setAttribute("aria-label", `Attention map. ${doing}. The text below says where each character looks.`);
    drawMap(this.#canvas, map);
    this.#drawPlace();
  }

  #setLine(line: string): void {
    if (line === this.#text) return;
    this.#text = line;
    const characters = [...line];
    this.#line.replaceChildren(...characters.map((one) => make("span", {}, visible(one))));
    this.#slider.max = String(characters.length - 1);
    this.#slider.value = this.#slider.max;
  }

  #point(place: number): void {
    this.#slider.value = String(place);
    this.#drawPlace();
  }

  #drawPlace(): void {
    if (!this.#shown) return;
    const { heads, head } = this.#shown, place = Number(this.#slider.value);
    const map = mapOf(heads, head, heads.previous.length), looks = looksAt(map, place, map.length);
    const parts = new Map(looks.map(({ position, part }) => [position, part]));
    [...this.#line.children].forEach((one, at) => {
      (one as HTMLElement).style.setProperty("--ps-part", String(parts.get(at) ?? 0));
      one.toggleAttribute("data-looks", at === place);
      one.toggleAttribute("data-unread", at > place);
    });
    const words = lookText(this.#text, place, looks.slice(0, NAMED));
    this.#slider.setAttribute("aria-valuetext", words);
    setText(this.#looks, words);
  }
}
