// The engine of a session's run: created when needed, reset to the current seed, replaced if it fails.
import { mostWorkersFor, workersFor } from "../cpu/cpu_backend.ts";
import type { FileFacts } from "../checkpoint/run_files.ts";
import { type Engine, type EngineChoice, EngineError, EngineLink, wantsCard } from "../workers/engine_link.ts";
import { type CpuEngine, hasWon, rehearseCpu } from "./comparison.ts";
import { cpuWins } from "./measured_engines.ts";
import type { RunHost } from "./types.ts";
import { badge } from "../wording.ts";
import { engineAfter, type PassingWords, survivalText, wrongCard } from "./passing_words.ts";
import type { IterationReport } from "../training/iteration_report.ts";
import type { RunState } from "./run_state.ts";
import type { SurvivalNotice } from "../training/backend.ts";
import { ownDetail } from "../wording_of_failures.ts";

/** An engine that makes no progress for this long after a reset is replaced. */
const SILENCE_MS = 5000;
/** If a graphics card's rehearsal takes longer than this, the page says that it is waiting for the card. */
const SLOW_MS = 3000;

/** What an engine needs its session to do. */
export interface EngineOwner {
  /** Updates status and badge. */
  settle(): void;
  /** Informs listeners that a number has changed. */
  tell(): void;
}

export class RunEngine {
  /** The engine holds a run from before a reset, or a rehearsal, not the session's run. Its reports do not count. */
  stale = false;
  #link: EngineLink | null = null;
  #chooses_anew = false; // the graphics card may be available again
  /** The CPU engine while it is compared with the graphics card, and whether the reader wants something else. */
  #rival: CpuEngine & { unwanted: boolean } | null = null;
  #no_rival = false; // there is no CPU engine to compare with
  #no_more = false; // more Workers were tried, and failed
  #rehearsing = false;
  /** The engine that a loaded file asks for, instead of the preferred one; null if none does. */
  #asked: FileFacts["wants"] = null;
  #state: RunState;
  #host: RunHost;
  #words: PassingWords;
  #owner: EngineOwner;

  constructor(state: RunState, host: RunHost, words: PassingWords, owner: EngineOwner) {
    this.#state = state;
    this.#host = host;
    this.#words = words;
    this.#owner = owner;
  }

  /** Whether the engine exists or is being created. */
  get exists(): boolean {
    return this.#link !== null;
  }

