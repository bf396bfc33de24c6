// The few DOM calls that every widget needs.
import { shortened } from "../../training/seed.ts";
import { relabelled } from "./care.ts";

/**
 * Makes an element. Strings among the children become text nodes, so text written by a model or an author can
 * never turn into markup.
 */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

function setAttributes(element: Element, attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

/**
 * Of what counts to the letter: text by a model or a reader, numbers, labels that a run changes. A browser that translates
 * the page leaves it alone, and says of the whole page that it is in another language; this is still in English.
 */
export const VERBATIM = { translate: "no", lang: "en" };

/** Of a field whose text counts to the letter: neither browser nor phone is to change it, or to save it. */
export const TYPED_AS_IT_IS = {
  type: "text",
  autocapitalize: "none",
  autocorrect: "off",
  spellcheck: "false",
  autocomplete: "off",
  translate: "no",
};

/** A seed in a sentence: shortened where it is very long, and whatever its script, it does not turn the sentence about. */
export function seedNode(seed: string): HTMLElement {
  return make("bdi", { ...VERBATIM, class: "ps-seed-said" }, shortened(seed));
}

/** HTML that the site's builder made of an author's Markdown. Never for anything that a model or a reader wrote. */
export function written(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const one of template.content.querySelectorAll("code, pre, .ps-formula")) setAttributes(one, VERBATIM);
  return template.content;
}

/**
 * Sets the text of what a run or a reader changes: a number, a label, a sample. It is VERBATIM from then on: translated, it
 * would be compared with what it never said, and flicker. Untouched text is left alone: it costs no layout, and a selection
 * in it survives.
 */
export function setText(element: Element, text: string): void {
  if (!element.hasAttribute("translate")) setAttributes(element, VERBATIM);
  if (element.textContent === text) return;
  element.textContent = text;
  relabelled(element);
}

const prose = new WeakMap<Element, string>();

/** Sets a sentence that a browser may translate: its translation stays until there is another sentence. */
export function setProse(element: Element, text: string): void {
  if (prose.get(element) === text) return;
  prose.set(element, text);
  element.textContent = text;
  relabelled(element);
}

/**
 * Lets a widget's figure know how its run stands: style sheets show what was recorded where a run has failed, and on paper
 * where none was begun.
 */
export function tellFigure(root: Element, status: string): void {
  const figure = root.closest("figure");
  if (figure) figure.dataset.run = status;
}

/** Puts `wanted` into `parent` in that order and takes everything else out. What stands right keeps its focus. */
export function setChildren(parent: Element, wanted: Element[]): void {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
}
