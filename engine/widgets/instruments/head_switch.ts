// Switches heads off and says what that costs.
import type { TrainingSession } from "../../session/session.ts";
import { make, setProse, setText } from "../shared/dom.ts";
import type { AttentionIsland } from "../shared/island.ts";
import { offWords } from "./head_words.ts";
import type { HeadCounts } from "./heads.ts";
import { countedOf, measuredOff, recordedOff } from "./heads_off.ts";
import type { Whose } from "./milestone_choice.ts";

export class HeadSwitch {
  readonly element: HTMLElement;
  readonly #toggle = make("button", { type: "button", class: "ps-button ps-quiet" });
  readonly #all_on = make("button", { type: "button", class: "ps-button ps-quiet" }, "Switch all heads on");
  readonly #words = make("p", { class: "ps-heads-off", role: "status" });
  readonly #off = new Set<number>();
  #whose: Whose = "recorded";
  #head = 0;
  /** Counts what was asked of the engine: only the newest answer is shown. */
  #asked = 0;

  /** @param onSwitch called when other heads are off */
  constructor(
    private readonly island: AttentionIsland,
    private readonly session: TrainingSession,
    private readonly counts: HeadCounts,
    private readonly onSwitch: () => void,
  ) {
    const buttons = make("div", { class: "ps-controls" }, this.#toggle, this.#all_on);
    this.element = make("div", {}, buttons, this.#words);
    this.#toggle.addEventListener("click", () => this.#switch());
    this.#all_on.addEventListener("click", () => this.#allOn());
  }

  get off(): ReadonlySet<number> {
    return this.#off;
  }

  /**
   * @param head the one that the button switches
   * @param usable whether the reader's run has anything to measure
   */
  draw(head: number, whose: Whose, usable: boolean): void {
    this.#head = head;
    if (whose !== this.#whose) {
      this.#whose = whose;
      this.#off.clear();
      this.measure();
    }
    setText(this.#toggle, this.#off.has(head) ? "Switch this head on" : "Switch this head off");
    this.#toggle.disabled = whose === "recorded" ? !this.island.recorded?.off : !usable;
    this.#all_on.hidden = this.#off.size < 2;
  }

  /** Says what the heads that are off cost now. */
  async measure(): Promise<void> {
    const asked = ++this.#asked, off = new Set(this.#off);
    if (off.size === 0 || this.#whose === "recorded") {
      const recorded = this.island.recorded?.off;
      return setProse(this.#words, recorded ? recordedOff(recorded, off, this.counts) : "");
    }
    if (!this.#words.textContent) setProse(this.#words, offWords.asking);
    const words = await this.#measured(off).catch((error) => error instanceof Error ? error.message : String(error));
    if (asked === this.#asked) setProse(this.#words, words ?? offWords.unable);
  }

  /** Later answers are of no use. */
  dispose(): void {
    this.#asked++;
  }

  #measured(off: ReadonlySet<number>): Promise<string | null> {
    const { line, tokens, writings } = this.island;
    const observe = (tokens: Uint8Array, off?: Uint8Array) => this.session.observe(tokens, off);
    return measuredOff(observe, Uint8Array.from(tokens), off, this.counts, countedOf(line, writings));
  }

  /** The recording has each head off alone; the engine takes any number of them. */
  #switch(): void {
    const was = this.#off.has(this.#head);
    if (this.#whose === "recorded") this.#off.clear();
    if (was) this.#off.delete(this.#head);
    else this.#off.add(this.#head);
    this.#switched();
  }

  #allOn(): void {
    this.#off.clear();
    this.#switched();
    this.#toggle.focus(); // the other button has gone
  }

  #switched(): void {
    this.onSwitch();
    this.measure();
  }
}
