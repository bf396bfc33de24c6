// Part of the late script: keeps the runs of a page's runners in the browser, and offers them to readers who come back.
import { Autosave } from "../../keeping/autosave.ts";
import type { Kept, KeptRuns } from "../../keeping/kept_run.ts";
import { loadKept, type Offer, offerOf } from "../../keeping/offer.ts";
import { askToPersist } from "../../keeping/persistence.ts";
import { RunStore } from "../../keeping/run_store.ts";
import type { TrainingSession } from "../../session/session.ts";
import { ago, offer as words } from "../../wording_of_keeping.ts";
import { recall, remember } from "../shared/browser_storage.ts";
import { focusOn } from "../shared/press_guard.ts";
import { download, fileName } from "./download.ts";
import { type Answer, OfferBox, type Words } from "./kept_offer.ts";
import type { LatePage } from "./late_page.ts";

/** The run, already ended, that a reader does not want to be offered again. */
const CLOSED = "offer-closed";

/** Keeps the run of each runner from now on. */
export function keepRuns(page: LatePage): void {
  const store = new RunStore(), keepers = new Map<TrainingSession, Keeper>();
  for (const { root, session } of page.runners) {
    const keeper = keepers.get(session) ?? new Keeper(session, store, page);
    keepers.set(session, keeper);
    if (!keeper.root) keeper.attach(root);
  }
  page.events.on("saved", () => void askToPersist());
  // Browsers hide a page before they leave it, but Safari does not always say so.
  addEventListener("pagehide", () => keepers.forEach((keeper) => keeper.autosave.saveNow()));
}

/** The page's heading, without the mark that links to it. The document's title changes while the tab is hidden. */
function titleOfPage(): string {
  return document.querySelector("h1")?.firstChild?.textContent?.trim() || document.title;
}

/** The address of the page that lists stored runs, if the site has one. */
function listAddress(): string | null {
  return document.querySelector<HTMLLinkElement>('link[rel="press-start-stored"]')?.href ?? null;
}

/** Keeps one session's run, and shows its offer. */
class Keeper {
  readonly autosave: Autosave;
  root: Element | null = null;
  readonly #place: { path: string; session: string };
  readonly #box: OfferBox;
  #found: KeptRuns | null = null;
  #closed = false;
  #busy = false;
  #failure_said = false;

  constructor(
    private readonly session: TrainingSession,
    private readonly store: RunStore,
    private readonly page: LatePage,
  ) {
    this.#place = { path: location.pathname, session: session.name };
    const changed = () => {
      page.keeps(session, this.autosave.safe);
      this.#tellFailure();
    };
    this.autosave = new Autosave(session, store, { place: this.#place, title: titleOfPage }, changed);
    session.on("metrics", changed);
    const list = listAddress();
    this.#box = new OfferBox(
      words.label,
      { label: words.close, press: () => this.#close() },
      list === null ? null : { label: words.list, href: list },
    );
  }

  /** Puts the box into the runner, now and whenever the runner is drawn anew; then looks for a kept run. */
  attach(root: Element): void {
    this.root = root;
    const place = () => root.querySelector(":scope > .ps-panel > .ps-badge")?.after(this.#box.element);
    place();
    new MutationObserver(() => {
      if (!root.contains(this.#box.element)) place();
    }).observe(root, { childList: true });
    this.session.on("status", () => this.#draw());
    this.#find();
  }

  async #find(): Promise<void> {
    // A browser that refuses says so once there is a run to keep.
    this.#found = await this.store.find(this.#place).catch(() => null);
    this.#draw();
  }

  /** Whether the reader has neither begun a run nor loaded one. */
  get #untouched(): boolean {
    return this.session.status === "idle" && this.session.iteration === 0;
  }

  #draw(): void {
    if (this.#busy || this.#failure_said) return;
    const found = this.#found;
    if (found === null || this.#closed || !this.#untouched) return this.#box.hide();
    const offer = offerOf(found, this.session);
    if (offer.kind === "ended" && recall(CLOSED) === offer.run.run) return this.#box.hide();
    if (this.#box.element.hidden) this.#offer(offer);
  }

  #offer(offer: Offer): void {
    const { run } = offer, since = ago(Date.now() - run.when);
    const [before, after] = offer.kind === "unlike"
      ? words.unlike(run.iteration, since, offer.reason)
      : offer.kind === "ended"
      ? words.ended(run.iterations, since)
      : words.stopped(run.iteration, since);
    this.#box.show({ before, seed: run.seed, after }, this.#answers(offer), offer.kind === "ended");
  }

  #answers({ kind, run }: Offer): Answer[] {
    const afresh = { label: words.afresh, press: () => this.#startAfresh() };
    if (kind === "unlike") return [{ label: words.save, press: () => this.#saveFile(run) }, afresh];
    if (kind === "ended") return [{ label: words.show, press: () => this.#goOn(false) }];
    return [{ label: words.go_on, press: () => this.#goOn(true) }, afresh];
  }

  /** The same as the runner's own button, which knows the seed that the reader has typed. */
  #startAfresh(): void {
    const start = this.root?.querySelector<HTMLElement>(".ps-primary");
    start?.click();
    focusOn(start);
  }

  async #goOn(trains: boolean): Promise<void> {
    const found = this.#found!, { session, store } = this;
    this.#busy = true;
    this.#box.busy(words.loading);
    try {
      // Another tab may have trained it further meanwhile; the files that were offered are gone then.
      const now = await store.find(this.#place).catch(() => null),
        kept = now?.newest.run === found.newest.run ? now : found;
      await loadKept(kept, store, this.#place, (file, save) => this.autosave.resume(save, () => session.load(file)));
      this.#found = null;
      this.#box.hide();
      focusOn(this.root?.querySelector<HTMLElement>(".ps-primary"));
      if (trains) session.start();
    } catch (error) {
      this.#closed = true;
      this.#say((error as Error).message);
    } finally {
      this.#busy = false;
    }
  }

  async #saveFile(run: Kept): Promise<void> {
    const file = await this.store.file(this.#place, run).catch(() => null);
    if (file === null) return this.#say(words.damaged(words.lost));
    download(new Blob([file], { type: "application/octet-stream" }), fileName(run.seed, run.iteration, "state"));
    await askToPersist();
  }

  #say(words: Words): void {
    this.#box.show(words, [], true);
  }

  #close(): void {
    const ended = this.#found?.newest.done && this.#untouched;
    if (ended) remember(CLOSED, this.#found!.newest.run);
    this.#closed = true;
    this.#box.hide();
    focusOn(this.root?.querySelector<HTMLElement>(".ps-primary"));
  }

  /** Says once per page that runs are not kept, in the box of the run that noticed, until they are kept again. */
  #tellFailure(): void {
    const { failure } = this.autosave;
    if (failure === null && this.#failure_said) {
      this.#failure_said = false;
      this.#box.hide();
    }
    if (failure === null || told) return;
    told = this.#failure_said = true;
    this.#box.show(
      failure,
      [{ label: words.save, press: () => void this.page.files?.save(this.session, "state") }],
      true,
    );
  }
}

/** Whether this page has said that runs are not kept. */
let told = false;
