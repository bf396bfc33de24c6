// Ask the model: a reader points at a character of a sample.
import type { AskableText } from "../shared/askable.ts";
import { characterAt, split } from "./characters.ts";
import type { InstrumentsPage } from "./instruments_page.ts";

const POINTED = "ps-pointed";

export function askTheModel({ own }: InstrumentsPage): void {
  own.takeOffers(mark);
}

/** Marks the character under the pointer. */
function mark({ said, shown }: AskableText): void {
  let pointed: Element | undefined;
  const point = (to: Element | undefined) => {
    pointed?.classList.remove(POINTED);
    to?.classList.add(POINTED);
    pointed = to;
  };
  said.addEventListener("pointermove", (event) => {
    const text = shown()?.sample.text;
    const at = text === said.textContent ? characterAt(split(said), event) : null;
    point(at === null ? undefined : said.children[at]);
  });
  said.addEventListener("pointerleave", () => point(undefined));
}
