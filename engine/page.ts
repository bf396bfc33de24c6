// The page's entry point: finds the widgets, makes one TrainingSession for each runner, mounts everything, and
// publishes the sessions as `pressStart.sessions`. The engine never touches the DOM; this file connects the two.
import "./widgets/shared/number_locale.ts";
import uPlot from "uplot";
import { takeCare } from "./widgets/shared/press_guard.ts";
import { recall, remember } from "./widgets/shared/browser_storage.ts";
import { corpusNamed, lateCorpus, loadText } from "./widgets/shared/corpora.ts";
import { takeOffers } from "./widgets/shared/askable.ts";
import { make, tellFigure } from "./widgets/shared/dom.ts";
import { mountComplete } from "./widgets/complete.ts";
import { mountExperiment } from "./widgets/experiment.ts";
import { mountPresets } from "./widgets/presets.ts";
import { Leaving } from "./widgets/shared/leaving_page.ts";
import { whenNear } from "./widgets/shared/nearness.ts";
import { meantRunner, mistakesIn, readLink, showLink } from "./widgets/shared/link_state.ts";
import { mountQuiz } from "./widgets/quiz.ts";
import { printInLight } from "./widgets/shared/printing.ts";
import { mountReplay } from "./widgets/replay.ts";
import { RunBar } from "./widgets/run_bar.ts";
import { mountRunner } from "./widgets/runner.ts";
import { mountSamples } from "./widgets/samples.ts";
import { followSections } from "./widgets/sections.ts";
import { Spotlight } from "./widgets/shared/spotlight.ts";
import {
  type ExperimentRun,
  type InstrumentIsland,
  type Island,
  type LateIsland,
  readIsland,
  type RunnerIsland,
  type SamplesIsland,
} from "./widgets/shared/island.ts";
import {
  type NamedRun,
  PRESET_SESSION,
  type PresetHost,
  PresetRuns,
  type PresetSettings,
} from "./session/preset_runs.ts";
import { Emitter } from "./session/emitter.ts";
import { MeasuredEngines } from "./session/measured_engines.ts";
import { RANK, Turns } from "./session/turns.ts";
import { EngineError, EngineLink } from "./workers/engine_link.ts";
import { badge, waitsFor } from "./wording.ts";
import { noSession, scriptMissing, widgetFailure } from "./wording_of_failures.ts";
import { TrainingSession } from "./session/session.ts";
import type { LateEvents, LatePage } from "./widgets/checkpoint/late_page.ts";
import type { InstrumentsPage } from "./widgets/instruments/instruments_page.ts";
import type {} from "./widgets/speed/script.ts";
import type {} from "./workers/worker_source.ts";

/** For scripts, tests and the browser's console. */
interface PressStart {
  /** Every session of the page by its name; the lesson's is `main`. */
  sessions: Record<string, TrainingSession>;
  /** Draws the widget of a `[data-ps]` element. It may be drawn again at any time: widgets hold no state of the run. */
  mount(root: Element): void;
  /** Releases a widget, for instance before its element is removed. The session keeps running. */
  unmount(root: Element): void;
}

declare global {
  var pressStart: PressStart;
}

/** The rehearsal waits this long, so as not to delay a reader who presses Start immediately. */
const REHEARSE_AFTER_MS = 700;

/** A runner's late text is loaded when the runner is at most this far below or above the view. */
const LATE_TEXT_MARGIN = "150% 0px";

/** A browser that is never idle mounts an instrument after this time. */
const BUSY_MS = 2000;

/** What the browser remembers of its engines' speeds, for all pages. */
const ENGINES = "engines";

const sessions: Record<string, TrainingSession> = {};
const spotlights = new Map<TrainingSession, Spotlight>();
const preset_runs = new Map<Element, PresetRuns<NamedRun>>();
const mounted = new Map<Element, () => void>();
/** Sessions whose runs the browser keeps. */
const kept = new Set<TrainingSession>();
/** A finished preset run has already given its verdict; a runner's run is worth keeping even after it ends. */
const leaving = new Leaving(() =>
  Object.values(sessions).some((one) => one.name !== PRESET_SESSION && one.long && !kept.has(one)) ||
  [...preset_runs.values()].some(({ running, session }) => running && session!.long)
);
let worker_url: string | null = null;
let workers_forbidden = false;

