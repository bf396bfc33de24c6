// The player of a recorded run: its curve and its samples at the reader's pace. It does not train, and says so.
import { STEPS } from "./shared/press_guard.ts";
import { askRoom, offer } from "./shared/askable.ts";
import type { Sample } from "../session/session.ts";
import { LossChart } from "./shared/chart.ts";
import { lastVal, levelsOf } from "./shared/curve.ts";
import { make, seedNode, setText, VERBATIM } from "./shared/dom.ts";
import { count, loss } from "./shared/format.ts";
import type { ReplayedRun, ReplayIsland } from "./shared/island.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import { tellReplay } from "./shared/replayed.ts";
import { FrameClock, Playback, upTo } from "./replay_playback.ts";

/** Choices of how long the whole replay takes. */
const SPEEDS: [seconds: number, words: string][] = [[30, "in 30 seconds"], [60, "in a minute"], [180, "in 3 minutes"]];
const USUAL_SPEED = 60;
const CHART_EVERY_MS = 100;
/** A replay that plays by itself begins when this fraction of it is in view, or this fraction of the view shows it. */
const SEEN = 0.4;
/** The fractions in view at which the browser reports. */
const LOOKS = Array.from({ length: 21 }, (_, i) => i / 20 * SEEN);

/** Draws the player into `root`. @returns a function that stops it; the caller removes the DOM. */
export function mountReplay(root: Element, { runs, autoplay }: ReplayIsland): () => void {
  let player: Player | null = null;
  const show = (run: ReplayedRun) => {
    player?.dispose();
    player?.element.remove();
    player = new Player(run, runs.length > 1 ? choice(runs, run, show) : null);
    root.append(player.element);
  };
  show(runs[0]);
  const first = player!,
    sight = new IntersectionObserver(([{ intersectionRect, boundingClientRect }]) => {
      if (intersectionRect.height < SEEN * Math.min(boundingClientRect.height, innerHeight)) return;
      sight.disconnect();
      first.playUntouched();
    }, { threshold: LOOKS });
  if (autoplay) sight.observe(root);
  return () => {
    sight.disconnect();
    player?.dispose();
  };
}

/** The list of recorded runs. Choosing another run replaces the player and focuses the new player's list. */
function choice(runs: ReplayedRun[], shown: ReplayedRun, show: (run: ReplayedRun) => void): HTMLSelectElement {
  const select = make("select", { class: "ps-select ps-replay-run", "aria-label": "Recorded run" });
  select.append(...runs.map(({ title }, i) => make("option", { value: String(i) }, title)));
  select.value = String(runs.indexOf(shown));
  select.addEventListener("change", () => {
    const root = select.closest("[data-ps]"); // the old list is removed with its player
    show(runs[Number(select.value)]);
    root?.querySelector<HTMLElement>(".ps-replay-run")?.focus();
  });
  return select;
}

class Player {
  readonly element: HTMLElement;
  readonly #play = make("button", { type: "button", class: "ps-button ps-primary" }, "Play");
  readonly #back = stepButton("previous sample");
  readonly #on = stepButton("next sample");
  readonly #speed = make("select", { class: "ps-select", "aria-label": "Length of the replay" });
  readonly #scrubber = make("input", { type: "range", class: "ps-scrubber", min: "0", step: "1" });
  readonly #where = make("span", { class: "ps-iteration" });
  readonly #numbers = make("span", { class: "ps-time-left" });
  readonly #prompt = make("span", { class: "ps-prompt" });
  readonly #said = make("span", { class: "ps-said" });
  readonly #script = make("blockquote", { ...VERBATIM, class: "ps-script" }, this.#prompt, this.#said);
  readonly #meta = { at: make("span"), val: make("span"), phase: make("span", { class: "ps-phase" }) };
  readonly #announcer = make("p", { class: "ps-unseen", role: "status" });
  readonly #chart: LossChart;
  readonly #chart_pacer = new Pacer(() => this.#drawChart(), CHART_EVERY_MS);
  readonly #playback: Playback;
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #heedCalm = () => this.#drawControls();
  readonly #beforePrint = () => this.#drawForPrint(true);
  readonly #afterPrint = () => this.#drawForPrint(false);
  #printing = false;
  #frame = 0;
  readonly #frames = new FrameClock();
  #phase: string | null = null;

