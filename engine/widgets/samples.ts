// The sample stream: what the model writes as it learns. The newest sample appears large on the stage, character by
// character, and moves to the log beside it when the next one begins. The log has its own scrollbar, so that the text
// below the panel does not move while the reader reads. Two samples can be shown side by side instead.
import type { SessionReadings } from "../session/readings.ts";
import type { Sample } from "../training/trainer.ts";
import { copyText } from "./shared/clipboard.ts";
import { Comparison } from "./samples_compare.ts";
import { make, setChildren, setText, VERBATIM } from "./shared/dom.ts";
import { loss } from "./shared/format.ts";
import { Pacer } from "./shared/draw_pacer.ts";
import type { Spotlight } from "./shared/spotlight.ts";

/** Draws in every frame, because characters appear in every frame. */
const DRAW_EVERY_MS = 0;
/** How long a button says "copied". */
const COPIED_MS = 1500;

const BEFORE = "samples appear here once you press start";
const SOON = "the first sample is on its way";
const NO_LOG = "and gather here, the newest first";

/** Draws the panel into `root`. @returns a function that unsubscribes; the caller removes the DOM. */
export function mountSamples(root: Element, session: SessionReadings, spotlight: Spotlight): () => void {
  const panel = new SamplePanel(session, spotlight);
  root.append(panel.element);
  return () => panel.dispose();
}

class SamplePanel {
  readonly element: HTMLElement;
  readonly #stage = make("div", { class: "ps-stage" });
  readonly #log = make("ol", { class: "ps-log-list", role: "list" });
  readonly #log_empty = make("p", { class: "ps-before" }, NO_LOG);
  readonly #log_box = make("div", { class: "ps-log", role: "region", "aria-label": "Earlier samples, newest first" });
  readonly #stream = make("div", { class: "ps-stream" });
  readonly #compare_switch = make(
    "button",
    { type: "button", class: "ps-toggle", "aria-pressed": "false" },
    "two side by side",
  );
  readonly #comparison = new Comparison();
  readonly #announcer = make("p", { class: "ps-unseen", role: "status" });
  /** Elements already made, by the session's own objects: each entry is made once and not changed afterwards. */
  readonly #entries = new WeakMap<object, HTMLElement>();
  readonly #on_stage = new WeakMap<object, StageView>();
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #pacer = new Pacer(() => this.#draw(), DRAW_EVERY_MS);
  readonly #subscriptions: (() => void)[];
  #announced: string | null;

  constructor(private readonly session: SessionReadings, private readonly spotlight: Spotlight) {
    this.#log_box.append(this.#log_empty, this.#log);
    this.#log_box.tabIndex = 0;
    this.#stream.append(this.#stage, make("div", { class: "ps-log-room" }, this.#log_box));
    this.#comparison.element.hidden = true;
    this.#compare_switch.addEventListener("click", () => this.#compare(!this.#comparing));
    this.element = make(
      "section",
      { class: "ps-panel", "aria-label": "What the model writes" },
      make(
        "div",
        { class: "ps-samples-head" },
        make("p", { class: "ps-rules" }, rulesOf(session)),
        this.#compare_switch,
      ),
      this.#stream,
      this.#comparison.element,
      this.#announcer,
    );
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
    this.#stream.hidden = on;
    this.#compare_switch.setAttribute("aria-pressed", String(on));
    this.#draw();
  }

  #draw(): void {
    const { samples, speaking, log } = this.session;
    const enough = samples.length >= 2;
    this.#compare_switch.disabled = !enough;
    this.#compare_switch.title = enough ? "" : "There is something to compare from the second sample on";
    if (this.#comparing && !enough) return this.#compare(false);
    if (this.#comparing) return this.#comparison.draw(samples);
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
    this.#log.hidden = newest_first.length === 0;
    this.#log_empty.hidden = newest_first.length > 0;
  }

  /** @param shown how many characters of the continuation are visible, or null for all. */
  #drawStage(sample: Sample | null, shown: number | null): void {
    if (!sample) {
      const { status } = this.session;
      const waiting = status === "idle" || status === "failed" ? BEFORE : SOON;
      if (this.#stage.textContent !== waiting) {
        this.#stage.replaceChildren(make("p", { class: "ps-before" }, waiting));
      }
      return;
    }
    let view = this.#on_stage.get(sample);
    if (!view) this.#on_stage.set(sample, view = this.#stageView(sample));
    if (this.#stage.firstElementChild !== view.element) this.#stage.replaceChildren(view.element);
    view.show(shown);
  }

  #stageView(sample: Sample): StageView {
    const characters = Array.from(sample.text);
    const said = make("span", { class: "ps-said" });
    // The remaining text is there from the start but invisible, so that no word jumps to another line while it appears.
    const unsaid = make("span", { class: "ps-unsaid", "aria-hidden": "true" });
    const caret = make("span", { class: "ps-caret", "aria-hidden": "true" });
    const element = this.#pointable(
      sample,
      make(
        "div",
        { class: "ps-live" },
        this.#meta(sample),
        make(
          "blockquote",
          { ...VERBATIM, class: "ps-script" },
          make("span", { class: "ps-prompt" }, sample.prompt),
          said,
          caret,
          unsaid,
        ),
      ),
    );
    const show = (shown: number | null) => {
      const visible = Math.min(shown ?? characters.length, characters.length);
      setText(said, characters.slice(0, visible).join(""));
      setText(unsaid, characters.slice(visible).join(""));
      caret.hidden = visible === characters.length;
    };
    return { element, show };
  }

  #entry(of: object, makeRow: () => HTMLElement): HTMLElement {
    let row = this.#entries.get(of);
    if (!row) this.#entries.set(of, row = makeRow());
    return row;
  }

  #sampleRow(sample: Sample): HTMLElement {
    const prompt = make("span", { class: "ps-prompt" }, lastLine(sample.prompt));
    const script = make(
      "blockquote",
      { ...VERBATIM, class: "ps-script" },
      prompt,
      make("span", { class: "ps-said" }, sample.text),
    );
    return this.#pointable(sample, make("li", { class: "ps-entry" }, this.#meta(sample), script));
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

interface StageView {
  element: HTMLElement;
  show(shown: number | null): void;
}

/** The sentence above the samples that says how they are made. */
function rulesOf({ options: { sampling } }: SessionReadings): string {
  const { prompt_characters, characters, temperature, early, early_characters } = sampling;
  const fewer = early.length === 0 ? "" : ` (${early_characters} at iterations ${listed(early)})`;
  return `Every time the model is given the same ${prompt_characters} characters, dimmed here, and goes on for ` +
    `${characters} more${fewer}. Temperature ${temperature}. The dice are the same each time too: ` +
    `what changes is the model alone.`;
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
