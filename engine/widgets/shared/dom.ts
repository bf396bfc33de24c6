// The few DOM calls that every widget needs.
import { shortened } from "../../wording.ts";
import { relabelled } from "./press_guard.ts";

/**
 * Makes an element. Strings among the children become text nodes, so text from a model or an author can never become
 * markup.
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
 * Attributes for text that must stay exactly as it is: text by a model or a reader, numbers, labels that a run changes.
 * A browser that translates the page leaves it alone. It then marks the page as being in another language, so `lang`
 * says that this part is still English.
 */
export const VERBATIM = { translate: "no", lang: "en" };

/** Attributes for a field whose text must stay exactly as typed: neither browser nor phone may change or save it. */
export const TYPED_AS_IT_IS = {
  type: "text",
  autocapitalize: "none",
  autocorrect: "off",
  spellcheck: "false",
  autocomplete: "off",
  translate: "no",
};

/** A seed in a sentence: shortened if very long. A seed in a right-to-left script does not reorder the sentence. */
export function seedNode(seed: string): HTMLElement {
  return make("bdi", { ...VERBATIM, class: "ps-seed-said" }, shortened(seed));
}

/** Inserts HTML that the build made from an author's Markdown. Never use it for text from a model or a reader. */
export function written(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const one of template.content.querySelectorAll("code, pre, .ps-formula")) setAttributes(one, VERBATIM);
  return template.content;
}

/**
 * Sets text that a run or a reader changes: a number, a label, a sample. The element becomes VERBATIM: if the browser
 * translated it, it would never equal `text`, be set again each time, and flicker. Text that is already right is not
 * touched, which costs no layout and keeps a selection in it.
 */
export function setText(element: Element, text: string): void {
  if (!element.hasAttribute("translate")) setAttributes(element, VERBATIM);
  if (element.textContent === text) return;
  element.textContent = text;
  relabelled(element);
}

const prose = new WeakMap<Element, string>();

/** Sets a sentence that the browser may translate. The translation stays until the sentence changes. */
export function setProse(element: Element, text: string): void {
  if (prose.get(element) === text) return;
  prose.set(element, text);
  element.textContent = text;
  relabelled(element);
}

/**
 * Puts the run's status on the widget's figure. Style sheets show the recorded run if a run has failed, and in print if
 * none was started.
 */
export function tellFigure(root: Element, status: string): void {
  const figure = root.closest("figure");
  if (figure) figure.dataset.run = status;
}

/** Makes `wanted` the children of `parent`, in that order. Elements already in place keep the focus. */
export function setChildren(parent: Element, wanted: Element[]): void {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
}
