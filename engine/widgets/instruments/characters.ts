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

/** Which character of a split text the pointer is at; null if none. */
export function characterAt(said: Element, event: MouseEvent): number | null {
  const characters = [...said.children], at = characters.indexOf(event.target as Element);
  if (at >= 0) return at;
  const beside = caretAt(event)?.parentElement, near = characters.indexOf(beside as Element);
  if (near < 0) return null;
  const { top, bottom, right } = characters[near].getBoundingClientRect();
  if (event.clientY < top || event.clientY > bottom) return null;
  // A line break has no width: it is what stands beside the end of its line.
  return event.clientX > right && characters[near + 1]?.textContent === "\n" ? near + 1 : near;
}

function caretAt({ clientX, clientY }: MouseEvent): Node | null {
  const page = document as Document & { caretRangeFromPoint?(x: number, y: number): Range | null }; // WebKit's
  if (document.caretPositionFromPoint) return document.caretPositionFromPoint(clientX, clientY)?.offsetNode ?? null;
  return page.caretRangeFromPoint?.(clientX, clientY)?.startContainer ?? null;
}

/** Where the middle of a character is. */
export interface Place {
  x: number;
  y: number;
}

/** How much two characters' middles may differ in height on one line. */
const SAME_LINE_PX = 4;

/** The character above (-1) or below (1) the one at `at`, nearest to it from left to right; `at` if it has no such line. */
export function onNextLine(places: Place[], at: number, direction: -1 | 1): number {
  const from = places[at];
  const beyond = places.map(({ y }, i) => ({ i, away: (y - from.y) * direction })).filter(({ away }) =>
    away > SAME_LINE_PX
  );
  const nearest = Math.min(...beyond.map(({ away }) => away));
  const line = beyond.filter(({ away }) => away < nearest + SAME_LINE_PX).map(({ i }) => i);
  const off = (i: number) => Math.abs(places[i].x - from.x);
  return line.reduce((best, i) => off(i) < off(best) ? i : best, line[0] ?? at);
}

export function placesOf(said: Element): Place[] {
  return [...said.children].map((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return { x: (left + right) / 2, y: (top + bottom) / 2 };
  });
}
