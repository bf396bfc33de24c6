// The sample stream: what the model writes as it learns. The newest sample appears large on the stage, character by
// character, and moves to the log beside it when the next one begins. The log has its own scrollbar, so that the text
// below the panel does not move while the reader reads. Two samples can be shown side by side instead.
import type { SessionReadings } from "../session/readings.ts";
import type { Sample } from "../training/trainer.ts";
import { askRoom, offer } from "./shared/askable.ts";
import { copyText } from "./shared/clipboard.ts";
import { Comparison } from "./samples_compare.ts";
import { make, setChildren, setText, VERBATIM } from "./shared/dom.ts";
import { loss } from "./shared/format.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import type { Spotlight } from "./shared/spotlight.ts";
import { stageOf } from "./shared/stage.ts";

/** Draws in every frame, because characters appear in every frame. */
const DRAW_EVERY_MS = 0;
/** The nearest that the text being written comes to the stage's lower edge before it scrolls. */
const FOLLOW_PX = 16;
/** How long a button says "copied". */
const COPIED_MS = 1500;

const BEFORE = "the prompt: the model will go on from here";
const SOON = "the first sample is on its way";
const NO_LOG = "earlier samples collect here, newest first";

/**
 * Draws the panel into `root`. @returns a function that unsubscribes; the caller removes the DOM.
 * @param prompt what every sample goes on from
 */
export function mountSamples(
  root: Element,
  prompt: string,
  session: SessionReadings,
  spotlight: Spotlight,
): () => void {
  const panel = new SamplePanel(session, spotlight, waitingView(prompt), stageOf(root) !== null);
  root.append(panel.element);
  return () => panel.dispose();
}

const PANEL = "What the model writes", EARLIER = "Earlier samples, newest first";