// The page's own content security policy allows the engine's Workers; a server can add a stricter one.
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, disposition }) => {
  const of_workers = /^(worker|child|script|default)-src/.test(effectiveDirective);
  if (of_workers && blockedURI.startsWith("blob") && disposition !== "report") workers_forbidden = true;
});

const host: PresetHost = {
  sessions,
  turns: new Turns(),
  makeWorker() {
    return new Worker(worker_url!);
  },
  forbidsWorkers: () => workers_forbidden,
  program_arrived: programArrived(),
  cores: navigator.hardwareConcurrency || 1,
  measured: new MeasuredEngines(measuredAbout, {
    recall: () => recall(ENGINES, ""),
    remember: (value) => remember(ENGINES, value, ""),
  }),
  // Lets WebGPU use a software adapter; used only by tests.
  allow_software: new URLSearchParams(location.search).has("software-gpu"),
};

/** What a comparison of the engines holds for: this browser, this build's program, and the size of the page's run. */
function measuredAbout(): string {
  const { model, training: { batch_size }, corpus: { vocab_size } } = Object.values(sessions)[0].options;
  return JSON.stringify([navigator.userAgent, globalThis.pressStartRevision, model, vocab_size, batch_size]);
}

/** late.ts is a deferred script after this one: if it has not run by DOMContentLoaded, it never will. */
function programArrived(): Promise<void> {
  const arrived = new Promise<string>((resolve) => {
    const look = () => resolve(globalThis.pressStartProgram ?? Promise.reject());
    if (globalThis.pressStartProgram || document.readyState === "complete") look();
    else document.addEventListener("DOMContentLoaded", look);
  }).then((program) => {
    // All Workers share one Blob: on file:// a Worker cannot be made from a file.
    worker_url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  }, () => Promise.reject(new EngineError("no-program", "")));
  arrived.catch(() => {}); // starting a run reports the error
  return arrived;
}

/** A widget's position on the page, counted from the top. */
function placeOf(root: Element): number {
  return [...document.querySelectorAll("[data-ps]")].indexOf(root);
}

function makeSession(root: Element, island: RunnerIsland, early: number[] | undefined): void {
  if (island.session in sessions) return;
  const corpus = island.text ? lateCorpus(island.text) : corpusNamed(island.corpus);
  const sampling = { ...island.sampling, early: early ?? island.sampling.early };
  const session = new TrainingSession(island.session, { ...island, sampling, corpus }, host);
  sessions[island.session] = session;
  spotlights.set(session, new Spotlight());
  session.on("status", showInTitle);
  for (const event of ["status", "metrics"] as const) session.on(event, () => leaving.look());
  host.turns.follow(session, { words: waitsFor.run, place: placeOf(root), rank: RANK.run });
  if (document.hidden) session.hide();
}

/** The page's own title, possibly translated by the browser, while HIDDEN_TITLE replaces it. */
let own_title: string | null = null;

/** The title is all that a reader sees of a tab in the background, so it says that training is paused there. */
function showInTitle(): void {
  const hidden = Object.values(sessions).some((session) => session.status === "hidden");
  if (hidden && own_title === null) {
    own_title = document.title;
    document.title = `${badge.hidden} · ${own_title}`;
  } else if (!hidden && own_title !== null) {
    document.title = own_title;
    own_title = null;
  }
}

/** Replaces the no-JavaScript content. The JSON island stays, so that the element can be mounted again. */
function mount(root: Element): void {
  unmount(root);
  mounted.set(root, mountIsland(root, readIsland(root)));
  root.classList.add("ps-mounted");
}

/** For the parts of the page that have scripts of their own. */
const late_page: LatePage & InstrumentsPage = {
  sessions,
  spotlights,
  host,
  own: { TrainingSession, EngineLink, uPlot, takeOffers },
  events: new Emitter<LateEvents>(["saved", "read", "loaded", "sessions"]),
  get presets() {
    return [...preset_runs.values()];
  },
  get runners() {
    const mounted_ones = [...document.querySelectorAll('[data-ps="runner"]')].filter((root) => mounted.has(root));
    return mounted_ones.map((root) => ({ root, session: sessionOf(root) }));
  },
  keeps(session, safe) {
    kept[safe ? "add" : "delete"](session);
    leaving.look();
  },
};

