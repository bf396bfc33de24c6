// The page's entry: finds the widgets in the page, makes one TrainingSession for each runner, mounts everything, and
// publishes the sessions as `pressStart.sessions`. The engine knows nothing of the DOM; here is where they meet.
import "./widgets/shared/number_locale.ts";
import { takeCare } from "./widgets/shared/care.ts";
import { corpusNamed } from "./widgets/shared/corpora.ts";
import { make, tellFigure } from "./widgets/shared/dom.ts";
import { mountComplete } from "./widgets/complete.ts";
import { mountPresets } from "./widgets/presets.ts";
import { Leaving } from "./widgets/shared/leaving.ts";
import { meantRunner, mistakesIn, readLink, showLink } from "./widgets/shared/link_state.ts";
import { mountQuiz } from "./widgets/quiz.ts";
import { printInLight } from "./widgets/shared/paper.ts";
import { mountReplay } from "./widgets/replay.ts";
import { mountRunner } from "./widgets/runner.ts";
import { mountSamples } from "./widgets/samples.ts";
import { Spotlight } from "./widgets/shared/spotlight.ts";
import { mountSpeed } from "./widgets/speed.ts";
import { type Island, readIsland, type RunnerIsland, type SamplesIsland } from "./widgets/shared/island.ts";
import { PRESET_SESSION, type PresetHost, PresetRuns } from "./session/preset_runs.ts";
import { RANK, Turns } from "./session/turns.ts";
import { EngineError } from "./workers/engine_link.ts";
import { waitsFor, widgetFailure } from "./wording.ts";
import { TrainingSession } from "./session/session.ts";
import type {} from "./workers/worker_source.ts";

/** What scripts, tests and the browser's console may use. */
interface PressStart {
  /** Every session of the page by its name; the lesson's is `main`. */
  sessions: Record<string, TrainingSession>;
  /** Draws a `[data-ps]` element's widget, again if need be: widgets hold nothing of the run. */
  mount(root: Element): void;
  /** Lets a widget go, for instance before its element is removed. The session runs on. */
  unmount(root: Element): void;
}

declare global {
  var pressStart: PressStart;
}

const HIDDEN_TITLE = "paused (tab in background)";

/** A reader who has come to press start at once shall not wait for anything. */
const REHEARSE_AFTER_MS = 700;

const sessions: Record<string, TrainingSession> = {};
const spotlights = new Map<TrainingSession, Spotlight>();
const preset_runs = new Map<Element, PresetRuns>();
const mounted = new Map<Element, () => void>();
/** A preset's run that has ended has said what it came to; a runner's is missed after its end, too. */
const leaving = new Leaving(() =>
  Object.entries(sessions).some(([name, { long }]) => name !== PRESET_SESSION && long) ||
  [...preset_runs.values()].some(({ running, session }) => running && session!.long)
);
let worker_url: string | null = null;
let workers_forbidden = false;

// The page's own policy allows the engine's Workers; that of a server is added to it.
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, disposition }) => {
  const of_workers = /^(worker|child|script|default)-src/.test(effectiveDirective);
  if (of_workers && blockedURI.startsWith("blob") && disposition !== "report") workers_forbidden = true;
});

const host: PresetHost = {
  sessions,
  turns: new Turns(),
  makeWorker() {
    // One Blob for all Workers: on file:// a Worker cannot be made from a file.
    worker_url ??= URL.createObjectURL(new Blob([pressStartWorker!], { type: "text/javascript" }));
    return new Worker(worker_url);
  },
  forbidsWorkers: () => workers_forbidden,
  program_arrived: programArrived(),
  cores: navigator.hardwareConcurrency || 1,
  // Tests train on a WebGPU adapter that is a program; nobody else would want to.
  allow_software: new URLSearchParams(location.search).has("software-gpu"),
};

/** worker_source.ts is a deferred script behind this one: it has come, or will not come, when the document is whole. */
function programArrived(): Promise<void> {
  const arrived = new Promise<void>((resolve, reject) => {
    const look = () => globalThis.pressStartWorker ? resolve() : reject(new EngineError("no-program", ""));
    if (globalThis.pressStartWorker || document.readyState === "complete") look();
    else document.addEventListener("DOMContentLoaded", look);
  });
  arrived.catch(() => {}); // told to whoever starts a run
  return arrived;
}

