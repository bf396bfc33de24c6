// What a checkpoint must hold: the reader says so first, and then sees recorded runs that went on without a part of it.
// Or the reader's own run goes on, from the whole file and from its weights alone.
import { TwoWays } from "../../session/two_ways.ts";
import { recall, remember } from "../shared/browser_storage.ts";
import { make, setProse, setText, VERBATIM, written } from "../shared/dom.ts";
import type { ResumesIsland } from "../shared/island.ts";
import { claim, commit, withdraw } from "../shared/reader_record.ts";
import type { LatePage } from "./late_page.ts";
import { GO_ON, ofChoice, ofTwoWays, STOP, WAITS_FOR } from "./resumes_words.ts";
import { smallCurve } from "./small_curve.ts";

/** Both ways of each block; they outlive its widget. */
const ways = new WeakMap<Element, TwoWays>();

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountResumes(root: Element, island: ResumesIsland, page: LatePage): () => void {
  const ends: (() => void)[] = [];
  if (island.parts.length > 0) {
    const question = new PartsQuestion(root, island);
    root.prepend(question.element);
    ends.push(() => question.element.remove());
  }
  if (island.live) {
    const place = [...document.querySelectorAll("[data-ps]")].indexOf(root), main = page.sessions[island.session];
    if (!ways.has(root)) {
      ways.set(root, new TwoWays(main, page.host, page.own.TrainingSession, { place, words: WAITS_FOR }));
    }
    const live = new LiveWays(ways.get(root)!, (listener) => main.on("status", listener));
    root.append(live.element);
    ends.push(() => live.dispose());
  }
  return () => ends.forEach((end) => end());
}

/** Uncovers the recorded curves once the reader has answered. */
class PartsQuestion {
  readonly element = make("form", { class: "ps-quiz-form ps-parts" });
  readonly #boxes: { row: HTMLElement; input: HTMLInputElement; mark: HTMLElement; why: HTMLElement }[];
  readonly #button = make("button", { type: "submit", class: "ps-button ps-quiet ps-quiz-check" });
  readonly #verdict = make("p", { class: "ps-quiz-verdict", role: "status" });
  readonly #memory: string;
  #chosen: boolean[] | null;

  constructor(private readonly root: Element, private readonly island: ResumesIsland) {
    this.#memory = `parts:${island.identity}`;
    claim(this.#memory);
    const kept = recall(this.#memory), fits = Array.isArray(kept) && kept.length === island.parts.length;
    this.#chosen = fits ? kept.map(Boolean) : null;
    this.#boxes = island.parts.map(({ text }) => {
      const input = make("input", { type: "checkbox" }), mark = make("span", { class: "ps-quiz-mark" });
      const label = make("label", { class: "ps-quiz-label" }, input, make("span", {}, written(text)), mark);
      const why = make("p", { class: "ps-quiz-why" });
      return { row: make("div", { class: "ps-quiz-option" }, label, why), input, mark, why };
    });
    const legend = make("legend", { class: "ps-quiz-question" }, written(island.question));
    const fields = make("fieldset", { class: "ps-quiz-fields" }, legend, ...this.#boxes.map(({ row }) => row));
    this.element.append(fields, make("div", { class: "ps-quiz-foot" }, this.#button, this.#verdict));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#chosen) this.#startOver();
      else this.#check();
    });
    this.#draw();
  }

  #check(): void {
    const chosen = this.#chosen = this.#boxes.map(({ input }) => input.checked);
    remember(this.#memory, chosen);
    const { parts, question } = this.island,
      named = (which: readonly boolean[]) =>
        parts.filter((_, i) => which[i]).map(({ text }) => plain(text)).join("; ") || "nothing";
    const needed = parts.map((part) => part.needed);
    commit({
      key: this.#memory,
      kind: "answer",
      asked: plain(question),
      said: named(chosen),
      outcome: named(needed),
      right: ofChoice(chosen, needed).right,
    });
    this.#draw();
  }

  #startOver(): void {
    this.#chosen = null;
    remember(this.#memory, null);
    withdraw(this.#memory);
    this.#draw();
  }

  #draw(): void {
    const chosen = this.#chosen, { parts } = this.island;
    this.#boxes.forEach(({ row, input, mark, why }, i) => {
      const { needed, why: because } = parts[i];
      if (chosen) input.checked = chosen[i];
      input.disabled = chosen !== null;
      row.dataset.answer = !chosen ? "open" : chosen[i] === needed ? "right" : "wrong";
      mark.textContent = !chosen ? "" : needed ? "must be there" : "need not be there";
      why.replaceChildren(...(chosen ? [written(because)] : []));
    });
    setProse(this.#button, chosen ? "Answer again" : "Check my answer");
    setProse(this.#verdict, chosen ? ofChoice(chosen, parts.map(({ needed }) => needed)).words : "");
    this.element.dataset.solved = String(chosen !== null); // for sections.ts
    this.root.closest("figure")?.toggleAttribute("data-covered", chosen === null);
  }
}

/** The reader's run, both ways. */
class LiveWays {
  readonly element: HTMLElement;
  readonly #button = make("button", { type: "button", class: "ps-button ps-primary" }, GO_ON);
  readonly #frame = make("div", { class: "ps-resumes-frame" });
  readonly #words = make("p", { class: "ps-badge", role: "status", ...VERBATIM });
  readonly #ends: (() => void)[];

  constructor(private readonly ways: TwoWays, whenStatus: (listener: () => void) => () => void) {
    const controls = make("div", { class: "ps-controls" }, this.#button);
    const parts = [controls, this.#frame, this.#words];
    this.element = make("section", { class: "ps-panel", "aria-label": "Your own run goes on" }, ...parts);
    this.#button.addEventListener("click", () => ways.running ? ways.stop() : ways.run());
    this.#ends = [ways.on(() => this.#draw()), whenStatus(() => this.#draw())];
    this.#draw();
  }

  dispose(): void {
    this.#ends.forEach((end) => end());
  }

  #draw(): void {
    const { running, possible, losses: { state, weights }, further } = this.ways;
    setText(this.#button, running ? STOP : GO_ON);
    this.#button.disabled = !running && !possible;
    this.#frame.hidden = !running && !state;
    if (state) {
      const shown = weights ?? { train: [], val: [] }, behind = { kind: "ps-line-behind" as const, losses: state.val };
      const lines = [
        behind,
        { kind: "ps-line-train" as const, losses: shown.train },
        { kind: "ps-line-val" as const, losses: shown.val },
      ];
      const label = "Loss of your run after the checkpoint: dashed with the whole file, solid from the weights alone";
      this.#frame.replaceChildren(smallCurve(lines, further, label));
    }
    this.element.dataset.status = running ? "running" : "idle";
    setText(this.#words, ofTwoWays(this.ways, possible));
  }
}

function plain(html: string): string {
  return make("span", {}, written(html)).textContent!.trim();
}
