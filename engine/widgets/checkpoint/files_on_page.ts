// Saving a run as a file and loading one, on every page with a runner: by the runner's buttons, by a drop anywhere, by
// paste, and by the blocks about checkpoints. Nothing is replaced before the reader has seen what is in the file.
import type { FileFacts } from "../../checkpoint/run_files.ts";
import { fittingSession } from "../../session/fitting_session.ts";
import type { FilePart } from "../../session/run_file.ts";
import type { TrainingSession } from "../../session/session.ts";
import { rawWords } from "../../wording_of_failures.ts";
import { filePanel, notRead } from "../../wording_of_files.ts";
import { make } from "../shared/dom.ts";
import { bringIntoView, moreOf } from "../shared/stage.ts";
import { watchArrivals } from "./arrivals.ts";
import { download, fileName } from "./download.ts";
import { FilePanel, type Point } from "./file_panel.ts";
import type { LatePage, PageFiles } from "./late_page.ts";
import { OpenedRuns } from "./opened_runs.ts";
import { previewOf } from "./preview.ts";

/** Attribute of a runner's buttons, whose values say what they do. The runner itself knows nothing about files. */
const DOES = "data-file";

/** Pages without a runner have nothing to save, and nothing that could read a file. */
export function takeFiles(page: LatePage): void {
  if (page.runners.length > 0) page.files = new FilesOnPage(page);
}

class FilesOnPage implements PageFiles {
  readonly #page: LatePage;
  readonly #panel = new FilePanel();
  readonly #opened: OpenedRuns;
  /** Counts the files taken; a file that is still being read gives way to the next. */
  #taken = 0;

  constructor(page: LatePage) {
    this.#page = page;
    this.#opened = new OpenedRuns(page, this, (why) => this.#panel.say(why, { alert: true }));
    document.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest(`[${DOES}]`) : null;
      const runner = button &&
        this.#page.runners.find(({ root }) => [root, moreOf(root)].some((one) => one?.contains(button)));
      if (!runner) return;
      const does = button.getAttribute(DOES);
      if (does === "load") this.choose(runner.session);
      else void this.save(runner.session, does === "weights" ? "weights" : "state");
    });
    watchArrivals(({ files, folder, at }) => {
      if (folder === null) void this.take(files, at);
      else this.#panel.say(notRead.folder(folder), { alert: true, at });
    });
  }

  async save(session: TrainingSession, part: FilePart): Promise<string | null> {
    const saved = await this.#download(session, part);
    if (saved) this.#panel.say(filePanel.saved(saved.name, saved.size));
    return saved?.name ?? null;
  }

  choose(session: TrainingSession): void {
    // In the page, because a browser may forget an input that nothing refers to, and the reader's choice with it.
    const input = make("input", { type: "file", hidden: "", tabindex: "-1" });
    input.addEventListener("change", () => void this.take([...input.files ?? []], undefined, session));
    for (const end of ["change", "cancel"]) input.addEventListener(end, () => input.remove());
    document.body.append(input);
    input.click();
  }

  async take(files: readonly File[], at?: Point, wanted?: TrainingSession): Promise<void> {
    const turn = ++this.#taken, sessions = this.#page.runners.map(({ session }) => session);
    const asked = wanted ?? sessions[0], complain = (why: string) => this.#panel.say(why, { alert: true, at });
    if (files.length !== 1) return complain(notRead.several(files.length));
    const [file] = files;
    if (file.size === 0) return complain(notRead.empty(file.name));
    this.#panel.say(filePanel.reading(file.name), { at });
    let facts: FileFacts;
    try {
      facts = await asked.read(file);
    } catch (error) {
      if (turn === this.#taken) complain(notRead.refused(file.name, rawWords(error)));
      return;
    }
    if (turn !== this.#taken) return;
    this.#page.events.emit("read", { file, facts });
    const session = fittingSession(facts.about, sessions, asked);
    const preview = previewOf({
      file,
      facts,
      session,
      several: sessions.length > 1,
      text: this.#opened.textTitle(facts.about),
    }, {
      go_on: () => void this.#goOn(session!, file),
      save_first: async () => await this.#download(session!, "state") !== null,
      open: () => {
        this.#panel.close();
        void this.#opened.open(file, facts.about, session ?? asked);
      },
      cancel: () => this.#panel.close(),
    });
    this.#panel.ask(preview.title, preview.parts, at);
  }

  async #goOn(session: TrainingSession, file: File): Promise<void> {
    this.#panel.close();
    try {
      await session.load(file);
    } catch (error) {
      return this.#panel.say(notRead.refused(file.name, rawWords(error)), { alert: true });
    }
    this.#page.events.emit("loaded", session);
    this.#panel.say(filePanel.went_on(session.seed, session.log.at(-1)!.text));
    session.start();
    const runner = this.#page.runners.find((one) => one.session === session);
    if (runner) bringIntoView(runner.root);
  }

  /** @returns null if the run could not be saved, which the page then says */
  async #download(session: TrainingSession, part: FilePart): Promise<{ name: string; size: number } | null> {
    try {
      const blob = await session.save(part), name = fileName(session.seed, session.iteration, part);
      download(blob, name);
      this.#page.events.emit("saved", session);
      return { name, size: blob.size };
    } catch (error) {
      this.#panel.say(rawWords(error), { alert: true });
      return null;
    }
  }
}
