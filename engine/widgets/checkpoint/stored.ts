// The list of runs that the browser keeps for this site: each can be saved as a file, or deleted.
import type { KeepingError } from "../../keeping/database.ts";
import type { Kept, KeptRuns } from "../../keeping/kept_run.ts";
import { askToPersist, isPersisted, spaceUsed } from "../../keeping/persistence.ts";
import { RunStore } from "../../keeping/run_store.ts";
import { ago, stored as words } from "../../wording_of_keeping.ts";
import { Question } from "../shared/confirm_question.ts";
import { make, seedNode, setProse } from "../shared/dom.ts";
import { loss } from "../shared/format.ts";
import { download, fileName } from "./download.ts";

/** A run in the list. */
interface Row {
  at: KeptRuns;
  run: Kept;
  /** All of its files. */
  bytes: number;
  before: boolean;
}

/** Draws the list into `root`. @returns a function that stops listening; the caller removes the DOM. */
export function mountStored(root: Element): () => void {
  const list = new StoredList();
  root.append(list.element);
  list.read();
  // Another tab may keep a run meanwhile.
  const look = () => document.hidden || list.read();
  document.addEventListener("visibilitychange", look);
  return () => document.removeEventListener("visibilitychange", look);
}

function rowsOf(at: KeptRuns): Row[] {
  const { newest, fallback, before } = at;
  const rows = [{ at, run: newest, bytes: newest.bytes + (fallback?.bytes ?? 0), before: false }];
  return before ? [...rows, { at, run: before, bytes: before.bytes, before: true }] : rows;
}

class StoredList {
  readonly element = make("section", { class: "ps-panel ps-stored", "aria-label": words.label });
  readonly #summary = make("p", { class: "ps-badge", role: "status" });
  readonly #list = make("ul", {});
  readonly #question = new Question();
  readonly #facts = make("p", { class: "ps-facts" });
  readonly #store = new RunStore();

  constructor() {
    this.element.append(this.#summary, this.#question.element, this.#list, this.#facts);
    setProse(this.#summary, words.reading);
  }

  async read(): Promise<void> {
    try {
      this.#draw((await this.#store.list()).flatMap(rowsOf));
    } catch (error) {
      setProse(this.#summary, words.unreadable((error as KeepingError).message));
    }
    await this.#tellFacts();
  }

  async #tellFacts(): Promise<void> {
    const [space, persisted] = await Promise.all([spaceUsed(), isPersisted()]);
    const sentences = [
      space && words.space(size(space.used), size(space.most)),
      persisted !== null && (persisted ? words.persisted : words.not_persisted),
    ];
    setProse(this.#facts, sentences.filter(Boolean).join(" "));
  }

  #draw(rows: Row[]): void {
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    setProse(this.#summary, rows.length === 0 ? words.nothing : words.total(rows.length, size(bytes)));
    this.#list.replaceChildren(...rows.map((row) => this.#item(row)));
  }

  #item(row: Row): HTMLElement {
    const { at, run, bytes, before } = row;
    const page = make("a", { href: at.path }, at.title), facts = make("p", {});
    facts.append(words.iteration(run.iteration, run.iterations, run.done), ", seed “", seedNode(run.seed), "”");
    facts.append(...run.val === null ? [] : [`, val NLL ${loss(run.val)}`], `, ${ago(Date.now() - run.when)}, `);
    facts.append(size(bytes));
    const file = make("button", { type: "button", class: "ps-button ps-quiet" }, words.file);
    const remove = make("button", { type: "button", class: "ps-button ps-quiet" }, words.remove);
    file.addEventListener("click", () => this.#saveFile(row));
    remove.addEventListener("click", () =>
      this.#question.ask(remove, {
        words: () => words.sure(at.title, run.iteration),
        yes: words.remove,
        act: () => this.#remove(row),
      }));
    const which = [at.session === "main" ? "" : words.session(at.session), before ? words.before : ""].filter(Boolean);
    const name = make("p", {}, page, ...which.length > 0 ? [` (${which.join(", ")})`] : []);
    return make("li", {}, name, facts, make("div", { class: "ps-controls" }, file, remove));
  }

  async #saveFile({ at, run }: Row): Promise<void> {
    const file = await this.#store.file(at, run).catch(() => null);
    if (file === null) return setProse(this.#summary, words.gone);
    download(new Blob([file], { type: "application/octet-stream" }), fileName(run.seed, run.iteration, "state"));
    await askToPersist();
    await this.#tellFacts();
  }

  async #remove({ at, run }: Row): Promise<void> {
    try {
      await this.#store.remove(at, run);
      await this.read();
    } catch (error) {
      setProse(this.#summary, (error as KeepingError).message);
    }
  }
}

/** A size with one decimal: 2.5 MB, 10.7 GB. */
function size(bytes: number): string {
  const [unit, length] = bytes < 1e9 ? ["MB", 1e6] as const : ["GB", 1e9] as const;
  return `${(bytes / length).toLocaleString("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} ${unit}`;
}
