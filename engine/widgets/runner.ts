// The runner: the buttons, the readouts and the loss chart of one session. It holds no state of the run, so it looks
// the same after it is unmounted and mounted again. Together with the samples of its session it is one stage, in which
// only what the reader watches stands beside the text; the rest is drawn below.
import { ask, engineSpeeds, rounds_twice, seedWords, shortened } from "../wording.ts";
import { normaliseSeed } from "../training/seed.ts";
import type { Status, TrainingSession } from "../session/session.ts";
import { focusOn } from "./shared/press_guard.ts";
import { LossChart } from "./shared/chart.ts";
import { type Level, levelsOf, standing } from "./shared/curve.ts";
import { make, seedNode, setProse, setText, TYPED_AS_IT_IS } from "./shared/dom.ts";
import { asUnsureAs, count, DASH, duration, loss, rate, timeAhead, timeLeft } from "./shared/format.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import { Question } from "./shared/confirm_question.ts";
import { Prediction } from "./prediction.ts";
import { READOUTS } from "./runner_readouts.ts";
import type { RunnerIsland } from "./shared/island.ts";
import type { Spotlight } from "./shared/spotlight.ts";
import { bringIntoView, moreOf } from "./shared/stage.ts";

/** Ten updates a second look live. Redrawing the chart costs more, and five are enough for it. */
const WORDS_EVERY_MS = 100, CHART_EVERY_MS = 200;

/** Notes shown at a time: enough for a pause and its end. The sample stream's log keeps them all. */
const NOTES = 2;

/** What the large button does in each state of the session. */
const PRIMARY: Record<Status, { label: string; does: "begin" | "pause" | "resume" | null }> = {
  idle: { label: "Start", does: "begin" },
  loading: { label: "Pause", does: "pause" },
  running: { label: "Pause", does: "pause" },
  hidden: { label: "Pause", does: "pause" },
  waiting: { label: "Pause", does: "pause" },
  paused: { label: "Resume", does: "resume" },
  done: { label: "Start again", does: "begin" },
  diverged: { label: "Start again", does: "begin" },
  failed: { label: "Start", does: null }, // the failure's text says what to do
};

/** What the late script does when these are pressed (checkpoint/files_on_page.ts), with their labels. */
const FILES = [["state", "Save"], ["weights", "Save the weights"], ["load", "Load a file"]];

/** States announced to readers who do not see the badge change. A failure has its own alert. */
const ANNOUNCED: Status[] = ["done", "diverged"];

/** Draws the runner into `root`. @returns a function that unsubscribes; the caller removes the DOM. */
export function mountRunner(
  root: Element,
  session: TrainingSession,
  spotlight: Spotlight,
  predict: RunnerIsland["predict"],
): () => void {
  const prediction = predict ? new Prediction(predict, session) : null;
  const more = moreOf(root), show = () => bringIntoView(root);
  const runner = new Runner(session, spotlight, prediction, more !== null, show);
  root.append(runner.element);
  more?.replaceChildren(runner.more);
  return () => runner.dispose();
}