/** Where a widget stands among all, counted from the top. */
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

/** The page's own title, in whatever language the browser shows it, while another one stands in its place. */
let own_title: string | null = null;

/** The tab's title is all that a reader sees of a tab in the background, so it says that training waits there. */
function showInTitle(): void {
  const hidden = Object.values(sessions).some((session) => session.status === "hidden");
  if (hidden && own_title === null) {
    own_title = document.title;
    document.title = `${HIDDEN_TITLE} · ${own_title}`;
  } else if (!hidden && own_title !== null) {
    document.title = own_title;
    own_title = null;
  }
}

/** Replaces the content for readers without JavaScript; the island stays, so that the element can be mounted again. */
function mount(root: Element): void {
  unmount(root);
  mounted.set(root, mountIsland(root, readIsland(root)));
  root.classList.add("ps-mounted");
}

/** How each kind of widget comes to life in its emptied element; the result lets it go again. */
const MOUNTS: { [K in Island["kind"]]: (root: Element, island: Extract<Island, { kind: K }>) => () => void } = {
  runner(root, { session }) {
    const unmounting = new AbortController();
    prepareInView(root, sessions[session], unmounting.signal);
    const unmountRunner = mountRunner(root, sessions[session], spotlights.get(sessions[session])!);
    return () => (unmounting.abort(), unmountRunner());
  },
  samples: (root, { session }) => mountSamples(root, sessions[session], spotlights.get(sessions[session])!),
  speed(root, island) {
    const turn = { words: waitsFor.measurement, place: placeOf(root), rank: RANK.measurement };
    return mountSpeed(root, island, { ...host, alone: () => host.turns.alone(turn) });
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
    throw new Error(`No runner on this page has the session “${island.session}”.`);
  }
  for (const child of [...root.childNodes]) if (!stays(child)) child.remove();
  const mountKind = MOUNTS[island.kind] as (root: Element, island: Island) => () => void;
  const leave = followRun(root, island);
  const unmountKind = mountKind(root, island);
  return () => (leave(), unmountKind());
}

/** What a runner and its samples show depends on one session; the presets have runs of their own. */
function followRun(root: Element, island: Island): () => void {
  if (island.kind !== "runner" && island.kind !== "samples") return () => {};
  const session = sessions[island.session];
  tellFigure(root, session.status);
  return session.on("status", () => tellFigure(root, session.status));
}

/** The island, for the next mount; and what is shown on paper alone, which is the same with and without a script. */
function stays(child: Node): boolean {
  return child.nodeName === "SCRIPT" || (child instanceof Element && child.classList.contains("ps-on-paper"));
}

/** Kernels take a moment to compile: time that passes while the reader reads what stands above the runner. */
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

/** How long a run takes is worth a second of work to the reader who looks at it; once a page, and in nobody's way. */
function rehearseWhenIdle(session: TrainingSession, unmounted: AbortSignal): void {
  if (session !== Object.values(sessions)[0]) return;
  const whenIdle = globalThis.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 0)); // Safari has none
  const rehearse = () => setTimeout(() => whenIdle(() => session.rehearse()), REHEARSE_AFTER_MS);
  rehearse();
  document.addEventListener("visibilitychange", () => document.hidden || rehearse(), { signal: unmounted });
}

function unmount(root: Element): void {
  mounted.get(root)?.();
  mounted.delete(root);
}

/** A widget that cannot be set up says so above its content, and leaves the others alone. */
function orSayWhy(root: Element, task: () => void): void {
  try {
    task();
  } catch (error) {
    root.prepend(make("p", { class: "ps-failure", role: "alert" }, widgetFailure(error)));
    console.error(error);
  }
}

/** The text of a runner; a runner that cannot be read tells so when it is mounted. */
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
  addEventListener("pageshow", (event) => (event as PageTransitionEvent).persisted && doubtClocks());
  // quote begins: leaving-the-tab
  document.addEventListener("visibilitychange", () => {
    for (const session of Object.values(sessions)) {
      document.hidden ? session.hide() : session.show();
    }
  });
  // quote ends
  document.addEventListener("visibilitychange", showInTitle); // of the runs of presets, too, once they have heard of it
}

globalThis.pressStart = { sessions, mount, unmount };
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
