// The talk block: a reader asks the model of now, and of any sample before, the same question. The answers appear beside
// each other. Which weights are kept, and how a text is drawn, is in session/kept_weights.ts and session/talk.ts.
import { KeptWeights } from "../../session/kept_weights.ts";
import { type Answer, type Question, type Source, Talk } from "../../session/talk.ts";
import type { TrainingSession } from "../../session/session.ts";
import { talkWords as words } from "../../wording_of_talk.ts";
import { make, setChildren, setProse, setText, tellFigure, TYPED_AS_IT_IS, VERBATIM } from "../shared/dom.ts";
import { Pacer } from "../shared/draw_pacer.ts";
import type { TalkIsland } from "../shared/island.ts";
import type { LatePage } from "./late_page.ts";

/** Names of the sessions of files that a reader has opened beside the run; see opened_runs.ts. */
const OPENED = /^file(-\d+)?$/;
const DRAW_EVERY_MS = 100;
const { type: _of_fields, ...AS_TYPED } = TYPED_AS_IT_IS;
const NOW = "now", ALONE = "alone";
/** For readers who prefer less motion: all that is written, at once. */
const AT_ONCE_MS = 0.001;
export const MOST_CHARACTERS = 1000;

/** What outlives a widget: weights by their run, and a block's answers by its element. */
const kept = new WeakMap<TrainingSession, KeptWeights>();
const talks = new WeakMap<Element, { talk: Talk; changed: () => void }>();

/** The weights at each sample of a run, from the first call on. */
export function keptOf(session: TrainingSession): KeptWeights {
  if (!kept.has(session)) kept.set(session, new KeptWeights(session));
  return kept.get(session)!;
}

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountTalk(root: Element, island: TalkIsland, page: LatePage): () => void {
  const view = new TalkView(root, island, page);
  root.append(view.element);
  return () => view.dispose();
}

class TalkView {
  readonly element = make("section", { class: "ps-panel", "aria-label": words.title });
  readonly #prompt = make("textarea", { ...AS_TYPED, class: "ps-talk-prompt", rows: "3" });
  readonly #model = make("select", { ...VERBATIM, class: "ps-select" });
  readonly #left = make("select", { ...VERBATIM, class: "ps-select" });
  readonly #right = make("select", { ...VERBATIM, class: "ps-select" });
  readonly #temperature = numberField({ min: "0", max: "5", step: "any", required: "" });
  readonly #top_k = numberField({ min: "1", step: "1", placeholder: words.all });
  readonly #characters = numberField({ min: "1", max: String(MOST_CHARACTERS), step: "1", required: "" });
  readonly #dice = make("input", { ...TYPED_AS_IT_IS, class: "ps-talk-dice" });
  readonly #stop = make("button", { type: "button", class: "ps-button ps-quiet" }, words.stop);
  readonly #answers = make("div", { class: "ps-talk-answers" });
  readonly #announcer = make("p", { class: "ps-unseen", role: "status" });
  readonly #pacer = new Pacer(() => this.#draw(), DRAW_EVERY_MS);
  readonly #listening = new AbortController();
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #page: LatePage;
  readonly #root: Element;
  readonly #talk: Talk;
  readonly #sessions_changed: () => void;
  #session: TrainingSession;
  #leave: (() => void)[] = [];
  /** The answers, each with what shows it. */
  #shown: { answer: Answer; show: () => void }[] = [];
  #announced = true;

