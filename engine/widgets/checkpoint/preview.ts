// What the page shows of a file before anything is replaced, and what the reader can do with it.
import type { FileFacts } from "../../checkpoint/run_files.ts";
import type { TrainingSession } from "../../session/session.ts";
import { fileButton, filePanel, madeBy } from "../../wording_of_files.ts";
import { make, setText } from "../shared/dom.ts";
import { factsList } from "./file_facts.ts";

/** A file that has been read, and where it belongs. */
export interface Previewed {
  file: File;
  facts: FileFacts;
  /** The session whose run it can replace; null if there is none on this page. */
  session: TrainingSession | null;
  /** Whether the page has more than one session. */
  several: boolean;
  /** The title of the file's text; null if it is not on this page. */
  text: string | null;
}

export interface PreviewActions {
  go_on(): void;
  /** @returns whether the run is saved */
  save_first(): Promise<boolean>;
  open(): void;
  cancel(): void;
}

/** @returns the panel's title, and what stands below it */
export function previewOf(previewed: Previewed, actions: PreviewActions): { title: HTMLElement; parts: Node[] } {
  const { file, facts, session, text } = previewed;
  const sentences = sentencesOf(previewed).map((sentence) => make("p", {}, sentence));
  const buttons = make("div", { class: "ps-controls" }, ...buttonsOf(facts, session, actions));
  return {
    title: make("h2", {}, filePanel.title(file.name)),
    parts: [factsList(facts, file, text), ...sentences, buttons],
  };
}

function sentencesOf({ facts, session, several }: Previewed): string[] {
  const { about, weights_only, unlike } = facts, name = several && session ? session.name : null;
  if (!session) return [filePanel.other_run(unlike ?? "")];
  const replaces = begun(session) ? filePanel.replaces(name, session.iteration) : filePanel.fresh(name);
  return [replaces, weights_only ? filePanel.weights_only : exactness(about)];
}

/** How exactly the file's run goes on. */
function exactness(about: FileFacts["about"]): string {
  const { engine } = about;
  const kind = engine === "webgpu" ? "webgpu" : engine === "cpu-fma" || engine === "cpu-base" ? "cpu" : "other";
  return filePanel.exact[kind](madeBy(about));
}

const begun = ({ iteration, history }: TrainingSession) => iteration > 0 || history.iteration.length > 0;

function buttonsOf(
  { about, weights_only }: FileFacts,
  session: TrainingSession | null,
  actions: PreviewActions,
): HTMLElement[] {
  const buttons: HTMLElement[] = [];
  if (session) {
    const ended = about.iteration === about.training.iterations;
    const label = ended ? fileButton.load_ended : weights_only ? fileButton.fresh_moments : fileButton.go_on;
    buttons.push(button(label, "ps-primary", actions.go_on));
    if (begun(session)) {
      const save = button(fileButton.save_first, "ps-quiet", async () => {
        if (await actions.save_first()) setText(save, fileButton.saved_first);
      });
      buttons.push(save);
    }
  }
  const open = button(fileButton.open, session ? "ps-quiet" : "ps-primary", actions.open);
  return [...buttons, open, button(fileButton.cancel, "ps-quiet", actions.cancel)];
}

function button(label: string, kind: string, act: () => void): HTMLButtonElement {
  const element = make("button", { type: "button", class: `ps-button ${kind}` }, label);
  element.addEventListener("click", act);
  return element;
}
