// Ways to train the same model, well and badly: a button for each preset with its one changed value, a chart of the
// current run, and a verdict in words. The runs themselves belong to preset_runs.ts.
import { ask, naming, shortened } from "../wording.ts";
import { faultText } from "../wording_of_failures.ts";
import type { Preset, PresetRuns } from "../session/preset_runs.ts";
import type { SessionReadings } from "../session/readings.ts";
import type { PresetsIsland } from "./shared/island.ts";
import { focusOn } from "./shared/press_guard.ts";
import type { PresetStrip } from "./shared/preset_strip_place.ts";
import { make, setProse, setText, tellFigure, VERBATIM } from "./shared/dom.ts";
import { count, duration, loss } from "./shared/format.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import { whenCommitted } from "./shared/reader_record.ts";
import { OWN, OwnRate } from "./own_rate.ts";
import { PresetChart } from "./preset_chart.ts";
import { changeOf, course, named } from "./preset_words.ts";
import { type NamingFields, PresetsNaming } from "./presets_naming.ts";
import { PresetPlace } from "./preset_place.ts";
import { Question } from "./shared/confirm_question.ts";

const DRAW_EVERY_MS = 150;
const ABOUT_CARELESS = "The same run with careless arithmetic: it ends at the first loss that is not a number.";

/** Draws the widget into `root`. @returns a function that unsubscribes from the runs; the caller removes the DOM. */
export function mountPresets(
  root: Element,
  { presets, recorded_norms, ...fields }: Pick<PresetsIsland, "presets" | "recorded_norms"> & NamingFields,
  runs: PresetRuns,
  vocab_size: number,
): () => void {
  const widget = new PresetsWidget(root, presets, fields, runs, vocab_size, recorded_norms);
  root.append(widget.element);
  widget.reopen();
  tellFigure(root, runs.session?.status ?? "idle");
  return () => widget.dispose();
}

class PresetsWidget {
  readonly element: HTMLElement;
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #results = new Map<string, HTMLElement>();
  readonly #changes = new Map<string, HTMLElement>();
  readonly #careless = make("input", { type: "checkbox" });
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
  readonly #place: PresetPlace;
  readonly #pacer = new Pacer(() => this.#draw(), DRAW_EVERY_MS);
  readonly #unsubscribe: () => void;
  readonly #naming: PresetsNaming;
  /** Null until its script has come, and where the author wants none. */
  #strip: PresetStrip | null = null;
  /** The length of the longest preset: the time axis of a mystery run. */
  readonly #longest: number;

