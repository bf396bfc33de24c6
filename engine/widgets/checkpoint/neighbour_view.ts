// A neighbour's file beside the runs of this page: opened by a button, or dropped on the block.
import type { Neighbour, OwnRun } from "../../session/neighbour.ts";
import type { ShortRuns } from "../../session/short_run.ts";
import { comparedText, twinWords as words } from "../../wording_of_talk.ts";
import { make, setProse } from "../shared/dom.ts";

export class NeighbourView {
  readonly element = make("div", { class: "ps-neighbour" });
  readonly #picker = make("input", { type: "file", class: "ps-unseen", accept: ".safetensors", tabindex: "-1" });
  readonly #open = make("button", { type: "button", class: "ps-button ps-quiet" }, words.open);
  readonly #train = make("button", { type: "button", class: "ps-button ps-quiet", hidden: "" });
  readonly #badge = make("p", { class: "ps-neighbour-badge", role: "status" });
  readonly #results = make("ul", { class: "ps-neighbour-results", role: "list" });

  /**
   * @param root where a file can be dropped
   * @param own what it is compared with
   * @param train trains the file's seed here
   */
  constructor(
    root: Element,
    private readonly neighbour: Neighbour,
    private readonly beside: ShortRuns,
    own: () => OwnRun[],
    train: () => void,
    signal: AbortSignal,
  ) {
    const open = (file: File | undefined) => file && neighbour.open(file, own());
    this.#open.addEventListener("click", () => this.#picker.click(), { signal });
    this.#picker.addEventListener("change", () => {
      open(this.#picker.files?.[0]);
      this.#picker.value = ""; // the same file can be chosen again
    }, { signal });
    this.#picker.setAttribute("aria-label", words.open);
    this.#train.addEventListener("click", () => this.beside.running ? this.#stop() : train(), { signal });
    // The page itself loads a file that is dropped elsewhere; what is dropped here is only compared. The page must still
    // learn of it, or it would go on asking for the drop.
    for (const event of ["dragenter", "dragover", "drop"]) {
      root.addEventListener(event, (event) => {
        const { dataTransfer } = event as DragEvent;
        if (!dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        if (event.type === "drop") open(dataTransfer.files[0]);
      }, { signal });
    }
    this.element.append(
      make("p", { class: "ps-neighbour-title" }, words.neighbour),
      make("div", { class: "ps-controls" }, this.#open, this.#picker, this.#train),
      this.#badge,
      this.#results,
    );
  }

  draw(): void {
    const { facts, results, failure, reading, trainable } = this.neighbour, { running, runs: [run] } = this.beside;
    this.#train.hidden = !running && (trainable === null || reading);
    if (running) setProse(this.#train, words.stop);
    else if (trainable) setProse(this.#train, words.train_beside(trainable.seed, trainable.until));
    setProse(this.#badge, failure ?? this.#doing());
    const lines = results.map(({ words: of, comparison }) => `${words.beside(of)}${comparedText(comparison)}`);
    if (facts?.unlike) lines.push(facts.unlike);
    else if (facts && !reading && results.length === 0 && !run) lines.push(words.nothing_to_compare);
    while (this.#results.children.length < lines.length) this.#results.append(make("li"));
    while (this.#results.children.length > lines.length) this.#results.lastElementChild!.remove();
    lines.forEach((line, i) => setProse(this.#results.children[i], line));
  }

  #stop(): void {
    this.beside.stop();
    this.draw();
  }

  #doing(): string {
    const { facts, reading } = this.neighbour, [run] = this.beside.runs;
    if (run && !run.ended) {
      const { session } = run;
      return session.status === "running" ? words.training([session.iteration], run.until) : session.detail;
    }
    if (run?.failure) return run.failure;
    if (!facts) return reading ? words.reading : "";
    return words.holds(facts.about.seed, facts.about.iteration, facts.about);
  }
}