type OwnIsland = Exclude<Island, InstrumentIsland | LateIsland>;

/** Mounts each kind of widget in its emptied element. @returns a function that unmounts it */
const MOUNTS: { [K in OwnIsland["kind"]]: (root: Element, island: Extract<OwnIsland, { kind: K }>) => () => void } = {
  runner(root, { session, text, predict }) {
    const unmounting = new AbortController();
    if (text) whenNear(root, LATE_TEXT_MARGIN, () => loadText(text.name).catch(() => {}), unmounting.signal);
    prepareInView(root, sessions[session], unmounting.signal);
    const unmountRunner = mountRunner(root, sessions[session], spotlights.get(sessions[session])!, predict);
    return () => {
      unmounting.abort();
      unmountRunner();
    };
  },
  samples(root, { session, prompt }) {
    return mountSamples(root, prompt, sessions[session], spotlights.get(sessions[session])!);
  },
  speed(root, island) {
    const turn = { words: waitsFor.measurement, place: placeOf(root), rank: RANK.measurement };
    if (!globalThis.pressStartSpeed) throw new Error(scriptMissing);
    return pressStartSpeed!(root, island, { ...host, alone: () => host.turns.alone(turn) });
  },
  quiz: mountQuiz,
  replay: mountReplay,
  presets(root, island) {
    const { vocab_size } = sessions[island.session].options.corpus;
    return mountPresets(root, island, runsOf(root, island) as PresetRuns, vocab_size);
  },
  experiment: (root, island) => mountExperiment(root, island, runsOf(root, island) as PresetRuns<ExperimentRun>),
  complete: (root, { session, nothing }) => mountComplete(root, sessions[session], nothing),
};

/** The runs of a block; they outlive its widget. */
function runsOf(root: Element, island: PresetSettings & { session: string }): PresetRuns<NamedRun> {
  const { session, evaluation, sampling, observe } = island;
  let runs = preset_runs.get(root);
  if (!runs) {
    preset_runs.set(
      root,
      runs = new PresetRuns(sessions[session], { evaluation, sampling, observe }, host, placeOf(root)),
    );
    runs.on(() => leaving.look());
  }
  return runs;
}

function mountIsland(root: Element, island: Island): () => void {
  if ("session" in island && !sessions[island.session]) {
    throw new Error(noSession(island.session));
  }
  for (const child of [...root.childNodes]) if (!stays(child)) child.remove();
  const mounts: Record<string, unknown> = {
    ...MOUNTS,
    ...globalThis.pressStartCheckpoint,
    ...globalThis.pressStartInstruments?.mounts,
  };
  const mountKind = mounts[island.kind] as (root: Element, island: Island, page: typeof late_page) => () => void;
  if (!mountKind) throw new Error(scriptMissing);
  const leave = followRun(root, island);
  const unmountKind = mountKind(root, island, late_page);
  return () => {
    leave();
    unmountKind();
  };
}

/** Keeps a figure's status up to date. Only runners and samples show one session; presets report their own runs. */
function followRun(root: Element, island: Island): () => void {
  if (island.kind !== "runner" && island.kind !== "samples") return () => {};
  const session = sessions[island.session];
  tellFigure(root, session.status);
  return session.on("status", () => tellFigure(root, session.status));
}

/** Whether a child survives mounting: the JSON island (for the next mount), and content that only appears in print. */
function stays(child: Node): boolean {
  return child.nodeName === "SCRIPT" || (child instanceof Element && child.classList.contains("ps-on-paper"));
}

/** Compiles the kernels once the runner comes into view, while the reader is still reading. */
function prepareInView(root: Element, session: TrainingSession, unmounted: AbortSignal): void {
  whenNear(root, "0px", () => {
    if ("gpu" in navigator) session.prepare();
    rehearseWhenIdle(session, unmounted);
  }, unmounted);
}

function whenIdle(task: () => void, options?: IdleRequestOptions): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(task, options);
  else setTimeout(task, 0); // in Safari
}

/**
 * Estimates how long a run will take, which costs about a second of work. Only for the page's first session, and only
 * when the browser is idle.
 */
