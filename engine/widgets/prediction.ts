// What a reader predicts before a run: its whole curve, or the loss at its end. The guess stays on the chart; when the
// run ends, a sentence says how far off it was. Start never waits for a guess.
import type { SessionReadings } from "../session/readings.ts";
import type { EndedRun } from "../session/guess_outcome.ts";
import type { Status } from "../session/types.ts";
import { hadSeed } from "../wording.ts";
import { CurveField } from "./prediction_drawing.ts";
import { type Guess, restoredPoints, SHAPES } from "./prediction_curve.ts";
import { EndField, type GuessField } from "./prediction_end.ts";
import { PredictionLayer } from "./prediction_layer.ts";
import { guessWords } from "./prediction_words.ts";
import { recall, remember } from "./shared/browser_storage.ts";
import type { LossChart } from "./shared/chart.ts";
import { make, setProse } from "./shared/dom.ts";
import type { RunnerIsland } from "./shared/island.ts";
import { claim, commit, withdraw } from "./shared/reader_record.ts";

/** A guess of a higher loss than this multiple of ln V would leave no room on the chart for the run. */
const MOST = 2;
const MEMORY = "guess:";
const STANDS = "Your guess is on the chart. When the run ends, you can read here how far off it was.";

/** Guesses in this page, in case the browser stores nothing: a widget may be mounted again. */
const made = new WeakMap<SessionReadings, Guess>();

/** One reader's guess at one session's run. */
export class Prediction {
  readonly layer = new PredictionLayer();
  /** What stands beside Start. */
  readonly controls: HTMLElement[] = [];
  /** The sentence for the end of the run. */
  readonly outcome = make("p", { class: "ps-guess-outcome", role: "status" });
  readonly #key: string;
  readonly #about: string;
  #field: GuessField | null = null;
  #guess: Guess | null = null;
  #open = false;
  #status: Status | null = null;
  #redraw: () => void = () => {};

  constructor(private readonly kind: NonNullable<RunnerIsland["predict"]>, private readonly session: SessionReadings) {
    const { name, iterations, options: { corpus } } = session;
    this.#key = `${kind}:${name}`;
    this.#about = `${corpus.name} ${iterations}`;
    this.#guess = made.get(session) ?? this.#remembered();
    this.layer.points = this.#guess?.points ?? [];
    if (this.#guess) claim(this.#key);
  }

  /** Puts the guess on a chart. @param redraw draws the chart and its description anew */
  attach(chart: LossChart, redraw: () => void): void {
    this.#redraw = redraw;
    const { iterations, options: { corpus } } = this.session, even = Math.log(corpus.vocab_size);
    const change = (guess: Guess | null) => this.#change(guess);
    this.#field = this.kind === "curve"
      ? new CurveField(chart, this.layer, { iterations, even, most: MOST * even }, change)
      : new EndField(iterations, MOST * even, change);
    this.#field.show(this.#guess);
    if (this.kind === "curve") chart.element.append(...this.#field.elements);
    else this.controls.push(...this.#field.elements);
  }

  /** Added to what a screen reader says of the chart; empty without a guess. */
  get summary(): string {
    return this.#guess ? `; your guess: ${this.#words(this.#guess)}` : "";
  }

  /** Follows the session's status. */
  draw(): void {
    const { status, ended } = this.session;
    if (status === this.#status) return;
    this.#status = status;
    const open = status === "idle";
    if (open !== this.#open) this.#field?.open(open);
    this.#open = open;
    if (!this.#guess || open) return setProse(this.outcome, "");
    if (!ended) {
      this.#record(null);
      return setProse(this.outcome, STANDS);
    }
    const outcome = this.#outcomeOf(this.#guess);
    this.#record(`${outcome} ${hadSeed(this.session.seed)}`);
    setProse(this.outcome, outcome);
  }

  #change(guess: Guess | null): void {
    this.#guess = guess;
    this.layer.points = guess?.points ?? [];
    if (guess) made.set(this.session, guess);
    else made.delete(this.session);
    remember(MEMORY + this.#key, guess && { about: this.#about, ...guess });
    this.#record(null);
    this.#redraw();
  }

  #remembered(): Guess | null {
    const kept = recall(MEMORY + this.#key) as Partial<Guess & { about: string }> | null;
    if (typeof kept !== "object" || kept?.about !== this.#about) return null;
    const points = restoredPoints(kept.points, this.session.iterations);
    if (points === null || (points.length === 1) !== (this.kind === "end")) return null;
    return { points, shape: typeof kept.shape === "string" && Object.hasOwn(SHAPES, kept.shape) ? kept.shape : null };
  }

  #record(outcome: string | null): void {
    const { kind, session: { options: { corpus } } } = this;
    if (!this.#guess) return withdraw(this.#key);
    const asked = kind === "curve" ? `The loss curve of ${corpus.title}` : `Where the loss of ${corpus.title} ends`;
    commit({ key: this.#key, kind, asked, said: this.#words(this.#guess), outcome, right: null });
  }

  #words({ points, shape }: Guess): string {
    return guessWords(points, shape);
  }

  #outcomeOf({ points }: Guess): string {
    const { session } = this, { val_nll, train_nll, options: { corpus } } = session;
    const diverged = session.status === "diverged";
    const end = diverged ? null : val_nll ?? train_nll;
    const run: EndedRun = {
      diverged,
      iteration: session.iteration,
      loss: val_nll === null ? "train" : "val",
      end: end !== null && Number.isFinite(end) ? end : null,
      floor: corpus.floor,
    };
    const said = globalThis.pressStartGuessOutcome!;
    if (this.kind === "end") return said.end(points[0][1], run);
    return said.curve(said.distance(points, session.history), run);
  }
}