  /** The engine, prepared for the current seed. */
  async ready(): Promise<EngineLink> {
    if (this.#overruled) this.drop();
    const link = this.#link ?? await this.#make();
    while (this.stale) {
      if (this.#chooses_anew && await this.#gpuIsBack(link)) return await this.ready();
      this.stale = false;
      await link.ask({ type: "reset", seed: this.#state.seed }, "reset_done");
    }
    return link;
  }

  /** The engine that a file asks for: this one, or a new one. Where the browser lacks it, another one. */
  async suited(link: EngineLink, wants: FileFacts["wants"]): Promise<EngineLink> {
    const { engine } = this.#state;
    if (wants === null || engine!.kind === wants.kind && engine!.module === wants.module) return link;
    this.drop();
    this.#asked = wants;
    return await this.ready();
  }

  /** Keeps the graphics card busy for `ms` milliseconds, or until pause(); see Trainer.wake(). */
  async wake(ms: number): Promise<void> {
    await this.#link?.ask({ type: "wake", ms }, "awake").catch((error) => {
      if (!(error instanceof EngineError)) throw error; // else the next request fails for the same reason
    });
  }

  /** Ends a `train` or `wake` request under way after its current iteration or part. */
  pause(): void {
    this.#link?.pause();
    this.#endRival();
  }

  /** Ends a rehearsal, because something else is more important: it waits at most for the iteration under way. */
  endRehearsal(): void {
    const { rehearsal, engine } = this.#state, link = this.#link;
    rehearsal.end();
    this.#endRival();
    const grows = this.#rehearsing && engine?.kind === "cpu" && !rehearsal.times(link!);
    if (grows) link!.whenStuck(SILENCE_MS, () => link!.dispose());
  }

  /** Ends the CPU engine's part of a comparison; the engine itself, too, unless it is being timed or has won. */
  #endRival(): void {
    const rival = this.#rival;
    if (rival === null) return;
    const { link } = rival;
    rival.unwanted = true;
    link.pause();
    if (!this.#state.rehearsal.times(link) && !hasWon(rival)) link.dispose();
    else {
      // Workers that have ended silently would otherwise block the card's run for ever.
      link.whenStuck(SILENCE_MS, () => {
        this.#no_rival = true;
        link.dispose();
      });
    }
  }

  /** The run was abandoned. A Worker that has ended silently would otherwise block the next run for ever. */
  giveUpRun(): void {
    if (this.#asked) {
      this.#asked = null;
      this.drop(); // the next run has the engine that the reader prefers
    }
    const link = this.#link;
    this.stale = link !== null;
    link?.whenStuck(SILENCE_MS, () => this.#link === link && this.drop());
  }

  /** Chooses the next engine's kind. A graphics card that computed wrong results gets another try and another check. */
  prefer(engine: EngineChoice): void {
    if (wantsCard(engine)) this.#host.wrong_card = null;
    this.#state.preferred = engine;
    this.#asked = null;
    this.drop();
  }

  /** Lets a run that begins anew use the graphics card if it is back. @returns whether to look for it */
  chooseAnew(): boolean {
    if (!wantsCard(this.#state.preferred)) return false;
    this.#host.no_gpu = null;
    if (!this.#state.engine?.instead?.passing) return false;
    return this.#chooses_anew = true;
  }

  /** Ends the engine; its pending requests fail, and the next request creates a new one. */
  drop(): void {
    const link = this.#link, state = this.#state;
    state.rehearsal.forget();
    this.#link = null;
    state.engine = state.measured = null;
    this.stale = false;
    state.waits_for_gpu = this.#chooses_anew = false;
    this.#words.doing = null;
    link?.dispose();
    this.#rival?.link.dispose();
  }

  /** Whether there is nothing left to find out by a rehearsal, or one is under way. */
  get rehearsed(): boolean {
    return this.#rehearsing || this.#state.rehearsal.known && !this.#unknown;
  }

  /** Times the engine; if it is not known yet which engine is faster here, and with how many Workers, finds out. */
  async rehearse(link: EngineLink): Promise<void> {
    this.stale = this.#rehearsing = true;
    try {
      if (this.#state.engine!.kind === "webgpu") await this.#rehearseCard(link);
      else await this.#rehearseCpu(link);
    } finally {
      this.#rehearsing = false;
    }
    if (this.#unknown) this.#state.rehearsal.tryAgain();
  }

  get #unknown(): boolean {
    return this.#undecided || this.#state.engine?.kind === "cpu" && this.#moreFor(this.#link!) !== null;
  }

  /** Whether it is unknown which engine is faster, and the answer matters. */
  get #undecided(): boolean {
    const { engine, preferred } = this.#state;
    const chosen = preferred === "fastest" && engine?.kind === "webgpu" && !this.#no_rival;
    return chosen && engine.adapter !== null && this.#host.measured?.of(engine.adapter) === null;
  }

  /** Whether a rehearsal has found that the CPU engine is faster than the card with which this run would begin. */
  get #overruled(): boolean {
    const { engine, preferred, begun } = this.#state;
    return preferred === "fastest" && !begun && engine?.kind === "webgpu" &&
      this.#host.measured?.overrules?.(engine.adapter!) === true;
  }

  /** How many Workers the CPU engine begins with. */
  get #workers(): number {
    return this.#host.measured?.workers ?? workersFor(this.#host.cores);
  }

  /** How many Workers might make this CPU engine faster; null if the answer is known, or it cannot have more. */
  #moreFor(link: EngineLink): number | null {
    const { measured, cores } = this.#host, most = mostWorkersFor(cores);
    const open = measured?.workers === null && this.#state.preferred !== "careless" && most > workersFor(cores);
    return open && link.staffs && !this.#no_more ? most : null;
  }

  #cpuEngine(link: EngineLink, card_rate: number | null): CpuEngine {
    const { seed, iterations } = this.#state;
    return { link, seed, iterations, workers: this.#workers, more: this.#moreFor(link), card_rate, rate: null };
  }

  async #rehearseCpu(link: EngineLink): Promise<void> {
    const state = this.#state, { rehearsal } = state, engine = this.#cpuEngine(link, null);
    const result = await rehearseCpu(rehearsal, engine).catch((error) => {
      if (this.#link !== link || engine.more === null) throw error;
      // More Workers were only a try: a reader who has pressed start gets an engine without them.
      this.#no_more = true;
      this.drop();
      rehearsal.tryAgain();
      return null;
    });
    if (result?.description) state.engine = { ...state.engine!, description: result.description };
    if (result?.compared) this.#host.measured!.keepWorkers(result.workers);
    if (result) rehearsal.believe(result.rate);
  }

  async #rehearseCard(link: EngineLink): Promise<void> {
    const { rehearsal, iterations } = this.#state;
    const slow = setTimeout(() => this.#waitForGpu(true), SLOW_MS);
    const rate = await rehearsal.hold(link, iterations).finally(() => {
      clearTimeout(slow);
      if (this.#link === link && this.#state.waits_for_gpu) this.#waitForGpu(false);
    });
    if (rate === null || rehearsal.ended || !this.#undecided) return;
    await this.#compare(link, rate);
  }

  /** Rehearses the CPU engine too, and changes to it if it wins. `card_rate` is in iterations per second. */
  async #compare(card: EngineLink, card_rate: number): Promise<void> {
    const state = this.#state, { rehearsal } = state, adapter = state.engine!.adapter!, link = this.#newLink();
    const rival = this.#rival = { ...this.#cpuEngine(link, card_rate), unwanted: false };
    try {
      const engine = await this.#create(link, "cpu");
      if (rehearsal.ended) return;
      rival.more = this.#moreFor(link);
      const result = await rehearseCpu(rehearsal, rival);
      if (result === null) return;
      if (result.compared) this.#host.measured!.keepWorkers(result.workers);
      const found = { webgpu: card_rate, cpu: result.rate, workers: result.workers };
      state.measured = this.#host.measured!.keep(adapter, found);
      if (!cpuWins(state.measured)) return;
      this.#link = link;
      state.engine = { ...engine, adapter, description: result.description ?? engine.description };
      card_rate = result.rate;
      card.dispose();
    } catch (error) {
      if (this.#link !== card) throw error; // the card was dropped, and its rival with it
      if (rival.unwanted) return;
      if (rival.more === null) this.#no_rival = true;
      else this.#no_more = true;
    } finally {
      this.#rival = null;
      if (this.#link !== link) link.dispose();
      if (this.#link === card || this.#link === link) rehearsal.believe(card_rate);
    }
  }

  async #make(): Promise<EngineLink> {
    const state = this.#state, link = this.#link = this.#newLink(), { seed } = state;
    const engine = await this.#create(link, this.#asked?.kind ?? state.preferred);
    if (this.#link !== link) throw new EngineError("worker-died", ownDetail.other_engine);
    state.engine = engine;
    state.measured = engine.adapter === null ? null : this.#host.measured?.of(engine.adapter) ?? null;
    this.#distrust();
    this.#words.doing = null;
    this.stale = seed !== state.seed;
    this.#owner.settle();
    this.#owner.tell(); // a widget shows the engine's name even before the start
    return link;
  }

  #newLink(): EngineLink {
    const link: EngineLink = new EngineLink(this.#host, {
      report: (report, elapsed_ms) => this.#take(report, elapsed_ms),
      progress: ({ ready, of }) => {
        if (!this.#state.engine) this.#words.tellDoing(badge.compiling(ready, of));
      },
      notice: (notice) => this.#survived(notice),
      waits_for_gpu: (waits) => this.#link === link && this.#waitForGpu(waits),
    });
    return link;
  }

  async #create(link: EngineLink, prefer: EngineChoice): Promise<Engine> {
    await this.#host.program_arrived; // what was measured holds for one program
    const { config, options: { corpus: { rungs, only_characters } } } = this.#state, gzip_base64 = await this.#text();
    const { measured, allow_software = false } = this.#host;
    const overrules = prefer === "fastest" && measured?.overrules || undefined;
    const workers = this.#workers, module = this.#asked?.module;
    const wish = { prefer, only_characters, allow_software, workers, module, overrules };
    return await link.create(config, gzip_base64, rungs, wish);
  }

  /** The text, which may still have to be loaded. */
  async #text(): Promise<string> {
    const { gzip_base64 } = this.#state.options.corpus;
    if (typeof gzip_base64 === "string") return gzip_base64;
    this.#words.tellDoing(badge.loading_text);
    const text = await gzip_base64().catch((error) => {
      throw new EngineError("no-text", String(error));
    });
    if (this.#words.doing === badge.loading_text) this.#words.tellDoing(badge.loading);
    return text;
  }

  #take(report: IterationReport, elapsed_ms: number): void {
    const state = this.#state;
    state.rehearsal.take(report, elapsed_ms);
    if (this.stale) return;
    state.record.addReport(report, elapsed_ms);
    state.iteration = report.first + report.losses.length;
    this.#owner.tell();
  }

  /** Reports that the graphics device failed, or where training continues. */
  #survived(notice: SurvivalNotice): void {
    const state = this.#state, text = survivalText(notice);
    const engine = engineAfter(notice);
    if (engine) {
      state.engine = engine;
      state.measured = null;
    }
    if (wrongCard(notice)) this.#host.wrong_card = state.engine!.instead;
    this.#distrust();
    if (this.stale) return;
    if (notice.kind === "wrong-results") state.rewind(notice.iteration);
    state.note(notice.iteration, text);
    this.#words.tellHappened(text);
  }

  /** Avoids a card that computes wrong results, unless the reader chooses it. */
  #distrust(): void {
    if (this.#host.wrong_card && wantsCard(this.#state.preferred)) this.#state.preferred = "cpu";
  }

  /** If the graphics card is back, drops the engine that replaced it. */
  async #gpuIsBack(link: EngineLink): Promise<boolean> {
    this.#chooses_anew = false;
    const found = await link.seesGpu(this.#host.allow_software ?? false).catch(() => true);
    if (found && this.#link === link) this.drop();
    return found;
  }

  #waitForGpu(waits: boolean): void {
    this.#state.waits_for_gpu = waits;
    this.#words.doing = waits ? this.#words.doing ?? badge.asking_gpu : null;
    this.#owner.settle();
    this.#owner.tell();
  }
}
