// The characters of a text as elements of their own, so that each can be found, marked and shaded.
import { make } from "../shared/dom.ts";

/** Puts each character into a <span>, unless they are already. The text stays the same, and so do its lines. */
export function split(said: Element): HTMLCollection {
  const characters = Array.from(said.textContent ?? "");
  if (said.childElementCount !== characters.length) {
    said.replaceChildren(...characters.map((one) => make("span", {}, one)));
  }
  return said.children;
}

/** Which character an event of the pointer meets; null if none. */
export function characterAt(characters: HTMLCollection, { target }: Event): number | null {
  const at = [...characters].indexOf(target as Element);
  return at < 0 ? null : at;
}
