// Ways to train the same model, well and badly: a button for each preset with its one changed value, a chart of the
// current run, and a verdict in words. The runs themselves belong to preset_runs.ts.
import { ask, shortened } from "../wording.ts";
import { faultText } from "../wording_of_failures.ts";
import type { Preset, PresetRuns } from "../session/preset_runs.ts";
import type { SessionReadings } from "../session/readings.ts";
import { focusOn } from "./shared/press_guard.ts";
import { make, setProse, setText, tellFigure, TYPED_AS_IT_IS, VERBATIM } from "./shared/dom.ts";
import { count, duration, loss } from "./shared/format.ts";
import { plainNumber, readingWords } from "./shared/number_words.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import { PresetChart } from "./preset_chart.ts";
import { Question } from "./shared/confirm_question.ts";
import { readNumber } from "./shared/typed_number.ts";

const DRAW_EVERY_MS = 150;
/** Name of the run whose learning rate the reader types. */
const OWN = "own";
const ABOUT_CARELESS = "The same run, computed without care: it ends at the first loss that is not a number.";

/** The changed value's name, as the page shows it. */
const NAMES: Record<string, string> = {
  learning_rate: "learning rate",
  batch_size: "sequences per batch",
  warmup_iterations: "iterations of warm-up",
  training_characters: "characters to train on",
};

/** Draws the widget into `root`. @returns a function that unsubscribes from the runs; the caller removes the DOM. */
export function mountPresets(root: Element, presets: Preset[], runs: PresetRuns, vocab_size: number): () => void {
  const widget = new PresetsWidget(presets, runs, vocab_size);
  root.append(widget.element);
  tellFigure(root, runs.session?.status ?? "idle");
  return () => widget.dispose();
}

class PresetsWidget {
  readonly element: HTMLElement;
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #results = new Map<string, HTMLElement>();
  readonly #careless = make("input", { type: "checkbox" });
  readonly #rate = make("input", { ...TYPED_AS_IT_IS, class: "ps-rate", inputmode: "text", value: "1e-2" });
  readonly #warmup = make("input", { type: "checkbox", checked: "" });
  readonly #rate_hint = make("p", { class: "ps-rate-hint", role: "alert" });
  readonly #stage = make("div", { class: "ps-preset-stage", hidden: "" });
  readonly #title = make("p", { class: "ps-preset-title" });
  readonly #about = make("p", { class: "ps-preset-about" });
  readonly #badge = make("span", {});
  readonly #stop = make("button", { type: "button", class: "ps-button ps-quiet" }, "Stop");
  readonly #question = new Question();
  readonly #use_cpu = make("button", { type: "button", class: "ps-link", hidden: "" });
  readonly #failure = make("div", { class: "ps-failure", role: "alert", hidden: "" });
  readonly #verdict = make("p", { class: "ps-verdict" });
  readonly #announcer = make("p", { class: "ps-unseen", role: "status" });
  readonly #facts = make("p", { class: "ps-facts" });
  readonly #chart: PresetChart;
  readonly #pacer = new Pacer(() => this.#draw(), DRAW_EVERY_MS);
  readonly #unsubscribe: () => void;
  readonly #clean: Preset | undefined;

  constructor(private readonly presets: Preset[], private readonly runs: PresetRuns, vocab_size: number) {
    this.#clean = presets.find(({ change }) => change === null);
    this.#chart = new PresetChart(Math.log(vocab_size));
    this.#stage.append(
      make("div", { class: "ps-preset-head" }, this.#title, this.#stop),
      this.#question.element,
      make("p", { ...VERBATIM, class: "ps-badge" }, this.#badge, " ", this.#use_cpu),
      this.#failure,
      this.#about,
      this.#chart.element,
      this.#verdict,
      this.#facts,
    );
    const list = make("ul", { class: "ps-preset-list", role: "list" }, ...presets.map((preset) => this.#entry(preset)));
    const own = this.#clean ? [this.#ownRate(this.#clean)] : [];
    this.element = make(
      "section",
      { class: "ps-panel", "aria-label": "Ways to train, good and bad" },
      list,
      ...own,
      this.#stage,
      this.#announcer,
    );
    this.#use_cpu.addEventListener("click", () => {
      this.runs.useCpu();
      this.#draw();
      focusOn(this.#stop);
    });
    this.#stop.addEventListener("click", () => {
      this.runs.stop();
      this.#draw();
      this.#focusOnButton();
    });
    // A background tab gets no animation frames, but its words must still be correct.
    this.#unsubscribe = runs.on(() => document.hidden ? this.#draw() : this.#pacer.request());
    this.#draw();
  }

  dispose(): void {
    this.#unsubscribe();
    this.#pacer.cancel();
    this.#chart.dispose();
  }

