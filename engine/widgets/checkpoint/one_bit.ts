// One flipped bit of one weight in the reader's file: what the page says of the file, how the hash changes, and what
// the loss of the model is with the changed weight.
import type { ModelConfig } from "../../training/config.ts";
import { tensors } from "../../training/params.ts";
import type { TrainingSession } from "../../session/session.ts";
import { flipped } from "../../session/one_bit.ts";
import { make, setProse, setText, VERBATIM } from "../shared/dom.ts";
import { DASH } from "../shared/format.ts";
import type { OneBitIsland } from "../shared/island.ts";
import { partsOf } from "./file_map.ts";
import type { LatePage } from "./late_page.ts";
import { lossText, partOf, sameDigits, weight, whichDigit } from "./one_bit_words.ts";
import { weightsIn } from "./own_file.ts";

const BITS = 32, BYTES = 4, BYTE_BITS = 8;

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountOneBit(root: Element, island: OneBitIsland, page: LatePage): () => void {
  const widget = new OneBit(island, page.sessions[island.session]);
  root.append(widget.element);
  return () => {};
}

/** A weight that can be changed, by its place in the vector of training/params.ts. */
interface Choice {
  label: string;
  tensor: string;
  /** Within its tensor. */
  number: number;
  at: number;
}

function choices({ character, row }: OneBitIsland, model: ModelConfig): Choice[] {
  const offered = [
    { tensor: "wte", number: row * model.n_embd, label: `wte[“${character}”, 0]` },
    { tensor: "wpe", number: 0, label: "wpe[0, 0]" },
    { tensor: "h.0.attn.qkv", number: 0, label: "h.0.attn.qkv[0, 0]" },
    { tensor: `h.${model.n_layer - 1}.mlp.fc`, number: 0, label: `h.${model.n_layer - 1}.mlp.fc[0, 0]` },
    { tensor: "ln_f.weight", number: 0, label: "ln_f.weight[0]" },
  ];
  const offsets = new Map(tensors(model).map(({ name, offset }) => [name, offset]));
  return offered.map((one) => ({ ...one, at: offsets.get(one.tensor)! + one.number }));
}

class OneBit {
  readonly element: HTMLElement;
  readonly #session: TrainingSession;
  readonly #choices: Choice[];
  readonly #open = make("button", { type: "button", class: "ps-button ps-primary" }, "Take a copy of my file");
  readonly #weight = make("select", { class: "ps-select-field", disabled: "", ...VERBATIM });
  readonly #bits: HTMLButtonElement[];
  readonly #lines = new Map<string, HTMLElement>();
  readonly #words = make("p", { class: "ps-bit-words", role: "status" });
  readonly #failure = make("p", { class: "ps-failure", role: "alert", hidden: "" });
  #file: Uint8Array<ArrayBuffer> | null = null;
  #weights: Float32Array<ArrayBuffer> | null = null;
  #busy = false;

