// The block that saves a run as a file and loads one, and shows the two hashes of the run. It holds no state of the run.
import type { TrainingSession } from "../../session/session.ts";
import { rawWords } from "../../wording_of_failures.ts";
import { checkpointBlock, fileButton, fileTerm } from "../../wording_of_files.ts";
import { Pacer } from "../shared/draw_pacer.ts";
import { make, setProse, setText, VERBATIM } from "../shared/dom.ts";
import { DASH } from "../shared/format.ts";
import type { CheckpointIsland } from "../shared/island.ts";
import type { LatePage, PageFiles } from "./late_page.ts";

const DRAW_EVERY_MS = 200;

/** Draws the block into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountCheckpoint(root: Element, { session: name }: CheckpointIsland, page: LatePage): () => void {
  const block = new CheckpointBlock(page.sessions[name], page);
  root.append(block.element);
  return () => block.dispose();
}

class CheckpointBlock {
  readonly element: HTMLElement;
  readonly #session: TrainingSession;
  readonly #page: LatePage;
  readonly #now = make("p", { class: "ps-checkpoint-now" });
  readonly #note = make("p", { class: "ps-checkpoint-note", role: "status" });
  readonly #hashes = {
    weights: make("dd", { ...VERBATIM, class: "ps-hash" }, DASH),
    state: make("dd", { ...VERBATIM, class: "ps-hash" }, DASH),
  };
  readonly #pacer = new Pacer(() => this.#draw(), DRAW_EVERY_MS);
  readonly #ends: (() => void)[];

  constructor(session: TrainingSession, page: LatePage) {
    this.#session = session;
    this.#page = page;
    const controls = make(
      "div",
      { class: "ps-controls" },
      this.#button(fileButton.save_whole, (files) => void files.save(session, "state")),
      this.#button(fileButton.save_alone, (files) => void files.save(session, "weights")),
      this.#button(fileButton.load, (files) => files.choose(session)),
      this.#button(fileButton.hashes, () => void this.#showHashes()),
    );
    const list = make("dl", { class: "ps-file-facts" });
    for (const one of ["weights", "state"] as const) {
      list.append(make("div", {}, make("dt", {}, fileTerm[one]), this.#hashes[one]));
    }
    this.element = make("section", { class: "ps-panel", "aria-label": `A file of the run ${session.name}` });
    this.element.append(this.#now, controls, list, this.#note);
    this.#ends = [session.on("status", () => this.#draw()), session.on("metrics", () => this.#pacer.request())];
    this.#draw();
  }

  dispose(): void {
    for (const end of this.#ends) end();
    this.#pacer.cancel();
  }

  /** A button that works once the late script has come, and says so if it never comes. */
  #button(label: string, act: (files: PageFiles) => void): HTMLElement {
    const button = make("button", { type: "button", class: "ps-button ps-quiet" }, label);
    button.addEventListener("click", async () => {
      await this.#page.host.program_arrived?.catch(() => {});
      if (this.#page.files) act(this.#page.files);
      else setProse(this.#note, checkpointBlock.too_early);
    });
    return button;
  }

  async #showHashes(): Promise<void> {
    try {
      const { weights, state } = await this.#session.hashes();
      setText(this.#hashes.weights, weights);
      setText(this.#hashes.state, state ?? DASH);
      setProse(this.#note, checkpointBlock.hashed(this.#session.iteration));
    } catch (error) {
      setProse(this.#note, rawWords(error));
    }
  }

  #draw(): void {
    const { seed, iteration, iterations } = this.#session;
    setText(this.#now, checkpointBlock.now(seed, iteration, iterations));
  }
}
