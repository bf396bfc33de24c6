// The panel of a file opened beside the page's run: where that run stands, what its model writes, and a way to close it.
import { type LinkMaker, Talk } from "../../session/talk.ts";
import type { TrainingSession } from "../../session/session.ts";
import { fileButton, openedRun } from "../../wording_of_files.ts";
import { make, seedNode, setProse, setText, VERBATIM } from "../shared/dom.ts";
import { loss } from "../shared/format.ts";
import { Pacer } from "../shared/draw_pacer.ts";

const DRAW_EVERY_MS = 100;
const GOING: readonly string[] = ["loading", "running", "hidden", "waiting"];

export interface OpenedActions {
  save(): void;
  close(): void;
}

export class OpenedPanel {
  readonly element = make("figure", { class: "ps-figure ps-opened", tabindex: "-1" });
  readonly #session: TrainingSession;
  readonly #train = make("button", { type: "button", class: "ps-button ps-primary" });
  readonly #write = make("button", { type: "button", class: "ps-button ps-quiet" });
  readonly #iteration = make("dd", {});
  readonly #val = make("dd", {});
  readonly #badge = make("p", { class: "ps-badge", role: "status" });
  readonly #text = make("blockquote", { ...VERBATIM, class: "ps-opened-text", dir: "auto" });
  readonly #wrong = make("p", { class: "ps-file-wrong", role: "alert" });
  readonly #pacer = new Pacer(() => this.#draw(), DRAW_EVERY_MS);
  readonly #talk: Talk;
  readonly #ends: (() => void)[];
  /** Asked samples so far: each has dice of its own. */
  #asked = 0;

  constructor(name: string, session: TrainingSession, link: LinkMaker, actions: OpenedActions) {
    this.#session = session;
    const { sampling, corpus } = session.options;
    this.#talk = new Talk(link, sampling.rest_ms / sampling.characters, () => this.#draw());
    const close = make("button", { type: "button", class: "ps-button ps-quiet" }, openedRun.close);
    const save = make("button", { type: "button", class: "ps-button ps-quiet" }, fileButton.save);
    const trains = !corpus.only_characters;
    const buttons = make("div", { class: "ps-controls" }, ...(trains ? [this.#train] : []), this.#write, save, close);
    const title = make("p", { class: "ps-opened-title", id: `ps-opened-${session.name}` }, openedRun.title(name));
    const about = make("p", {}, trains ? openedRun.can_train : openedRun.cannot_train(corpus.title));
    const facts = make("dl", { class: "ps-readouts" });
    for (
      const [term, value] of [["seed", make("dd", {}, seedNode(session.seed))], ["iteration", this.#iteration], [
        "val NLL",
        this.#val,
      ]] as const
    ) {
      facts.append(make("div", { class: "ps-readout" }, make("dt", {}, term), value));
    }
    const panel = make("section", { class: "ps-panel", "aria-labelledby": title.id });
    panel.append(title, about, facts, this.#badge, buttons, this.#wrong, this.#text);
    this.element.append(make("div", { class: "press-start" }, panel));
    this.#train.addEventListener("click", () => GOING.includes(session.status) ? session.pause() : session.start());
    this.#write.addEventListener("click", () => this.#talk.writing ? this.#talk.stop() : this.#ask());
    save.addEventListener("click", actions.save);
    close.addEventListener("click", actions.close);
    this.#ends = [session.on("status", () => this.#draw()), session.on("metrics", () => this.#pacer.request())];
    this.#draw();
  }

  dispose(): void {
    for (const end of this.#ends) end();
    this.#talk.stop();
    this.#pacer.cancel();
    this.element.remove();
  }

  /** With the prompt of the run's own samples, and new dice each time. */
  #ask(): void {
    const { seed, samples, options: { sampling } } = this.#session;
    const question = {
      prompt: samples.at(-1)?.prompt ?? "",
      temperature: sampling.temperature,
      top_k: null,
      characters: sampling.characters,
      dice: `${seed} ${++this.#asked}`,
    };
    void this.#talk.ask(question, [() => this.#session.weights()]);
  }

  #draw(): void {
    const { session, talk } = { session: this.#session, talk: this.#talk };
    setText(this.#train, GOING.includes(session.status) ? openedRun.pause : openedRun.train);
    this.#train.hidden = session.ended || session.failure !== null;
    setText(this.#write, talk.writing ? openedRun.stop : openedRun.write);
    setText(this.#iteration, `${session.iteration} / ${session.iterations}`);
    setText(this.#val, loss(session.val_nll));
    setText(this.#badge, session.detail);
    const [answer] = talk.answers, last = session.speaking?.sample ?? session.samples.at(-1);
    if (answer?.prompt) this.#show(answer.prompt.text, answer.text);
    else if (last) this.#show(last.prompt, last.text.slice(0, session.speaking?.shown));
    else this.#show("", openedRun.no_sample);
    setProse(this.#wrong, answer?.failure ?? session.failure?.message ?? "");
  }

  #show(prompt: string, text: string): void {
    const [first, second] = this.#text.children;
    if (!first) return this.#text.replaceChildren(make("span", { class: "ps-prompt" }, prompt), make("span", {}, text));
    setText(first, prompt);
    setText(second, text);
  }
}