class SamplePanel {
  readonly element: HTMLElement;
  readonly #stage = make("div", { class: "ps-stage" });
  readonly #log = make("ol", { class: "ps-log-list", role: "list" });
  readonly #log_empty = make("p", { class: "ps-before" }, NO_LOG);
  readonly #log_box = make("div", { class: "ps-log", role: "region", "aria-label": EARLIER });
  readonly #stream = make("div", { class: "ps-stream" });
  /** What a comparison takes the place of. */
  readonly #given_way: HTMLElement;
  readonly #compare_switch = make(
    "button",
    { type: "button", class: "ps-toggle", "aria-pressed": "false" },
    "two side by side",
  );
  readonly #room = askRoom();
  readonly #comparison: Comparison;
  readonly #announcer = make("p", { class: "ps-unseen", role: "status" });
  /** Elements already made, by the session's own objects: each entry is made once and not changed afterwards. */
  readonly #entries = new WeakMap<object, HTMLElement>();
  readonly #on_stage = new WeakMap<object, StageView>();
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #pacer = new Pacer(() => this.#draw(), DRAW_EVERY_MS);
  readonly #subscriptions: (() => void)[];
  #announced: string | null;

  /** @param staged whether the panel stands beside its runner: the newest sample then comes first, and stays */
  constructor(
    private readonly session: SessionReadings,
    private readonly spotlight: Spotlight,
    private readonly waiting: WaitingView,
    staged: boolean,
  ) {
    this.#comparison = new Comparison(session, this.#room);
    this.#log_box.append(this.#log_empty, this.#log);
    const log_room = make("div", { class: "ps-log-room" }, this.#log_box);
    this.#given_way = staged ? log_room : this.#stream;
    this.#comparison.element.hidden = true;
    this.#compare_switch.addEventListener("click", () => this.#compare(!this.#comparing));
    const rules = make("p", { class: "ps-rules" }, rulesOf(session));
    const head = make("div", { class: "ps-samples-head" }, rules, this.#compare_switch);
    const { element: room } = this.#room;
    this.#stream.append(this.#stage, ...(staged ? [room, head] : []), log_room);
    this.element = make("section", { class: "ps-panel", "aria-label": PANEL });
    if (session.name !== "main") { // a page with two runs has two panels, which a screen reader lists by their names
      this.element.setAttribute("aria-label", `${PANEL}, run ${session.name}`);
      this.#log_box.setAttribute("aria-label", `${EARLIER}, run ${session.name}`);
    }
    const around = staged ? [[], []] : [[head], [room]];
    this.element.append(...around[0], this.#stream, this.#comparison.element, ...around[1], this.#announcer);
    this.#announced = session.phase;
    this.#subscriptions = [
      session.on("sample", (sample) => this.#announce(sample)),
      session.on("status", () => this.#pacer.request()),
      session.on("metrics", () => this.#pacer.request()),
    ];
    this.#draw();
  }

  dispose(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#pacer.cancel();
    this.spotlight.point(null);
  }

  /** Announces only a new phase to screen readers; announcing every sample would never end. */
  #announce({ iteration, phase }: Sample): void {
    this.#pacer.request();
    if (phase === this.#announced && iteration > 0) return;
    this.#announced = phase;
    setText(this.#announcer, `Iteration ${iteration}, new phase: ${phase}`);
  }

  get #comparing(): boolean {
    return !this.#comparison.element.hidden;
  }

  #compare(on: boolean): void {
    this.#comparison.element.hidden = !on;
    this.#given_way.hidden = on;
    this.#compare_switch.setAttribute("aria-pressed", String(on));
    this.#draw();
  }

  #draw(): void {
    const { samples, speaking, log } = this.session;
    const enough = samples.length >= 2;
    this.#compare_switch.disabled = !enough;
    this.#compare_switch.title = enough ? "" : "You can compare once there are two samples";
    if (this.#comparing && !enough) return this.#compare(false);
    if (this.#comparing) this.#comparison.draw(samples);
    if (this.#stream.hidden) return;
    const newest = speaking?.sample ?? samples.at(-1) ?? null;
    this.#drawStage(newest, speaking && !this.#calm.matches ? speaking.shown : null);
    const past: { iteration: number; row: HTMLElement }[] = [];
    for (const sample of samples) {
      if (newest && sample.iteration === newest.iteration) continue;
      past.push({ iteration: sample.iteration, row: this.#entry(sample, () => this.#sampleRow(sample)) });
    }
    for (const note of log) {
      past.push({ iteration: note.iteration, row: this.#entry(note, () => noteRow(note.text)) });
    }
    // If a sample and a note have the same iteration, the note came later.
    const newest_first = past.sort((a, b) => a.iteration - b.iteration).reverse();
    setChildren(this.#log, newest_first.map(({ row }) => row));
    const empty = newest_first.length === 0;
    this.#log.hidden = empty;
    this.#log_empty.hidden = !empty;
    if (empty) this.#log_box.removeAttribute("tabindex"); // there is nothing to scroll
    else this.#log_box.tabIndex = 0;
  }

  /** @param shown how many characters of the continuation are visible, or null for all. */
  #drawStage(sample: Sample | null, shown: number | null): void {
    if (!sample) {
      const { status } = this.session, soon = status === "loading" || status === "running";
      return this.#putOnStage(this.waiting.show(soon ? SOON : BEFORE)); // a run that waits or rests promises nothing
    }
    let view = this.#on_stage.get(sample);
    if (!view) this.#on_stage.set(sample, view = this.#stageView(sample));
    this.#putOnStage(view.element);
    view.show(shown);
    if (shown !== null) this.#follow(view.said);
  }

  #putOnStage(element: HTMLElement): void {
    if (this.#stage.firstElementChild === element) return;
    this.#stage.replaceChildren(element);
    this.#stage.scrollTop = 0;
  }

  /** Scrolls inside the stage if a sample with many short lines is longer than it. */
  #follow(said: HTMLElement): void {
    if (this.#stage.scrollHeight <= this.#stage.clientHeight) return;
    const end = [...said.getClientRects()].at(-1)?.bottom ?? 0;
    const below = end - this.#stage.getBoundingClientRect().bottom + FOLLOW_PX;
    if (below > 0) this.#stage.scrollTop += below;
  }

  #stageView(sample: Sample): StageView {
    const characters = Array.from(sample.text);
    const said = make("span", { class: "ps-said" });
    // The remaining text is there from the start but invisible, so that no word jumps to another line while it appears.
    const unsaid = make("span", { class: "ps-unsaid", "aria-hidden": "true" });
    const prompt = make("span", { class: "ps-prompt" }, sample.prompt);
    const script = make("blockquote", { ...VERBATIM, class: "ps-script" }, prompt, said, unsaid);
    const element = this.#pointable(sample, make("div", { class: "ps-live" }, this.#meta(sample), script));
    this.#offer(script, said, sample);
    const show = (shown: number | null) => {
      const visible = Math.min(shown ?? characters.length, characters.length);
      setText(said, characters.slice(0, visible).join(""));
      setText(unsaid, characters.slice(visible).join(""));
      said.classList.toggle("ps-writing", visible < characters.length);
    };
    return { element, said, show };
  }

  #entry(of: object, makeRow: () => HTMLElement): HTMLElement {
    let row = this.#entries.get(of);
    if (!row) this.#entries.set(of, row = makeRow());
    return row;
  }

  #sampleRow(sample: Sample): HTMLElement {
    const prompt = make("span", { class: "ps-prompt" }, lastLine(sample.prompt));
    const said = make("span", { class: "ps-said" }, sample.text);
    const script = make("blockquote", { ...VERBATIM, class: "ps-script" }, prompt, said);
    this.#offer(script, said, sample);
    return this.#pointable(sample, make("li", { class: "ps-entry" }, this.#meta(sample), script));
  }

  #offer(script: HTMLElement, said: HTMLElement, sample: Sample): void {
    offer({ script, said, room: this.#room, shown: () => ({ sample, from: { session: this.session } }) });
  }

  #meta(sample: Sample): HTMLElement {
    return make(
      "p",
      { class: "ps-meta" },
      make("span", { ...VERBATIM, class: "ps-at" }, `iteration ${sample.iteration}`),
      make("span", { ...VERBATIM, class: "ps-val" }, `val NLL ${loss(sample.val)}`),
      make("span", { ...VERBATIM, class: "ps-phase" }, sample.phase),
      copyButton(sample),
    );
  }

  /** Marks the sample's place on the curve while the pointer or the focus is in the element. */
  #pointable<E extends HTMLElement>({ iteration }: Sample, element: E): E {
    const point = () => this.spotlight.point(iteration);
    const leave = () => this.spotlight.point(null);
    element.addEventListener("pointerenter", point);
    element.addEventListener("pointerleave", leave);
    element.addEventListener("focusin", point);
    element.addEventListener("focusout", leave);
    return element;
  }
}

/** The stage before the first sample: the prompt, in the place that it keeps. */
interface WaitingView {
  show(words: string): HTMLElement;
}

function waitingView(prompt: string): WaitingView {
  const words = make("span", { class: "ps-waiting" });
  const script = make("blockquote", { ...VERBATIM, class: "ps-script" });
  script.append(make("span", { class: "ps-prompt ps-writing" }, prompt));
  const element = make("div", { class: "ps-live ps-live-waiting" }, make("p", { class: "ps-meta" }, words), script);
  return {
    show(text) {
      setText(words, text);
      return element;
    },
  };
}

interface StageView {
  element: HTMLElement;
  said: HTMLElement;
  show(shown: number | null): void;
}

/** The sentence above the samples that says how they are made. */
function rulesOf({ options: { sampling } }: SessionReadings): string {
  const { prompt_characters, characters, temperature, early, early_characters } = sampling;
  const fewer = early.length === 0 ? "" : ` (${early_characters} at iterations ${listed(early)})`;
  return `Each time, the model continues the same ${prompt_characters} characters, dimmed here, with ${characters} more` +
    `${fewer}. Temperature ${temperature}. The random draws are the same each time too: only the model changes.`;
}

function listed(numbers: number[]): string {
  return numbers.join(", ").replace(/, (?=[^,]*$)/, " and ");
}

/** The log shows only the prompt's last line; the stage and a copy contain all of it. */
function lastLine(prompt: string): string {
  const cut = prompt.lastIndexOf("\n");
  return cut < 0 ? prompt : `… ${prompt.slice(cut + 1)}`;
}

function noteRow(text: string): HTMLElement {
  return make("li", { class: "ps-entry-note" }, text);
}

function copyButton(sample: Sample): HTMLElement {
  const label = `Copy the sample of iteration ${sample.iteration}`;
  const button = make("button", { type: "button", class: "ps-copy", "aria-label": label }, "copy");
  button.addEventListener("click", async () => {
    setText(button, await copyText(sample.prompt + sample.text) ? "copied" : "not copied: select the text instead");
    setTimeout(() => setText(button, "copy"), COPIED_MS);
  });
  return button;
}