  constructor(
    root: Element,
    private readonly presets: Preset[],
    fields: NamingFields,
    private readonly runs: PresetRuns,
    vocab_size: number,
    private readonly recorded_norms: PresetsIsland["recorded_norms"],
  ) {
    this.#chart = new PresetChart(Math.log(vocab_size));
    this.#longest = Math.max(...presets.map(({ training }) => training.iterations));
    this.#naming = new PresetsNaming(root, fields, presets, runs, () => this.#draw());
    this.#stage.append(
      make("div", { class: "ps-preset-head" }, this.#title, this.#stop),
      make("p", { ...VERBATIM, class: "ps-badge" }, this.#badge, " ", this.#use_cpu),
      this.#failure,
      this.#about,
      this.#chart.element,
      this.#verdict,
      this.#naming.element,
      this.#facts,
    );
    const list = make("ul", { class: "ps-preset-list", role: "list" }, ...presets.map((preset) => this.#entry(preset)));
    this.element = make(
      "section",
      { class: "ps-panel", "aria-label": "Ways to train, good and bad" },
      list,
      ...this.#others(),
      this.#stage,
      this.#announcer,
    );
    this.#place = new PresetPlace(this.element, this.#stage, this.#chart.element);
    this.#use_cpu.addEventListener("click", () => {
      this.runs.useCpu();
      this.#draw();
      focusOn(this.#stop);
    });
    this.#stop.addEventListener("click", () => {
      this.runs.stop();
      this.#draw();
      focusOn(this.#pressed());
    });
    // A background tab gets no animation frames, but its words must still be correct.
    const ends = [
      runs.on(() => document.hidden ? this.#draw() : this.#pacer.request()),
      whenCommitted(() => this.#pacer.request()), // the reader has named a curve in another block
    ];
    this.#unsubscribe = () => ends.forEach((end) => end());
    this.#draw();
  }

  /** Puts the run's stage back into its place. To be called once the widget is in the page. */
  reopen(): void {
    const button = this.#pressed();
    if (button) this.#place.reopen(button);
  }

  dispose(): void {
    this.#unsubscribe();
    this.#pacer.cancel();
    this.#chart.dispose();
    this.#place.dispose();
  }

  #entry(preset: Preset): HTMLElement {
    const button = make("button", { type: "button", class: "ps-button ps-quiet" });
    const result = make("span", { class: "ps-preset-result" }), change = make("span", { class: "ps-preset-change" });
    this.#buttons.set(preset.name, button);
    this.#results.set(preset.name, result);
    this.#changes.set(preset.name, change);
    button.addEventListener("click", () => this.#run(() => preset, button));
    const entry = make(
      "li",
      { "data-preset": preset.name },
      button,
      change,
      result,
    );
    if (preset.careless_switch) {
      const words = "with careless arithmetic: softmax and tanh lack their safeguards (CPU engine)";
      entry.append(make("label", { class: "ps-choice" }, this.#careless, words));
    }
    return entry;
  }

  /** Below the list: a rate of the reader's own, and the mystery run. */
  #others(): HTMLElement[] {
    const clean = this.presets.find(({ change }) => change === null), others = [];
    if (clean) {
      const own = new OwnRate(clean, (preset) => this.#run(() => preset, own.button));
      this.#buttons.set(OWN, own.button);
      others.push(own.element);
    }
    const { mystery, mystery_button } = this.#naming;
    if (mystery) {
      mystery_button.addEventListener("click", () => this.#run(() => this.#naming.nextMystery(), mystery_button));
      others.push(mystery);
    }
    return others;
  }

  /** Trains the run that `chosen` returns; asks first if that would lose another run. */
  #run(chosen: () => Preset, button: HTMLElement): void {
    const act = () => {
      const preset = chosen(), careless = preset.careless_switch && this.#careless.checked;
      const shown = { ...preset, label: this.#naming.label(preset) }; // other runs say what they wait for
      this.runs.run(careless ? { ...shown, about: ABOUT_CARELESS } : shown, careless);
      this.#draw();
      this.#place.open(button);
    };
    const words = () => {
      const { running, session, preset: shown } = this.runs;
      return running && session!.long ? ask.other_preset(this.#naming.label(shown!)) : null;
    };
    this.#place.ask(button, this.#question.element);
    this.#question.ask(button, { words, yes: ask.replace, act });
  }

  /** The button of the current or last run. */
  #pressed(): HTMLElement | undefined {
    const { preset } = this.runs;
    return preset?.stands_for ? this.#naming.mystery_button : this.#buttons.get(preset?.name ?? "");
  }

  #drawEntry(entry: Preset): void {
    const { running, preset, outcomes } = this.runs, { name } = entry, button = this.#buttons.get(name)!;
    const outcome = outcomes.get(name), current = running && preset?.name === name;
    const covered = this.#naming.covers(entry), label = this.#naming.label(entry), change = this.#changes.get(name)!;
    setText(button, label);
    button.classList.toggle("ps-current", current);
    button.setAttribute("aria-label", current ? `${label}, training now; press to begin again` : label);
    if (change.dataset.covered !== String(covered)) change.replaceChildren(...changeOf(entry, covered));
    change.dataset.covered = String(covered);
    const took = outcome ? duration(outcome.elapsed_ms) : "";
    const seen = outcome && covered && !outcome.careless ? naming.unnamed : outcome ? named(outcome.verdict) : "";
    setText(this.#results.get(name)!, current ? "training …" : outcome ? `${seen}, ${took}` : "");
  }

  #draw(): void {
    const { session, preset, running } = this.runs;
    for (const entry of this.presets) this.#drawEntry(entry);
    this.#naming.mystery_button.classList.toggle("ps-current", running && preset!.stands_for !== undefined);
    this.#question.draw();
    this.#stage.hidden = session === null || preset === null;
    tellFigure(this.#stage, session?.status ?? "idle");
    if (session === null || preset === null) return;
    this.#stage.dataset.status = running ? session.status : "idle";
    if (!running && document.activeElement === this.#stop) focusOn(this.#pressed());
    this.#stop.disabled = !running;
    this.#naming.draw(); // may complete what the reader has said, and uncover the run
    const { covered } = this.#naming;
    setText(this.#title, this.#naming.label(preset));
    setProse(this.#about, covered ? "" : (preset.stands_for ?? preset).about);
    // How long a mystery run would be gives it away.
    const of = covered && preset.stands_for ? "" : ` of ${count(preset.training.iterations)}`;
    setText(this.#badge, running ? session.detail : `ended at iteration ${count(session.iteration)}${of}`);
    this.#use_cpu.hidden = !this.runs.waits_for_gpu;
    setText(this.#use_cpu, this.#use_cpu.hidden ? "" : "use the CPU engine");
    this.#failure.hidden = session.failure === null;
    setProse(this.#failure, session.failure ? `${session.failure.message} ${session.failure.way_out}` : "");
    this.#drawVerdict(session, preset, covered);
    this.#drawCurve(session, preset, covered);
    this.#drawStrip(session, preset, covered);
    const seed = covered ? "" : `seed “${shortened(session.seed)}”`;
    const facts = [...this.#timing(session, preset), `iteration ${count(session.iteration)}${of}`, seed];
    setText(this.#facts, facts.filter(Boolean).join(" · "));
  }

  #drawVerdict(session: SessionReadings, preset: Preset, covered: boolean): void {
    const { running } = this.runs, verdict = this.runs.verdict!, label = this.#naming.label(preset);
    const fault = session.fault ? ` ${faultText(session.fault)}` : "", short = verdict.name === "too short to tell";
    const lead = running && !short ? "So far: " : "";
    setText(this.#verdict, covered ? naming.covered : `${lead}${verdict.words}${fault}`);
    // The visible text changes with every number; a screen reader announces only a new verdict and the end.
    const announced = running ? `${lead}${named(verdict)}` : `${label}: ${verdict.words}${fault}`;
    const asked = running ? naming.ready : naming.ended(label);
    setText(this.#announcer, running && short ? `Training: ${label}` : covered ? asked : announced);
  }

  #drawCurve(session: SessionReadings, preset: Preset, covered: boolean): void {
    const { history, train_nll, val_nll, iteration } = session, verdict = this.runs.verdict!;
    const lost = verdict.name === "nan" ? verdict.iteration! : null;
    const summary = `Loss of the run “${this.#naming.label(preset)}” up to iteration ${iteration}: ` +
      (covered ? course(history) : `train ${loss(train_nll)}, val ${loss(val_nll)}`);
    const shape = this.#naming.covers(preset) ? null : preset.shape; // the textbook's shape gives the name away
    const behind = shape ? "; behind it, dashed, the textbook's shape" : "";
    const iterations = covered && preset.stands_for ? this.#longest : preset.training.iterations;
    this.#chart.draw(history, { iterations, shape }, lost, `${summary}${behind}`);
  }

  /** Its numbers would give the run's name away, so it is covered with the verdict. */
  #drawStrip(session: SessionReadings, preset: Preset, covered: boolean): void {
    const { recorded_norms } = this, { name } = preset.stands_for ?? preset;
    if (!globalThis.pressStartPresetStrip) return;
    if (!this.#strip) this.#stage.append((this.#strip = globalThis.pressStartPresetStrip()).element);
    this.#strip.element.hidden = covered;
    this.#strip.draw(name, session, this.runs.careless ? undefined : recorded_norms[name]);
  }

  /** Time and engine of the current or last run. */
  #timing(session: SessionReadings, preset: Preset): string[] {
    const outcome = this.runs.outcomes.get(preset.name), engine = session.engine?.description ?? outcome?.engine ?? "";
    const time = this.runs.elapsed_ms > 0 ? `${duration(this.runs.elapsed_ms)} so far` : "";
    return [outcome ? `Took ${duration(outcome.elapsed_ms)}` : time, engine];
  }
}
