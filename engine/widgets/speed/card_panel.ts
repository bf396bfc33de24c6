// The report card below the table: its text, and three ways to save it.
import { asRecorded, cardFile, cardText, MOST_BYTES, type ReportCard } from "../../session/report_card.ts";
import { copyText } from "../shared/clipboard.ts";
import { make, setProse, setText, VERBATIM } from "../shared/dom.ts";
import { qrDrawing } from "./qr_drawing.ts";

const COPY = "Copy the card", SAVE = "Save as a file", SHOW = "Show as a QR code", HIDE = "Hide the QR code";
const TITLE = "ps-card-title";
const ABOUT =
  "This is all that the card says, and nothing in it is about you: no name, no place, no address. It stays in this tab " +
  "until you copy, save or scan it.";
const WEIGHTS = {
  same: "On this machine the CPU engine reached the recorded weights, bit for bit.",
  different: "On this machine the CPU engine did not reach the recorded weights. Please send this card: it may " +
    "have found a bug.",
  unknown: "This site has no recorded run of its text, so there is nothing to compare the weights with.",
};
const SELECTED = "Selected: now copy it";
const SAID_MS = 1500;
/** A download may begin a moment after the click. */
const DOWNLOADS_MS = 60_000;

export class CardPanel {
  /** Empty without a card. */
  readonly element = make("section", { class: "ps-card", "aria-labelledby": TITLE, hidden: "" });
  readonly #text = make("pre", {
    ...VERBATIM,
    class: "ps-card-text",
    tabindex: "0",
    role: "group",
    "aria-label": "The report card",
  });
  readonly #weights = make("p", { class: "ps-card-weights" });
  readonly #copy = button(COPY, () => this.#copyCard());
  readonly #show = button(SHOW, () => this.#showCode(this.#code.firstChild === null));
  readonly #code = make("div", { class: "ps-card-code" });
  readonly #parts = [
    make("h2", { class: "ps-card-title", id: TITLE }, "Report card of this machine"),
    this.#weights,
    make("p", { class: "ps-card-about" }, ABOUT),
    this.#text,
    make("div", { class: "ps-controls" }, this.#copy, button(SAVE, () => this.#saveCard()), this.#show),
    this.#code,
  ];
  #card: ReportCard | null = null;

  /** Shows a card, or nothing. */
  show(card: ReportCard | null): void {
    if (card === this.#card) return;
    this.#card = card;
    this.element.hidden = card === null;
    this.element.replaceChildren(...(card ? this.#parts : []));
    if (!card) return;
    const same = asRecorded(card);
    setProse(this.#weights, same === null ? WEIGHTS.unknown : same ? WEIGHTS.same : WEIGHTS.different);
    const text = cardText(card);
    setText(this.#text, text);
    this.#show.hidden = text.length > MOST_BYTES;
    this.#showCode(false);
  }

  /** Where the browser refuses the clipboard, selects the text, so that the reader can copy it. */
  async #copyCard(): Promise<void> {
    const copied = await copyText(cardText(this.#card!));
    if (!copied) getSelection()?.selectAllChildren(this.#text);
    setText(this.#copy, copied ? "Copied" : SELECTED);
    setTimeout(() => setText(this.#copy, COPY), SAID_MS);
  }

  #saveCard(): void {
    const address = URL.createObjectURL(new Blob([cardText(this.#card!) + "\n"], { type: "application/json" }));
    make("a", { href: address, download: cardFile(this.#card!) }).click();
    setTimeout(() => URL.revokeObjectURL(address), DOWNLOADS_MS);
  }

  #showCode(shown: boolean): void {
    this.#code.replaceChildren(
      ...(shown ? [qrDrawing(cardText(this.#card!), "QR code that contains the report card’s text")] : []),
    );
    this.#show.setAttribute("aria-expanded", String(shown));
    setText(this.#show, shown ? HIDE : SHOW);
  }
}

function button(label: string, press: () => void): HTMLButtonElement {
  const made = make("button", { type: "button", class: "ps-button ps-quiet" }, label);
  made.addEventListener("click", press);
  return made;
}