function rehearseWhenIdle(session: TrainingSession, unmounted: AbortSignal): void {
  if (session !== Object.values(sessions)[0]) return;
  const rehearse = () => setTimeout(() => whenIdle(() => session.rehearse()), REHEARSE_AFTER_MS);
  rehearse();
  const rehearseWhenSeen = () => {
    if (!document.hidden) rehearse();
  };
  document.addEventListener("visibilitychange", rehearseWhenSeen, { signal: unmounted });
}

function unmount(root: Element): void {
  mounted.get(root)?.();
  mounted.delete(root);
}

/** Runs `task`. If it throws, shows the error above the widget's content; other widgets are unaffected. */
function orSayWhy(root: Element, task: () => void): void {
  try {
    task();
  } catch (error) {
    root.prepend(make("p", { class: "ps-failure", role: "alert" }, widgetFailure(error)));
    console.error(error);
  }
}

/** The name of a runner's text. An unreadable runner gives "" here and reports its error when mounted. */
function corpusOf(runner: Element): string {
  try {
    return (readIsland(runner) as RunnerIsland).corpus;
  } catch {
    return "";
  }
}

function sessionOf(runner: Element): TrainingSession {
  return sessions[(readIsland(runner) as RunnerIsland).session];
}

function presetsOf(roots: Element[]): string[] {
  return roots.flatMap((root) => [...root.querySelectorAll("[data-preset]")])
    .map((entry) => entry.getAttribute("data-preset")!);
}

function start(): void {
  const roots = [...document.querySelectorAll("[data-ps]")];
  const early = new Map<string, number[]>();
  for (const root of roots) {
    if (root.getAttribute("data-ps") !== "samples") continue;
    orSayWhy(root, () => {
      const island = readIsland(root) as SamplesIsland;
      early.set(island.session, island.early);
    });
  }
  const runners = roots.filter((root) => root.getAttribute("data-ps") === "runner");
  const link = readLink(location.search), corpora = runners.map(corpusOf), meant = meantRunner(link, corpora);
  runners.forEach((root, index) =>
    orSayWhy(root, () => {
      const island = readIsland(root) as RunnerIsland;
      const seed = index === meant && link.seed || island.seed;
      makeSession(root, { ...island, seed }, early.get(island.session));
    })
  );
  const mountSound = (roots: Element[]) => {
    for (const root of roots) if (!root.querySelector(":scope > .ps-failure")) orSayWhy(root, () => mount(root));
  };
  const comes_later = roots.filter((root) => !(root.getAttribute("data-ps")! in MOUNTS));
  mountSound(roots.filter((root) => !comes_later.includes(root)));
  // Scripts after this one have run by then; one that is still missing is reported. The event reaches the window last, so
  // it is not missed where it has started this function, as in a page that is one file.
  const mountLater = () => {
    const instruments = globalThis.pressStartInstruments;
    for (const root of comes_later) {
      const waits = root.getAttribute("data-ps")! in (instruments?.mounts ?? {});
      // Until then it shows the recorded run, and the page answers presses.
      if (waits) whenIdle(() => mountSound([root]), { timeout: BUSY_MS });
      else mountSound([root]);
    }
    instruments?.ask(late_page);
  };
  if (document.readyState === "complete") mountLater();
  else addEventListener("DOMContentLoaded", mountLater);
  new RunBar([...late_page.runners]);
  showLink(link, mistakesIn(link, corpora, presetsOf(roots)), runners[meant]);
  host.program_arrived!.then(() => globalThis.pressStartLate!(late_page), () => {}); // Start reports a missing script
  followSections();
  printInLight();
  takeCare(document);
  const doubtClocks = () => Object.values(sessions).forEach((session) => session.doubtClock());
  for (const event of ["freeze", "resume"]) document.addEventListener(event, doubtClocks);
  addEventListener("pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) doubtClocks();
  });
  // quote begins: leaving-the-tab
  document.addEventListener("visibilitychange", () => {
    for (const session of Object.values(sessions)) {
      if (document.hidden) session.hide();
      else session.show();
    }
  });
  // quote ends
  document.addEventListener("visibilitychange", showInTitle); // for preset runs too, now up to date
}

globalThis.pressStart = { sessions, mount, unmount };
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