class Runner {
  readonly element: HTMLElement;
  /** What stands below the stage: the seed, the readouts that explain, the engine. */
  readonly more = make("section", { class: "ps-panel" });
  readonly #primary = make("button", { type: "button", class: "ps-button ps-primary" });
  readonly #reset = make("button", { type: "button", class: "ps-button ps-quiet" }, "Reset");
  readonly #seed = make("input", { ...TYPED_AS_IT_IS, class: "ps-seed", dir: "auto" });
  readonly #seed_said = seedNode("");
  readonly #seed_on_paper = make("p", { class: "ps-paper" });
  #shown_seed: string | null = null;
  /** Whether the last engine was WebGPU. It is remembered after a failure, to offer the other engine. */
  #on_gpu = false;
  readonly #seed_hint = make("span", { class: "ps-seed-hint" });
  readonly #question = new Question();
  readonly #badge = make("p", { class: "ps-badge" });
  readonly #failure = make("div", { class: "ps-failure", role: "alert" });
  readonly #iteration = make("span", { class: "ps-iteration" });
  readonly #time_left = make("span", { class: "ps-time-left" });
  readonly #progress = make("progress", { class: "ps-progress" });
  readonly #readouts = new Map<string, HTMLElement>();
  readonly #meaning = make("dd", { class: "ps-meaning" });
  readonly #standing = make("dd", { class: "ps-standing" });
  readonly #levels: Level[];
  readonly #notes = make("p", { class: "ps-notes" });
  readonly #facts = make("span", {});
  readonly #engine_switch = make("button", { type: "button", class: "ps-link", hidden: "" });
  readonly #announcer = make("p", { class: "ps-unseen", role: "status" });
  readonly #chart: LossChart;
  readonly #words_pacer = new Pacer(() => this.#drawWords(), WORDS_EVERY_MS);
  readonly #chart_pacer = new Pacer(() => this.#drawChart(), CHART_EVERY_MS);
  readonly #subscriptions: (() => void)[];

