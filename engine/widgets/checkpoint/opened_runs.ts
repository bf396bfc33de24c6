// Files opened beside the page's run: each gets a session of its own, in `pressStart.sessions` as file, file-2 and so on,
// and a panel below the runner. Closing the panel ends the session.
import type { About } from "../../checkpoint/about.ts";
import { optionsFor, textOf } from "../../session/opened_run.ts";
import type { TrainingSession } from "../../session/session.ts";
import { RANK } from "../../session/turns.ts";
import { rawWords } from "../../wording_of_failures.ts";
import { notRead, openedRun } from "../../wording_of_files.ts";
import { focusOn } from "../shared/press_guard.ts";
import { stageOf } from "../shared/stage.ts";
import type { LatePage, PageFiles } from "./late_page.ts";
import { OpenedPanel } from "./opened_panel.ts";

const NAME = "file";

export class OpenedRuns {
  readonly #page: LatePage;
  readonly #files: PageFiles;
  readonly #complain: (why: string) => void;

  constructor(page: LatePage, files: PageFiles, complain: (why: string) => void) {
    this.#page = page;
    this.#files = files;
    this.#complain = complain;
  }

  /** The title of the text of the file's run; null if it is not on this page. */
  textTitle(about: About): string | null {
    return textOf(about, this.#texts)?.title ?? null;
  }

  get #texts() {
    return this.#page.runners.map(({ session }) => session.options.corpus);
  }

  /** @param beside the session below whose runner it is shown, and like which it is measured and sampled */
  async open(file: File, about: About, beside: TrainingSession): Promise<void> {
    const { sessions, host, own, events } = this.#page, name = this.#freeName();
    // What is known about the engines' speeds holds for the page's own model.
    const own_host = { ...host, measured: undefined };
    const session = new own.TrainingSession(name, optionsFor(about, beside.options, this.#texts), own_host);
    sessions[name] = session; // another file may be opened while this one is loading
    try {
      await session.load(file);
    } catch (error) {
      session.dispose();
      delete sessions[name];
      return this.#complain(notRead.refused(file.name, rawWords(error)));
    }
    const { root } = this.#page.runners.find((one) => one.session === beside)!;
    const turn = { words: openedRun.waits, place: placeBelow(root), rank: RANK.run };
    const leaveTurns = host.turns.follow(session, turn);
    if (document.hidden) session.hide();
    const panel = new OpenedPanel(file.name, session, (listeners) => new own.EngineLink(own_host, listeners), {
      save: () => void this.#files.save(session, "state"),
      close: () => {
        panel.dispose();
        leaveTurns();
        session.dispose();
        delete sessions[name];
        events.emit("sessions", undefined);
        focusOn(document.querySelector<HTMLElement>(".ps-files button"), { preventScroll: true });
      },
    });
    (stageOf(root) ?? root.closest("figure") ?? root).after(panel.element);
    panel.element.scrollIntoView({ block: "nearest" });
    panel.element.focus({ preventScroll: true });
    events.emit("sessions", undefined);
  }

  #freeName(): string {
    for (let i = 1;; i++) {
      const name = i === 1 ? NAME : `${NAME}-${i}`;
      if (!(name in this.#page.sessions)) return name;
    }
  }
}

/** A position just below the widget's, counted as page.ts counts them. */
function placeBelow(root: Element): number {
  return [...document.querySelectorAll("[data-ps]")].indexOf(root) + 0.5;
}