  #entry(preset: Preset): HTMLElement {
    const button = make("button", { type: "button", class: "ps-button ps-quiet" }, preset.label);
    const result = make("span", { class: "ps-preset-result" });
    this.#buttons.set(preset.name, button);
    this.#results.set(preset.name, result);
    button.addEventListener("click", () => this.#run(preset, button));
    const entry = make(
      "li",
      { "data-preset": preset.name },
      button,
      make("span", { class: "ps-preset-change" }, ...changeOf(preset)),
      result,
    );
    if (preset.careless_switch) {
      const words = "with careless arithmetic: no maximum subtracted, tanh unguarded (CPU engine)";
      entry.append(make("label", { class: "ps-choice" }, this.#careless, words));
    }
    return entry;
  }

  #ownRate(clean: Preset): HTMLElement {
    const button = make("button", { type: "submit", class: "ps-button ps-quiet" }, "Try it");
    const warmup = clean.training.warmup_iterations;
    const form = make(
      "form",
      { class: "ps-own-rate" },
      make("label", {}, "A learning rate of your own ", this.#rate),
      make("label", { class: "ps-choice" }, this.#warmup, `with the warm-up of ${warmup} iterations`),
      button,
      this.#rate_hint,
    );
    this.#buttons.set(OWN, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#runOwn(clean, button);
    });
    return form;
  }

  #runOwn(clean: Preset, button: HTMLElement): void {
    const typed = this.#rate.value, reading = readNumber(typed), warmup = clean.training.warmup_iterations;
    setProse(this.#rate_hint, readingWords(typed, reading));
    if (!("value" in reading)) return this.#rate.focus();
    const rate = reading.value;
    const { learning_rate } = clean.training, warm = this.#warmup.checked;
    const training = { ...clean.training, learning_rate: rate, warmup_iterations: warm ? warmup : 0 };
    this.#run({
      ...clean,
      name: OWN,
      label: `lr = ${plainNumber(rate)}${warm ? "" : " without warm-up"}`,
      about: "Your own. The dashed curve is that of a healthy run.",
      change: { key: "learning_rate", value: rate, healthy: learning_rate },
      training,
    }, button);
  }

  #run(preset: Preset, button: HTMLElement): void {
    const careless = preset.careless_switch && this.#careless.checked;
    const act = () => {
      this.runs.run(careless ? { ...preset, about: ABOUT_CARELESS } : preset, careless);
      this.#draw();
    };
    const words = () => {
      const { running, session, preset: shown } = this.runs;
      return running && session!.long ? ask.other_preset(shown!.label) : null;
    };
    this.#question.ask(button, { words, yes: ask.replace, act });
  }

  #focusOnButton(): void {
    focusOn(this.#buttons.get(this.runs.preset?.name ?? ""));
  }

  #draw(): void {
    const { session, preset, running } = this.runs;
    for (const { name, label } of this.presets) {
      const outcome = this.runs.outcomes.get(name), button = this.#buttons.get(name)!;
      const current = running && preset?.name === name;
      button.classList.toggle("ps-current", current);
      button.setAttribute("aria-label", current ? `${label}, training now; press to begin again` : label);
      const said = current ? "training …" : outcome ? `${named(outcome.verdict)}, ${duration(outcome.elapsed_ms)}` : "";
      setText(this.#results.get(name)!, said);
    }
    this.#question.draw();
    this.#stage.hidden = session === null || preset === null;
    tellFigure(this.#stage, session?.status ?? "idle");
    if (session === null || preset === null) return;
    this.#stage.dataset.status = running ? session.status : "idle";
    if (!running && document.activeElement === this.#stop) this.#focusOnButton();
    this.#stop.disabled = !running;
    setText(this.#title, preset.label);
    setProse(this.#about, preset.about);
    setText(
      this.#badge,
      running ? session.detail : `ended at iteration ${count(session.iteration)} of ${preset.training.iterations}`,
    );
    this.#use_cpu.hidden = !this.runs.waits_for_gpu;
    setText(this.#use_cpu, this.#use_cpu.hidden ? "" : "use the CPU engine");
    this.#failure.hidden = session.failure === null;
    setProse(this.#failure, session.failure ? `${session.failure.message} ${session.failure.way_out}` : "");
    this.#drawCurve(session, preset, running);
  }

  #drawCurve(session: SessionReadings, preset: Preset, running: boolean): void {
    const verdict = this.runs.verdict!, fault = session.fault ? ` ${faultText(session.fault)}` : "";
    const lead = running && verdict.name !== "too short to tell" ? "So far: " : "";
    setText(this.#verdict, `${lead}${verdict.words}${fault}`);
    // The visible text changes with every number; a screen reader announces only a new verdict and the end.
    const announced = running ? `${lead}${named(verdict)}` : `${preset.label}: ${verdict.words}${fault}`;
    setText(this.#announcer, running && verdict.name === "too short to tell" ? `Training: ${preset.label}` : announced);
    const { train_nll, val_nll, iteration } = session;
    const lost = verdict.name === "nan" ? verdict.iteration! : null;
    const summary = `Loss of the run “${preset.label}” up to iteration ${iteration}: train ${loss(train_nll)}, val ` +
      `${loss(val_nll)}; behind it, dashed, the textbook's shape`;
    this.#chart.draw(session.history, preset, lost, summary);
    const outcome = this.runs.outcomes.get(preset.name);
    const engine = session.engine?.description ?? outcome?.engine;
    const time = this.runs.elapsed_ms > 0 ? `${duration(this.runs.elapsed_ms)} so far` : "";
    const took = outcome ? `Took ${duration(outcome.elapsed_ms)}` : time;
    const of = `iteration ${count(iteration)} of ${count(preset.training.iterations)}`;
    setText(this.#facts, [took, engine, of, `seed “${shortened(session.seed)}”`].filter(Boolean).join(" · "));
  }
}

/** The verdict in two or three words, such as "NaN at 78". */
function named({ name, iteration }: { name: string; iteration?: number }): string {
  const spelt = name === "nan" ? "NaN" : name;
  return iteration === undefined ? spelt : `${spelt} at ${iteration}`;
}

/** The changed value next to its healthy one. */
function changeOf({ change, training }: Preset): (Node | string)[] {
  if (change === null) {
    const { learning_rate, batch_size, warmup_iterations } = training;
    return [
      `lr ${
        plainNumber(learning_rate)
      }, batches of ${batch_size}, warm-up of ${warmup_iterations}: all as it should be`,
    ];
  }
  const healthy = change.healthy === null ? "all of the text" : plainNumber(change.healthy);
  return [`${NAMES[change.key]}: `, make("strong", {}, plainNumber(change.value)), ` instead of ${healthy}`];
}