  constructor(island: OneBitIsland, session: TrainingSession) {
    const { model, corpus } = session.options;
    this.#session = session;
    this.#choices = choices(island, { ...model, vocab_size: corpus.vocab_size });
    this.#weight.append(...this.#choices.map(({ label }, i) => make("option", { value: String(i) }, label)));
    this.#bits = Array.from({ length: BITS }, (_, i) => this.#bitButton(BITS - 1 - i));
    const field = make("label", { class: "ps-bytes-field" }, "Weight ", this.#weight);
    const row = make("div", { class: "ps-bit-row", role: "group", "aria-label": "The 32 bits of this weight" });
    row.append(...this.#bits);
    const list = make("dl", { class: "ps-bit-results", ...VERBATIM });
    for (const name of ["weight", "file", "hash", "loss"]) {
      const value = make("dd", {}, DASH);
      this.#lines.set(name, value);
      list.append(make("div", {}, make("dt", {}, LABELS[name]), value));
    }
    const controls = make("div", { class: "ps-controls" }, this.#open, field);
    const parts = [controls, row, this.#words, list, this.#failure];
    this.element = make("section", { class: "ps-panel", "aria-label": "One flipped bit" }, ...parts);
    this.#open.addEventListener("click", () => this.#take());
    this.#weight.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  get #choice(): Choice {
    return this.#choices[Number(this.#weight.value || 0)];
  }

  #bitButton(bit: number): HTMLButtonElement {
    const button = make("button", { type: "button", class: "ps-bit-button", disabled: "", "data-part": partOf(bit) });
    button.addEventListener("click", () => this.#flip(bit));
    return button;
  }

  async #take(): Promise<void> {
    await this.#orSay(async () => {
      const file = await this.#session.save("weights");
      this.#file = new Uint8Array(await file.arrayBuffer());
      this.#weights = (await weightsIn(file)).weights;
      for (const line of this.#lines.values()) setText(line, DASH);
      setText(this.#open, "Take another copy");
      this.#weight.disabled = false;
    });
  }

  /** The copy with one bit flipped: shown to the reader of files, and then believed all the same. */
  async #flip(bit: number): Promise<void> {
    const { at, tensor, number } = this.#choice, weights = this.#weights!, changed = flipped(weights, at, bit);
    await this.#orSay(async () => {
      const file = this.#file!.slice(), { begin } = partsOf(file).find(({ name }) => name === tensor)!;
      file[begin + BYTES * number + Math.floor(bit / BYTE_BITS)] ^= 1 << bit % BYTE_BITS;
      const refused = await this.#session.read(new Blob([file])).then(
        () => "It was accepted.",
        (error) => error.message,
      );
      const before = await this.#session.tryWeights(weights), after = await this.#session.tryWeights(changed);
      const [was, is] = [lossText(before.val), lossText(after.val)];
      this.#say("weight", `${weight(weights[at])} → ${weight(changed[at])} (bit ${bit}, ${partOf(bit)})`);
      this.#say("file", refused);
      this.#say(
        "hash",
        `${before.fingerprint} → ${after.fingerprint}. ${sameDigits(before.fingerprint, after.fingerprint)}`,
      );
      const finite = Number.isFinite(changed[at]);
      this.#say("loss", finite ? `${was} → ${is}. ${whichDigit(was, is)}` : NO_NUMBER);
    });
  }

  #say(name: string, words: string): void {
    setText(this.#lines.get(name)!, words);
  }

  async #orSay(task: () => Promise<void>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#draw();
    try {
      await task();
      this.#failure.hidden = true;
    } catch (error) {
      this.#failure.hidden = false;
      setProse(this.#failure, error instanceof Error ? error.message : String(error));
    }
    this.#busy = false;
    this.#draw();
  }

  #draw(): void {
    const weights = this.#weights, bits = weights ? bitsOf(weights[this.#choice.at]) : "-".repeat(BITS);
    this.#bits.forEach((button, i) => {
      const bit = BITS - 1 - i;
      setText(button, bits[i]);
      button.disabled = weights === null;
      button.setAttribute("aria-label", `Flip bit ${bit}, ${partOf(bit)}: ${bits[i]}`);
    });
    this.element.toggleAttribute("data-busy", this.#busy);
    const asking = weights
      ? "Press a bit to flip it in the copy. Your run is not touched."
      : "Your run stays as it is.";
    setProse(this.#words, this.#busy ? "Measuring." : asking);
  }
}

const NO_NUMBER = "Not measured: the weight is no longer a number, and the engine refuses it.";

const LABELS: Record<string, string> = {
  weight: "The weight",
  file: "When the page opens the file",
  hash: "SHA-256 of the weights",
  loss: "Val NLL with the changed weight",
};

/** @returns 32 characters, the sign first */
function bitsOf(value: number): string {
  return new Uint32Array(Float32Array.of(value).buffer)[0].toString(2).padStart(BITS, "0");
}