  /**
   * @param staged whether the runner stands beside its samples, and `more` below them
   * @param show brings the stage into view
   */
  constructor(
    private readonly session: TrainingSession,
    spotlight: Spotlight,
    private readonly prediction: Prediction | null,
    staged: boolean,
    private readonly show: () => void,
  ) {
    const { corpus } = session.options;
    this.#levels = levelsOf(corpus.vocab_size, corpus.rungs, corpus.floor);
    this.#chart = new LossChart(this.#levels, session.iterations, prediction?.layer);
    prediction?.attach(this.#chart, () => this.#drawChart());
    this.element = make("section", { class: "ps-panel", "aria-label": `Training run ${session.name}` });
    this.more.setAttribute("aria-label", `Seed and readouts of the run ${session.name}`);
    this.#arrange(staged);
    this.#primary.addEventListener("click", () => this.#press());
    this.#reset.addEventListener("click", () => this.#pressReset());
    this.#engine_switch.addEventListener("click", () => this.#pressEngineSwitch());
    this.#seed.addEventListener("input", () => setProse(this.#seed_hint, ""));
    this.#seed.addEventListener("keydown", (event) => {
      // An Enter that ends the composition of a character must not start the run.
      const enter = event.key === "Enter" && !event.isComposing && event.keyCode !== 229;
      if (enter && PRIMARY[this.session.status].does === "begin") this.#press();
    });
    this.#subscriptions = [
      session.on("status", () => {
        this.#drawWords();
        this.#announce();
        this.#chart_pacer.request();
      }),
      session.on("metrics", () => {
        // A background tab gets no animation frames, but its numbers must still be correct.
        if (document.hidden) this.#drawWords();
        else this.#words_pacer.request();
        this.#chart_pacer.request();
      }),
      spotlight.on((iteration) => this.#chart.mark(iteration)),
    ];
    this.#draw();
    this.#chart.mark(spotlight.iteration);
  }

  dispose(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#words_pacer.cancel();
    this.#chart_pacer.cancel();
    this.#chart.dispose();
  }

  #arrange(staged: boolean): void {
    const guess = this.prediction?.controls ?? [];
    const controls = make("div", { class: "ps-controls" }, this.#primary, this.#reset, ...guess);
    const seed = [make("label", { class: "ps-seed-field" }, make("span", {}, "seed"), this.#seed), this.#seed_hint];
    const val = this.#readout("val NLL"), readouts = make("dl", { class: "ps-readouts" });
    const words = staged ? readoutBox("which means", "ps-readout-val") : val;
    words.append(this.#meaning, this.#standing);
    for (const label of Object.keys(READOUTS)) readouts.append(label === "val NLL" ? words : this.#readout(label));
    const facts = [
      this.#notes,
      make("p", { class: "ps-facts" }, this.#facts, " ", make("span", { class: "ps-switch" }, this.#engine_switch)),
      make("div", { class: "ps-controls ps-files" }, ...FILES.map(fileButton)),
    ];
    const progress = this.#progressBox(), outcome = this.prediction ? [this.prediction.outcome] : [];
    if (staged) {
      progress.prepend(make("dl", { class: "ps-readouts" }, val));
      this.more.append(...outcome, make("div", { class: "ps-controls" }, ...seed), readouts, ...facts);
    } else controls.append(...seed);
    this.#seed_on_paper.append("seed “", this.#seed_said, "”");
    this.element.append(controls, this.#seed_on_paper, this.#question.element, progress, this.#badge, this.#failure);
    if (!staged) this.element.append(readouts);
    this.element.append(this.#chart.element, ...(staged ? [] : [...outcome, ...facts]), this.#announcer);
  }

  #progressBox(): HTMLElement {
    this.#progress.max = this.session.iterations;
    this.#progress.setAttribute("aria-label", "Progress of the run");
    const line = make("div", { class: "ps-progress-line" }, this.#iteration, this.#time_left);
    return make("div", { class: "ps-progress-box" }, line, this.#progress);
  }

  #readout(label: string): HTMLElement {
    const value = make("dd", { class: "ps-value", "data-readout": label }, DASH);
    this.#readouts.set(label, value);
    const box = readoutBox(label, label === "val NLL" ? "ps-readout-val" : "");
    box.append(value);
    return box;
  }

  #press(): void {
    const { session } = this;
    this.#drawWords(); // brings everything up to date, above all the seed
    const { does } = PRIMARY[session.status];
    if (does === "pause") session.pause();
    else if (does === "resume") session.start();
    else if (does === "begin" && this.#typedSeed() !== null) {
      const act = () => this.#begin();
      this.#question.ask(this.#primary, { words: () => this.#atStake(ask.replaced), yes: ask.replace, act });
    }
  }

  /** Starts a run. A newly typed seed takes effect here. */
  #begin(): void {
    const { session } = this, seed = this.#typedSeed();
    if (seed === null) return;
    if (session.ended || seed !== session.seed) session.reset(seed);
    session.start();
    this.show();
  }

  /** @returns the normalised seed, or null if it is empty, which the page then says */
  #typedSeed(): string | null {
    const seed = normaliseSeed(this.#seed.value);
    if (seed !== "") return seed;
    setProse(this.#seed_hint, this.#seed.value === "" ? seedWords.empty : seedWords.nothing_left);
    this.#seed.focus();
    return null;
  }

  /** @returns the question to ask before the run is lost, or null if no reader would miss it */
  #atStake(words: (samples: number) => string): string | null {
    const { ended, long, samples } = this.session;
    return ended || long ? words(samples.length) : null;
  }

  #pressReset(): void {
    const act = () => {
      this.session.reset();
      if (this.#seed.value.trim() === "") this.#seed.value = this.session.seed;
      setProse(this.#seed_hint, "");
      this.#draw();
      focusOn(this.#primary);
    };
    this.#question.ask(this.#reset, { words: () => this.#atStake(ask.removed), yes: ask.remove, act });
  }

  #pressEngineSwitch(): void {
    const act = () => this.session.prefer(this.#other_engine ?? "webgpu");
    this.#question.ask(this.#engine_switch, { words: () => this.#atStake(ask.other_engine), yes: ask.remove, act });
  }

  #draw(): void {
    this.#drawWords();
    this.#drawChart();
  }

  #drawChart(): void {
    const { train_nll, val_nll, iteration, history } = this.session;
    this.#chart.draw(
      history,
      `Loss curve up to iteration ${iteration}: train NLL ${loss(train_nll)}, val NLL ${loss(val_nll)}` +
        (this.prediction?.summary ?? ""),
    );
  }

  #drawWords(): void {
    const { session } = this;
    const { status, failure, options: { corpus } } = session;
    this.prediction?.draw();
    this.#reset.disabled = status === "idle" && session.history.iteration.length === 0;
    const { label, does } = PRIMARY[status];
    this.#question.draw();
    setText(this.#primary, label);
    if (does === null && document.activeElement === this.#primary) focusOn(this.#reset);
    this.#primary.disabled = does === null;
    this.#seed.readOnly = does !== "begin";
    // Keeps what the reader typed, unless the run's own seed has changed.
    if (this.#seed.readOnly || this.#shown_seed !== session.seed) this.#seed.value = this.#shown_seed = session.seed;
    this.#seed.title = this.#seed.readOnly ? "Reset the run to change its seed" : "";
    setText(this.#seed_said, shortened(session.seed));
    this.element.dataset.status = this.more.dataset.status = status;
    const ahead = status === "idle" ? timeAhead(session.time_left_ms, session.iterations) : "";
    setText(this.#badge, ahead === "" ? session.detail : `${session.detail}; ${ahead}`);
    this.#failure.hidden = failure === null;
    setProse(this.#failure, failure === null ? "" : `${failure.message} ${failure.way_out}`);
    setText(this.#iteration, `iter ${session.iteration} / ${session.iterations}`);
    this.#progress.value = session.iteration;
    const under_way = status === "running" || status === "paused" || status === "hidden" || status === "waiting";
    setText(this.#time_left, under_way ? timeLeft(session.time_left_ms) : "");
    for (const [label, value] of this.#readouts) setText(value, READOUTS[label](session));
    setText(this.#meaning, asUnsureAs(session.val_nll, corpus.vocab_size));
    setText(this.#standing, standing(session.val_nll, this.#levels));
    setProse(this.#notes, session.log.slice(-NOTES).map(({ text }) => text).join(" · "));
    const engine = session.engine;
    const reason = engine?.instead ? ` ${engine.instead.message}` : "";
    const rounding = engine?.module === "base" ? ` ${rounds_twice}` : "";
    const text = `Text: ${corpus.title}, ${count(corpus.vocab_size)} distinct characters.`;
    setProse(this.#facts, `${engineLine(session)}.${reason}${rounding} ${text}`);
    if (engine) this.#on_gpu = engine.kind === "webgpu";
    const other = this.#other_engine;
    if (other === null && document.activeElement === this.#engine_switch) focusOn(this.#primary);
    this.#engine_switch.hidden = other === null;
    setText(this.#engine_switch, other === "webgpu" ? "use the graphics card" : "use the CPU engine");
  }

  /** The engine that the switch offers; null if there is no choice. */
  get #other_engine(): "cpu" | "webgpu" | null {
    const { preferred, engine, waits_for_gpu } = this.session;
    const beaten = engine?.kind === "cpu" && engine.adapter !== null;
    if (preferred === "cpu" || engine?.instead?.passing || beaten) return "webgpu";
    return this.#on_gpu || waits_for_gpu ? "cpu" : null;
  }

  #announce(): void {
    if (ANNOUNCED.includes(this.session.status)) setText(this.#announcer, this.session.detail);
  }
}

function fileButton([does, label]: string[]): HTMLElement {
  return make("button", { type: "button", class: "ps-button ps-quiet", "data-file": does }, label);
}

function readoutBox(label: string, kind: string): HTMLElement {
  return make("div", { class: `ps-readout ${kind}` }, make("dt", {}, label));
}

/** The engine's name, and what is known about its speed. */
function engineLine({ engine, measured }: TrainingSession): string {
  if (engine === null) return "Engine: chosen when you press start";
  const compiled = engine.compile_ms === null ? "" : `; its kernels were compiled in ${duration(engine.compile_ms)}`;
  const name = engine.description + compiled;
  if (measured === null) return name;
  const cpu = rate(measured.cpu), card = rate(measured.webgpu);
  return name + (engine.kind === "cpu" ? engineSpeeds.cpu(cpu, engine.adapter!, card) : engineSpeeds.webgpu(card, cpu));
}
