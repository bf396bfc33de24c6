// What a presets block covers until its reader has named a curve, and the form in which the reader names it:
// presets_asking.ts for the presets themselves, presets_mystery.ts for the mystery run.
import { naming } from "../wording.ts";
import { mysteryNumber } from "../session/naming.ts";
import type { Preset, PresetRuns } from "../session/preset_runs.ts";
import { NameForm, type ShapeName } from "./name_form.ts";
import { neutralLabel } from "./preset_words.ts";
import { type Asked, Asking } from "./presets_asking.ts";
import { Mystery } from "./presets_mystery.ts";
import { make, setProse } from "./shared/dom.ts";

/** What the author's block says about naming. */
export interface NamingFields {
  ask: boolean;
  mystery: boolean;
  /** The names from which readers choose; empty if the block asks nothing. */
  names: ShapeName[];
}

export class PresetsNaming {
  /** Form and answer, for below the chart. */
  readonly element = make("div", { class: "ps-naming", hidden: "" });
  readonly mystery_button = make("button", { type: "button", class: "ps-button ps-quiet" }, naming.mystery);
  readonly #form: NameForm;
  readonly #words = make("p", {});
  readonly #entries = make("p", { class: "ps-naming-entries" });
  readonly #answer = make("div", { class: "ps-naming-answer", role: "status", tabindex: "-1" });
  readonly #again = make("button", { type: "button", class: "ps-link", hidden: "" }, naming.again);
  readonly #asking: Asking;
  readonly #mystery: Mystery;
  #key = "";

  /**
   * @param root the widget's element; its figure may hold a link to the page that describes the names
   * @param redraw draws the block after an answer
   */
  constructor(
    private readonly root: Element,
    private readonly fields: NamingFields,
    private readonly presets: Preset[],
    private readonly runs: PresetRuns,
    private readonly redraw: () => void,
  ) {
    const { ask, names } = fields;
    this.#asking = new Asking(ask ? presets : [], names, runs);
    this.#mystery = new Mystery(presets, names, runs);
    if (fields.mystery) this.#mystery.claim();
    this.#form = new NameForm(root.id, names, (name) => this.#give(name), () => this.#giveUp());
    this.#answer.append(this.#words, this.#entries);
    this.element.append(this.#form.element, this.#answer, this.#again);
    this.#again.addEventListener("click", () => {
      this.#state()?.again?.();
      this.redraw();
      this.#form.focus();
    });
  }

  /** The button for a mystery run, with a sentence; null if the author did not ask for one. */
  get mystery(): HTMLElement | null {
    if (!this.fields.mystery) return null;
    return make("div", { class: "ps-mystery" }, this.mystery_button, make("span", {}, naming.mystery_about));
  }

  nextMystery(): Preset {
    return this.#mystery.next();
  }

  /** Whether the page still hides what this preset does. */
  covers(preset: Preset): boolean {
    return mysteryNumber(preset) === null ? this.#asking.covers(preset) : this.#mystery.covers(preset);
  }

  /** A label that gives nothing away while the run is covered. */
  label(preset: Preset): string {
    const { name, label, stands_for } = preset;
    if (stands_for) return this.covers(preset) ? label : `${label}: ${stands_for.label}`;
    if (this.covers(preset)) return neutralLabel(preset);
    return this.presets.find((one) => one.name === name)?.label ?? label;
  }

  /** Whether the current run's verdict is covered. A run of careless arithmetic hides nothing: a NaN names itself. */
  get covered(): boolean {
    return !this.runs.careless && this.covers(this.runs.preset!);
  }

  /** Whether the reader can name the current run. */
  get open(): boolean {
    return this.#state()?.question?.open ?? false;
  }

  /** To be called after each change of the runs or of what the reader has said. */
  draw(): void {
    const run = this.runs.preset!;
    if (mysteryNumber(run) === null) this.#asking.settle(run);
    else this.#mystery.settle(run);
    const state = this.#state();
    this.element.hidden = state === null;
    if (state === null) return;
    const had_focus = this.#form.element.contains(document.activeElement);
    this.#form.draw(state.question);
    this.#again.hidden = state.again === null;
    if (state.key !== this.#key) this.#say(state);
    this.#key = state.key;
    if (had_focus && state.question === null) this.#answer.focus();
  }

  #say(state: Asked): void {
    setProse(this.#words, state.said());
    const page = this.root.closest("figure")?.querySelector<HTMLAnchorElement>(".ps-doctor a[href]");
    const links = state.entries().flatMap((name) => {
      const title = this.fields.names.find((one) => one.name === name)?.title;
      if (!page || title === undefined) return [];
      const href = `${page.getAttribute("href")!.split("#")[0]}#${name}`;
      const tab = make("span", { class: "ps-unseen" }, ` ${naming.new_tab}`);
      return [make("a", { href, target: "_blank", rel: "noopener" }, `${page.textContent}: ${title}`, tab)];
    });
    this.#entries.replaceChildren(...links.flatMap((link, i) => i > 0 ? [" · ", link] : [link]));
  }

  #state(): Asked | null {
    const { preset, session } = this.runs;
    if (!preset || session!.failure) return null;
    return mysteryNumber(preset) === null ? this.#asking.state(preset) : this.#mystery.state(preset);
  }

  #give(name: string): void {
    const run = this.runs.preset!;
    if (mysteryNumber(run) === null) this.#asking.give(run, name);
    else this.#mystery.give(run, name);
    this.redraw();
  }

  #giveUp(): void {
    this.#mystery.giveUp(this.runs.preset!);
    this.redraw();
  }
}