  constructor(root: Element, island: TalkIsland, page: LatePage) {
    this.#page = page;
    this.#root = root;
    this.#session = page.sessions[island.session];
    const { sampling } = this.#session.options;
    this.#talk = talkOf(root, page, sampling.rest_ms / Math.max(1, sampling.characters), () => this.#drawAnswers());
    this.#prompt.value = island.prompt;
    this.#temperature.valueAsNumber = island.temperature;
    if (island.top_k !== null) this.#top_k.valueAsNumber = island.top_k;
    this.#characters.valueAsNumber = island.characters;
    this.#dice.value = this.#session.seed;
    this.element.append(this.#form(), this.#answers, this.#announcer);
    this.#sessions_changed = page.events.on("sessions", () => this.#pacer.request());
    this.#follow();
    this.#draw();
    this.#drawAnswers();
  }

  dispose(): void {
    this.#listening.abort();
    this.#sessions_changed();
    this.#leave.forEach((leave) => leave());
    this.#pacer.cancel();
  }

  #form(): HTMLElement {
    const { signal } = this.#listening;
    const form = make(
      "form",
      { class: "ps-talk-form" },
      labelled(words.prompt, this.#prompt),
      make(
        "div",
        { class: "ps-talk-fields" },
        labelled(words.model, this.#model),
        labelled(words.left, this.#left),
        labelled(words.right, this.#right),
        labelled(words.temperature, this.#temperature),
        labelled(words.top_k, this.#top_k),
        labelled(words.characters, this.#characters),
        labelled(words.dice, this.#dice),
      ),
      make(
        "div",
        { class: "ps-controls" },
        make("button", { type: "submit", class: "ps-button ps-primary", translate: "no" }, words.ask),
        this.#stop,
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask();
    }, { signal });
    this.#stop.addEventListener("click", () => this.#talk.stop(), { signal });
    this.#model.addEventListener("change", () => this.#choose(this.#page.sessions[this.#model.value]), { signal });
    for (const event of ["focusin", "pointerover"]) {
      form.addEventListener(event, () => this.#pacer.request(), { signal });
    }
    return form;
  }

  #choose(session: TrainingSession | undefined): void {
    if (!session || session === this.#session) return this.#pacer.request();
    this.#session = session;
    this.#dice.value = session.seed;
    this.#follow();
    this.#draw();
  }

  #follow(): void {
    this.#leave.forEach((leave) => leave());
    const request = () => this.#pacer.request(), session = this.#session;
    this.#leave = [session.on("status", request), session.on("metrics", request), keptOf(session).on(request)];
  }

  #ask(): void {
    const question: Question = {
      prompt: this.#prompt.value,
      temperature: this.#temperature.valueAsNumber,
      top_k: this.#top_k.value === "" ? null : this.#top_k.valueAsNumber,
      characters: this.#characters.valueAsNumber,
      dice: this.#dice.value,
    };
    const asked = [this.#left.value, this.#right.value].filter((one) => one !== ALONE);
    this.#announced = false;
    this.#talk.ask(question, asked.map((one) => this.#source(one)), this.#calm.matches ? AT_ONCE_MS : undefined);
  }

  #source(of: string): Source {
    const session = this.#session, weights = keptOf(session).all.find(({ iteration }) => String(iteration) === of);
    if (weights) return () => Promise.resolve(weights);
    if (session.status === "diverged") return () => Promise.reject(new Error(words.diverged));
    return () => session.weights();
  }

  #draw(): void {
    const { sessions, runners } = this.#page, session = this.#session;
    // Others, such as twins, pass.
    const own = new Set([this.#session, ...runners.map(({ session }) => session)]);
    const names = Object.keys(sessions).filter((name) => own.has(sessions[name]) || OPENED.test(name));
    if (sessions[session.name] !== session) return this.#choose(sessions[names[0]]); // a file's run was closed
    setOptions(this.#model, names.map((name) => [name, words.run(name, sessions[name].seed)]), session.name);
    this.#model.parentElement!.hidden = names.length < 2;
    const then = keptOf(session).all.map(({ iteration }) => [String(iteration), words.then(iteration)] as const);
    const models = [[NOW, words.now(session.iteration)] as const, ...then.toReversed()];
    setOptions(this.#left, models, NOW);
    setOptions(this.#right, [[ALONE, words.alone], ...models], ALONE);
    this.#stop.setAttribute("aria-disabled", String(!this.#talk.writing));
  }

  #drawAnswers(): void {
    const { answers, writing } = this.#talk;
    if (answers.some((answer, i) => answer !== this.#shown[i]?.answer) || answers.length !== this.#shown.length) {
      this.#shown = [];
      const elements = answers.map((answer) => {
        const { element, show } = answerView(answer);
        this.#shown.push({ answer, show });
        return element;
      });
      this.#answers.replaceChildren(...elements);
    }
    if (answers.length === 0) this.#answers.replaceChildren(make("p", { class: "ps-before" }, words.nothing_yet));
    for (const { show } of this.#shown) show();
    tellFigure(this.#root, answers.length === 0 ? "idle" : "answered");
    this.#stop.setAttribute("aria-disabled", String(!writing));
    if (writing || this.#announced) return;
    this.#announced = true;
    const said = answers.map(({ shown, iteration }) => iteration === null ? "" : words.answered(shown, iteration));
    setProse(this.#announcer, said.join(" "));
  }
}

/** A block's answers; a widget that is mounted again shows the same. */
function talkOf(
  root: Element,
  { host, own: { EngineLink } }: LatePage,
  ms_per_character: number,
  changed: () => void,
): Talk {
  const known = talks.get(root);
  if (known) {
    known.changed = changed;
    return known.talk;
  }
  const made = {
    talk: new Talk((listeners) => new EngineLink(host, listeners), ms_per_character, () => made.changed()),
    changed,
  };
  talks.set(root, made);
  return made.talk;
}

function numberField(attributes: Record<string, string>): HTMLInputElement {
  return make("input", { ...VERBATIM, type: "number", autocomplete: "off", ...attributes });
}

/** A list of models is as wide as a phone, because its choices are long. */
function labelled(label: string, field: HTMLElement): HTMLElement {
  return make(
    "label",
    { class: field instanceof HTMLSelectElement ? "ps-field ps-field-wide" : "ps-field" },
    make("span", { class: "ps-field-name" }, label),
    field,
  );
}

/** Sets a list's choices; the chosen one stays, or becomes `usual` if it is gone. */
function setOptions(
  select: HTMLSelectElement,
  choices: (readonly [value: string, text: string])[],
  usual: string,
): void {
  const chosen = choices.some(([value]) => value === select.value) ? select.value : usual;
  const there = new Map([...select.options].map((option) => [option.value, option]));
  setChildren(select, choices.map(([value]) => there.get(value) ?? make("option", { value })));
  choices.forEach(([, text], i) => setText(select.options[i], text));
  select.value = chosen;
}

function answerView(answer: Answer): { element: HTMLElement; show: () => void } {
  const at = make("p", { class: "ps-meta" }), prompt = make("span", { class: "ps-prompt" });
  const said = make("span", { class: "ps-said" }), remarks = make("p", { class: "ps-talk-remarks", role: "alert" });
  const script = make("blockquote", { ...VERBATIM, class: "ps-script" }, prompt, said);
  const show = () => {
    const { iteration, prompt: read, failure, complete, written } = answer;
    setProse(at, iteration === null ? (failure === null ? words.waiting : "") : words.asked_at(iteration));
    const unknown = read !== null && read.unknown.length > 0;
    script.hidden = read === null || unknown;
    setText(prompt, read?.text ?? "");
    setText(said, answer.text);
    said.classList.toggle("ps-writing", !complete || answer.shown < written.length);
    setProse(remarks, [failure, ...remarksOn(answer)].filter((one) => one !== null).join(" "));
  };
  return { element: make("div", { class: "ps-talk-answer" }, at, script, remarks), show };
}

function remarksOn({ prompt }: Answer): string[] {
  if (prompt === null) return [];
  if (prompt.unknown.length > 0) return [words.unknown(prompt.unknown)];
  const remarks: string[] = [];
  if (prompt.empty) remarks.push(words.empty(prompt.text));
  if (prompt.left_out > 0) remarks.push(words.left_out(prompt.left_out, prompt.tokens.length));
  return remarks;
}
