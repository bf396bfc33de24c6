// An experiment: runs that differ in two settings, side by side. Each shows its recorded curve, and over it the reader's
// own run. If the author asks for it, the curves stay covered until the reader has said which run ends lowest.
import { ask } from "../wording.ts";
import type { PresetRuns } from "../session/preset_runs.ts";
import { Question } from "./shared/confirm_question.ts";
import { make, setProse, setText, VERBATIM } from "./shared/dom.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import type { ExperimentIsland, ExperimentRun } from "./shared/island.ts";
import { focusOn } from "./shared/press_guard.ts";
import { claim, commit, commitments, whenCommitted } from "./shared/reader_record.ts";
import { count } from "./shared/format.ts";
import { clearCurve, drawCurve } from "./experiment_curve.ts";
import { ends, here, verdictOnGuess } from "./experiment_guess.ts";

const DRAW_EVERY_MS = 150;

interface Cell {
  run: ExperimentRun;
  element: HTMLElement;
  frame: HTMLElement;
  result: HTMLElement;
  button: HTMLButtonElement;
  curve: SVGSVGElement | null;
  /** What the curve's axes hold; out of the page while it is covered. */
  lines: SVGSVGElement | null;
}

/** Draws the widget into `root`. @returns a function that unsubscribes from the runs; the caller removes the DOM. */
export function mountExperiment(root: Element, island: ExperimentIsland, runs: PresetRuns<ExperimentRun>): () => void {
  const widget = new Experiment(root, island, runs);
  root.append(widget.element);
  return () => widget.dispose();
}

class Experiment {
  readonly element: HTMLElement;
  readonly #cells: Cell[];
  readonly #words = make("p", { class: "ps-experiment-question", role: "status" });
  readonly #badge = make("p", { ...VERBATIM, class: "ps-badge" });
  readonly #failure = make("div", { class: "ps-failure", role: "alert", hidden: "" });
  readonly #question = new Question();
  readonly #pacer = new Pacer(() => this.#draw(), DRAW_EVERY_MS);
  readonly #unsubscribe: () => void;

  constructor(
    private readonly root: Element,
    private readonly island: ExperimentIsland,
    private readonly runs: PresetRuns<ExperimentRun>,
  ) {
    if (this.#guess) claim(this.#key);
    this.#cells = island.runs.map((run) => this.#cell(root, run));
    this.#words.classList.toggle("ps-experiment-asks", island.ask);
    const list = make("ul", { class: "ps-cells", role: "list" }, ...this.#cells.map(({ element }) => element));
    const parts = [this.#words, list, this.#question.element, this.#badge, this.#failure];
    this.element = make("section", { class: "ps-panel", "aria-label": island.label }, ...parts);
    // A background tab gets no animation frames, but its words must still be correct.
    const on_change = runs.on(() => document.hidden ? this.#draw() : this.#pacer.request());
    const on_commit = whenCommitted(() => this.#pacer.request()); // the reader has answered in another block
    this.#unsubscribe = () => [on_change, on_commit].forEach((end) => end());
    this.#draw();
  }

  dispose(): void {
    this.#unsubscribe();
    this.#pacer.cancel();
  }

  #cell(root: Element, run: ExperimentRun): Cell {
    const frame = make("div", { class: "ps-cell-frame" }), result = make("p", { class: "ps-cell-result" });
    const button = make("button", { type: "button", class: "ps-button ps-quiet" });
    button.addEventListener("click", () => this.#press(run, button));
    const title = make("p", { class: "ps-cell-title" }, run.label);
    const element = make("li", { class: "ps-cell" }, title, frame, result, button);
    // The build has drawn the recorded curve once, for readers without a script.
    const place = CSS.escape(run.name), drawn = root.parentElement?.querySelector(`[data-run="${place}"] svg`);
    const curve = drawn?.cloneNode(true) as SVGSVGElement | undefined;
    curve?.removeAttribute("aria-labelledby");
    curve?.querySelectorAll("title, desc").forEach((words) => words.remove());
    if (curve) frame.append(curve);
    const lines = curve?.querySelector("svg") ?? null;
    return { run, element, frame, result, button, curve: curve ?? null, lines };
  }

  /** What the reader has said; null before that, or if this experiment no longer has such a run. */
  get #guess(): ExperimentRun | null {
    const said = commitments().find(({ key }) => key === this.#key)?.said;
    return this.island.runs.find(({ label }) => label === said) ?? null;
  }

  get #key(): string {
    return `experiment:${this.island.name}`;
  }

  get #covered(): boolean {
    return this.island.ask && this.#guess === null;
  }

  #press(run: ExperimentRun, button: HTMLButtonElement): void {
    if (this.#covered) return this.#commit(run, button);
    if (this.runs.running && this.runs.preset?.name === run.name) {
      this.runs.stop();
      return this.#draw();
    }
    const words = () => {
      const { running, session, preset } = this.runs;
      return running && session!.long ? ask.other_preset(preset!.label) : null;
    };
    const act = () => {
      this.runs.run(run);
      this.#draw();
    };
    this.#question.ask(button, { words, yes: ask.replace, act });
  }

  #commit(run: ExperimentRun, button: HTMLButtonElement): void {
    const { right, outcome } = verdictOnGuess(run, this.island.runs);
    const asked = `${this.island.label}: which run ends lowest?`;
    commit({ key: this.#key, kind: "answer", asked, said: run.label, outcome, right });
    this.#draw();
    focusOn(button);
  }

  #draw(): void {
    const { session, running, preset } = this.runs, covered = this.#covered, guess = this.#guess;
    const asking = "Which of these runs ends lowest? Choose one, then compare.";
    const { words } = guess && this.island.ask ? verdictOnGuess(guess, this.island.runs) : { words: "" };
    setProse(this.#words, covered ? asking : words);
    for (const cell of this.#cells) this.#drawCell(cell, covered);
    this.element.dataset.solved = String(this.island.ask ? guess !== null : session !== null); // for sections.ts
    this.root.closest("figure")?.toggleAttribute("data-covered", covered); // for print.css
    const own = session !== null && preset !== null;
    const ended = own ? `${preset.label}: ended at iteration ${count(session.iteration)}` : "";
    setText(this.#badge, own ? (running ? `${preset.label}: ${session.detail}` : ended) : "");
    this.element.dataset.status = running && own ? session.status : "idle";
    const failure = session?.failure;
    this.#failure.hidden = !failure;
    setProse(this.#failure, failure ? `${failure.message} ${failure.way_out}` : "");
    this.#question.draw();
  }

  #drawCell({ run, result, button, curve, lines }: Cell, covered: boolean): void {
    const { running, preset, session, outcomes } = this.runs;
    const current = preset?.name === run.name && running;
    const history = current ? session!.history : outcomes.get(run.name)?.history ?? null;
    curve?.setAttribute(
      "aria-label",
      covered ? `Axes for the loss curve: ${run.label}` : `Recorded loss curve: ${run.label}`,
    );
    if (covered) lines?.remove();
    else if (lines && !lines.isConnected) curve!.append(lines);
    const own = history ? here(history, run.training.iterations, current) : "";
    if (curve && history) drawCurve(curve, history, this.island.span, run.training.iterations);
    else if (curve) clearCurve(curve);
    setText(result, covered ? "" : [ends("recorded", run.end), own].filter(Boolean).join(" · "));
    setText(button, covered ? "This one" : current ? "Stop" : "Train it here");
    button.setAttribute("aria-label", `${button.textContent}: ${run.label}`);
  }
}