  constructor(private readonly run: ReplayedRun, choice: HTMLSelectElement | null) {
    const { vocab_size, rungs, floor, iterations, samples } = run;
    this.#chart = new LossChart(levelsOf(vocab_size, rungs, floor), iterations);
    this.#playback = new Playback(iterations, samples.map(({ iteration }) => iteration));
    this.#speed.append(...SPEEDS.map(([seconds, words]) => make("option", { value: String(seconds) }, words)));
    this.#speed.value = String(USUAL_SPEED);
    this.#scrubber.max = String(iterations);
    this.#scrubber.setAttribute("aria-label", "Iteration of the recorded run");
    const room = askRoom();
    this.element = make(
      "section",
      { class: "ps-panel", "aria-label": `Replay of a recorded run on ${run.title}` },
      this.#label(choice),
      make("div", { class: "ps-controls" }, this.#play, this.#back, this.#on, this.#speed),
      make(
        "div",
        { class: "ps-progress-box" },
        make("div", { class: "ps-progress-line" }, this.#where, this.#numbers),
        this.#scrubber,
      ),
      make("div", { class: "ps-stream" }, this.#chart.element, this.#stage()),
      room.element,
      this.#announcer,
    );
    offer({ script: this.#script, said: this.#said, room, shown: () => ({ sample: this.#sample, from: { run } }) });
    this.#listen();
    this.#draw();
  }

  dispose(): void {
    this.#pause();
    this.#calm.removeEventListener("change", this.#heedCalm);
    removeEventListener("beforeprint", this.#beforePrint);
    removeEventListener("afterprint", this.#afterPrint);
    this.#chart_pacer.cancel();
    this.#chart.dispose();
  }

  /** Begins to play, unless the reader has played or moved it, has chosen another run, or prefers less motion. */
  playUntouched(): void {
    const untouched = this.#frame === 0 && this.#playback.iteration === 0 && this.element.isConnected;
    if (untouched && !this.#calm.matches) this.#start();
  }

  #label(choice: HTMLSelectElement | null): HTMLElement {
    const { title, seed, engine, n_params } = this.run;
    return make(
      "p",
      { class: "ps-rules ps-recorded-label" },
      make("span", { class: "ps-pill" }, "recorded"),
      " ",
      ...(choice ? [choice, make("span", { class: "ps-paper" }, title)] : [title]),
      " with the seed “",
      seedNode(seed),
      `”, on the ${engine}: a model with ${count(n_params)} parameters. Nothing is trained here.`,
    );
  }

  #stage(): HTMLElement {
    const { at, val, phase } = this.#meta;
    return make(
      "div",
      { class: "ps-stage" },
      make("p", { class: "ps-meta" }, at, val, phase),
      this.#script,
    );
  }

  #listen(): void {
    this.#play.addEventListener("click", () => this.#frame === 0 ? this.#start() : this.#pause());
    this.#back.addEventListener("click", () => this.#step(-1));
    this.#on.addEventListener("click", () => this.#step(1));
    this.#scrubber.addEventListener("input", () => {
      this.#playback.seek(Number(this.#scrubber.value));
      this.#draw();
    });
    this.#calm.addEventListener("change", this.#heedCalm);
    addEventListener("beforeprint", this.#beforePrint);
    addEventListener("afterprint", this.#afterPrint);
  }

  #step(direction: -1 | 1): void {
    this.#pause();
    const to = this.#playback.neighbour(direction);
    if (to !== null) this.#playback.seek(to);
    this.#draw();
  }

  #start(): void {
    this.#playback.begin();
    this.#frames.begin(performance.now());
    this.#frame = requestAnimationFrame((now) => this.#tick(now));
    this.#draw();
  }

  #pause(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#drawControls();
  }

  #tick(now: number): void {
    this.#playback.advance(this.#frames.step(now), Number(this.#speed.value) * 1000);
    if (this.#playback.ended) this.#pause();
    else this.#frame = requestAnimationFrame((next) => this.#tick(next));
    this.#draw();
  }

  /** Readers who prefer reduced motion get no playback; they use the scrubber and the step buttons. */
  #drawControls(): void {
    if (this.#calm.matches && this.#frame !== 0) return this.#pause();
    this.#play.hidden = this.#speed.hidden = this.#calm.matches;
    setText(this.#play, this.#frame === 0 ? "Play" : "Pause");
    for (const [button, direction] of [[this.#back, -1], [this.#on, 1]] as const) {
      // Not `disabled`, which would take away the focus at the last step.
      button.setAttribute("aria-disabled", String(this.#playback.neighbour(direction) === null));
    }
  }

  /** On paper, a replay still at its beginning shows the whole run: an empty chart would be of no use there. */
  get #iteration(): number {
    const iteration = Math.floor(this.#playback.iteration);
    return this.#printing && iteration === 0 ? this.run.iterations : iteration;
  }

  get #sample(): Sample {
    const iteration = this.#iteration, { samples } = this.run;
    return samples.findLast((one) => one.iteration <= iteration) ?? samples[0];
  }

  #drawForPrint(printing: boolean): void {
    this.#printing = printing;
    this.#draw();
    this.#chart_pacer.cancel();
    this.#drawChart();
  }

  #draw(): void {
    const iteration = this.#iteration, { iterations } = this.run;
    const numbers = this.#numbersAt(iteration);
    this.#drawControls();
    setText(this.#where, `iter ${iteration} / ${iterations}`);
    setText(this.#numbers, numbers);
    this.#scrubber.value = String(iteration);
    this.#scrubber.setAttribute("aria-valuetext", `iteration ${count(iteration)}, ${numbers}`);
    this.#show(this.#sample);
    this.#chart_pacer.request();
    if (!this.#printing) tellReplay({ name: this.run.name, iteration });
  }

  #show({ iteration, val, phase, prompt, text }: Sample): void {
    setText(this.#meta.at, `iteration ${iteration}`);
    setText(this.#meta.val, `val NLL ${loss(val)}`);
    setText(this.#meta.phase, phase);
    setText(this.#prompt, prompt);
    setText(this.#said, text);
    if (this.#printing) return;
    if (this.#phase !== null && phase !== this.#phase) {
      setText(this.#announcer, `Iteration ${iteration}, phase: ${phase}`);
    }
    this.#phase = phase;
  }

  #numbersAt(iteration: number): string {
    const seen = upTo(this.run.curve, iteration), row = lastVal(seen, seen.iteration.length - 1);
    return row === null ? "" : `val NLL ${loss(seen.val[row])}`;
  }

  #drawChart(): void {
    const iteration = this.#iteration;
    const summary = `Recorded loss curve up to iteration ${iteration}: ${this.#numbersAt(iteration)}`;
    this.#chart.draw(upTo(this.run.curve, iteration), summary);
  }
}

function stepButton(words: string): HTMLButtonElement {
  return make("button", { type: "button", class: "ps-button ps-quiet", [STEPS]: "" }, words);
}
