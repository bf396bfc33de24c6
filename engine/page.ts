// The page's entry point: finds the widgets, makes one TrainingSession for each runner, mounts everything, and
// publishes the sessions as `pressStart.sessions`. The engine never touches the DOM; this file connects the two.
import "./widgets/shared/number_locale.ts";
import { takeCare } from "./widgets/shared/press_guard.ts";
import { recall, remember } from "./widgets/shared/browser_storage.ts";
import { corpusNamed } from "./widgets/shared/corpora.ts";
import { make, tellFigure } from "./widgets/shared/dom.ts";
import { mountComplete } from "./widgets/complete.ts";
import { mountPresets } from "./widgets/presets.ts";
import { Leaving } from "./widgets/shared/leaving_page.ts";
import { meantRunner, mistakesIn, readLink, showLink } from "./widgets/shared/link_state.ts";
import { mountQuiz } from "./widgets/quiz.ts";
import { printInLight } from "./widgets/shared/printing.ts";
import { mountReplay } from "./widgets/replay.ts";
import { mountRunner } from "./widgets/runner.ts";
import { mountSamples } from "./widgets/samples.ts";
import { Spotlight } from "./widgets/shared/spotlight.ts";
import { type Island, readIsland, type RunnerIsland, type SamplesIsland } from "./widgets/shared/island.ts";
import { PRESET_SESSION, type PresetHost, PresetRuns } from "./session/preset_runs.ts";
import { MeasuredEngines } from "./session/measured_engines.ts";
import { RANK, Turns } from "./session/turns.ts";
import { EngineError } from "./workers/engine_link.ts";
import { badge, waitsFor } from "./wording.ts";
import { noSession, scriptMissing, widgetFailure } from "./wording_of_failures.ts";
import { TrainingSession } from "./session/session.ts";
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

/** What the browser remembers of its engines' speeds, for all pages. */
const ENGINES = "engines";

const sessions: Record<string, TrainingSession> = {};
const spotlights = new Map<TrainingSession, Spotlight>();
const preset_runs = new Map<Element, PresetRuns>();
const mounted = new Map<Element, () => void>();
/** A finished preset run has already given its verdict; a runner's run is worth keeping even after it ends. */
const leaving = new Leaving(() =>
  Object.entries(sessions).some(([name, { long }]) => name !== PRESET_SESSION && long) ||
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
    // All Workers share one Blob: on file:// a Worker cannot be made from a file.
    worker_url ??= URL.createObjectURL(new Blob([pressStartWorker!], { type: "text/javascript" }));
    return new Worker(worker_url);
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

/** worker_source.ts is a deferred script after this one: if it has not run by DOMContentLoaded, it never will. */
function programArrived(): Promise<void> {
  const arrived = new Promise<void>((resolve, reject) => {
    const look = () => globalThis.pressStartWorker ? resolve() : reject(new EngineError("no-program", ""));
    if (globalThis.pressStartWorker || document.readyState === "complete") look();
    else document.addEventListener("DOMContentLoaded", look);
  });
  arrived.catch(() => {}); // starting a run reports the error
  return arrived;
}

/** A widget's position on the page, counted from the top. */
function placeOf(root: Element): number {
  return [...document.querySelectorAll("[data-ps]")].indexOf(root);
}

function makeSession(root: Element, island: RunnerIsland, early: number[] | undefined): void {
  if (island.session in sessions) return;
  const corpus = corpusNamed(island.corpus);
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

/** Mounts each kind of widget in its emptied element. @returns a function that unmounts it */
const MOUNTS: { [K in Island["kind"]]: (root: Element, island: Extract<Island, { kind: K }>) => () => void } = {
  runner(root, { session }) {
    const unmounting = new AbortController();
    prepareInView(root, sessions[session], unmounting.signal);
    const unmountRunner = mountRunner(root, sessions[session], spotlights.get(sessions[session])!);
    return () => {
      unmounting.abort();
      unmountRunner();
    };
  },
  samples: (root, { session }) => mountSamples(root, sessions[session], spotlights.get(sessions[session])!),
  speed(root, island) {
    const turn = { words: waitsFor.measurement, place: placeOf(root), rank: RANK.measurement };
    if (!globalThis.pressStartSpeed) throw new Error(scriptMissing);
    return pressStartSpeed!(root, island, { ...host, alone: () => host.turns.alone(turn) });
  },
  quiz: mountQuiz,
  replay: mountReplay,
  presets(root, { session, presets, evaluation, sampling }) {
    let runs = preset_runs.get(root);
    if (!runs) {
      preset_runs.set(root, runs = new PresetRuns(sessions[session], { evaluation, sampling }, host, placeOf(root)));
      runs.on(() => leaving.look());
    }
    return mountPresets(root, presets, runs, sessions[session].options.corpus.vocab_size);
  },
  complete: (root, { session }) => mountComplete(root, sessions[session]),
};

function mountIsland(root: Element, island: Island): () => void {
  if ("session" in island && !sessions[island.session]) {
    throw new Error(noSession(island.session));
  }
  for (const child of [...root.childNodes]) if (!stays(child)) child.remove();
  const mountKind = MOUNTS[island.kind] as (root: Element, island: Island) => () => void;
  const leave = followRun(root, island);
  const unmountKind = mountKind(root, island);
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
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    if ("gpu" in navigator) session.prepare();
    rehearseWhenIdle(session, unmounted);
  });
  observer.observe(root);
  unmounted.addEventListener("abort", () => observer.disconnect());
}

/**
 * Estimates how long a run will take, which costs about a second of work. Only for the page's first session, and only
 * when the browser is idle.
 */
function rehearseWhenIdle(session: TrainingSession, unmounted: AbortSignal): void {
  if (session !== Object.values(sessions)[0]) return;
  const whenIdle = globalThis.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 0)); // missing in Safari
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
  for (const root of roots) if (!root.querySelector(":scope > .ps-failure")) orSayWhy(root, () => mount(root));
  showLink(link, mistakesIn(link, corpora, presetsOf(roots)), runners[meant]);
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
