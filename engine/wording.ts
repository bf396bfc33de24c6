// Every sentence that the engine and the page show to a reader; those about failures are in wording_of_failures.ts.
// Neither file imports from a folder of engine/, so all folders may import them. The exceptions: labels, captions and a
// field's answer to a typed number (in their widget), verdicts and why a name does not fit
// (session/verdict.ts, session/why_not.ts), and what headless/ prints.

/** A whole number with its thousands separated: 1,115,394. */
export const count = (n: number) => n.toLocaleString("en-GB");

/** Text longer than LONGEST_SHOWN characters is shortened to this many at its beginning and its end. */
const LONGEST_SHOWN = 48, BEGINNING = 24, END = 16;

/** What a reader typed, shortened for use in a sentence if it is very long. build/model/seeds.py does the same. */
export function shortened(typed: string): string {
  const characters = Array.from(typed);
  if (characters.length <= LONGEST_SHOWN) return typed;
  const [first, last] = [characters.slice(0, BEGINNING), characters.slice(-END)].map((part) => part.join(""));
  return `${first} … ${last} (${count(characters.length)} characters)`;
}

/** Ends what the record says of a run. */
export const hadSeed = (seed: string) => `The run had the seed “${shortened(seed)}”.`;

/** The names of engines on the page. */
export const engineName = {
  cpu: (workers: number, careless: boolean, rounds_twice: boolean) =>
    `CPU engine${careless ? " with careless arithmetic" : ""}, ${workers} ${workers === 1 ? "Worker" : "Workers"}` +
    (rounds_twice ? ", rounding twice" : ""),
  webgpu: (adapter: string) => `WebGPU engine, ${adapter}`,
};

/** After the engine's name: the speed of both engines in the rehearsal, in iterations per second. */
export const engineSpeeds = {
  cpu: (cpu: string, adapter: string, card: string) =>
    `: ${cpu} iterations a second here; the graphics card ${adapter} ran ${card}`,
  webgpu: (card: string, cpu: string) => `. It ran ${card} iterations a second here, the CPU engine ${cpu}`,
};

/** In the line under the chart, for an engine whose numbers are not quite the recorded ones. */
export const rounds_twice =
  "This browser rounds twice where our recordings round once: the last digits of your run differ, and so may its words.";

/** In place of a graphics card's name. */
export const unnamed_adapter = "a GPU that the browser does not name";

/** A run that the reader can pause, in the words of waitsFor. */
const A_RUN = /^the run (above|below)$/;

/** A run's badge: what is happening. */
export const badge = {
  idle: "ready: press start",
  loading: "unpacking the text and preparing the engine",
  loading_text: "loading the text",
  compiling: (ready: number, of: number) => `preparing the graphics card's kernels: ${ready} of ${of}`,
  asking_gpu: "waiting for the graphics card to answer",
  training: (engine: string) => `training on the ${engine}`,
  measuring: (iteration: number) => `measuring at iteration ${count(iteration)}`,
  speaking: (iteration: number) => `resting at iteration ${count(iteration)} while the model writes`,
  paused: (iteration: number) => `paused at iteration ${count(iteration)}`,
  released: (iteration: number) =>
    `ended at iteration ${count(iteration)}: the engine is closed; Start begins a new run`,
  hidden: "paused (tab in background)",
  back: (iteration: number) =>
    `was paused at iteration ${count(iteration)} while the tab was in the background, then continued`,
  waiting: (iteration: number, reason: string) => {
    if (iteration > 0) return `waiting for ${reason}, at iteration ${count(iteration)}`;
    return `waiting for ${reason}${A_RUN.test(reason) ? ": pause that run to begin this one" : ""}`;
  },
  waited: (iteration: number, reason: string) =>
    `waited at iteration ${count(iteration)} for ${reason}, then continued`,
  finishing: "measuring the loss on the whole validation text",
  done: (iterations: number, whole: number | null) =>
    `done: ${count(iterations)} iterations` +
    (whole === null ? "" : `; ${decimals(whole, 4)} nats per character on the whole validation text`),
  diverged: (iteration: number) => `diverged: the loss at iteration ${count(iteration)} is not a number`,
  failed: "stopped",
};

/** The badge of a measurement. */
export const speedBadge = {
  gpu: "measuring the graphics card; the page may stutter",
  cpu: (workers: number) => `measuring the CPU engine, ${workers} Worker${workers > 1 ? "s" : ""}`,
  fingerprint: (done: number, of: number) =>
    `training the lesson’s first iterations for their fingerprint: ${done} of ${of}`,
  done: "done",
  stopped: "stopped",
};

/** Why a seed is not accepted. */
export const seedWords = {
  empty: "A seed needs at least one character: any word will do.",
  nothing_left: "This seed has only spaces or invisible characters: type any word.",
  empty_link: "The link to this page asks for a seed of only spaces or invisible characters; the run keeps its own.",
};

/** Stands where a preset's chart will appear, until a preset has been started. */
export const empty_preset_stage = "Press one of the buttons: its loss curve appears here as it trains."; // also in presets.html

/** Below samples, whose characters readers can ask about. */
export const ask_hint = "Click or tap a character of a sample to see what the model expected there."; // also in ask.html

/** Questions before a run is lost, and their answers. */
export const ask = {
  replaced: (samples: number) => `${runWith(samples)} will be replaced.`,
  removed: (samples: number) => `${runWith(samples)} will be removed.`,
  other_engine: (samples: number) =>
    `Another engine begins at iteration 0: ${runWith(samples, "this")} will be removed.`,
  other_preset: (label: string) => `The run “${label}” is still training, and will be replaced.`,
  replace: "Replace it",
  remove: "Remove it",
  keep: "Keep it",
};

function runWith(samples: number, first = "This"): string {
  if (samples === 0) return `${first} run`;
  return `${first} run and its ${samples === 1 ? "sample" : `${count(samples)} samples`}`;
}

/** Naming a curve before the page does. `title` is a name of the Loss Curve Doctor. */
export const naming = {
  question: "What does this curve show?",
  give: "Name it",
  give_up: "Show the answer",
  again: "Name it again",
  wrong: "does not fit",
  gave_up: "gave up",
  mystery: "Train a mystery run",
  mystery_about: "It is one of these runs, and the page does not say which. Find out from its curve.",
  unnamed: "not named yet",
  covered: "The page says what it sees once you have named this curve.",
  early: "You can name the curve once it shows enough.",
  ready: "The curve now shows enough: you can name it.",
  ended: (label: string) => `${label}: the run has ended. What does its curve show?`,
  too_short: (iterations: number) =>
    `After ${count(iterations)} iterations the curve is too short to name. Train it again or show the answer.`,
  agrees: (title: string, so_far: boolean) =>
    `You called it “${title}”. ${so_far ? "So far, the page agrees." : "The page agrees."}`,
  differs: (title: string, found: string, so_far: boolean) =>
    `You called it “${title}”. ${so_far ? "So far, the page" : "The page"} calls it “${found}”.`,
  cannot_tell: (title: string, iterations: number) =>
    `You called it “${title}”. The page cannot tell yet: ${count(iterations)} iterations are too few.`,
  no_measure: (title: string) => `“${title}” does not fit, but the page cannot measure why.`,
  fits_so_far: (title: string) => `“${title}” fits the curve so far. The answer comes when the run has ended.`,
  try_again: "Try another name.",
  solved: (title: string, tries: number) =>
    `“${title}” is right${tries === 1 ? ", at the first try" : `, after ${count(tries)} tries`}.`,
  it_was: (label: string, change: string) => `This was the run “${label}” (${change}).`,
  asked: (label: string) => `What does the curve show? (${label})`,
  asked_mystery: (number: number) => `What does the curve of mystery run ${count(number)} show?`,
  new_tab: "(in a new tab)",
};

/** What a run waits for: something else on this page that uses the machine. */
export const waitsFor = {
  run: "the run",
  preset: (label: string) => `the run “${label}”`,
  measurement: "the speed measurement",
  side_by_side: (runs: number) => runs === 1 ? "the run beside a file" : "the twins",
  other_measurement: "waiting for the other measurement on this page",
  where: (what: string, above: boolean) => `${what} ${above ? "above" : "below"}`,
};

/** Lines of a session's log. */
export const note = {
  device_lost: (iteration: number, reason: string) =>
    `the graphics device was lost at iteration ${count(iteration)}${reason ? ` (${reason})` : ""}`,
  device_silent: (iteration: number, reason: string) =>
    `the graphics card stopped answering at iteration ${count(iteration)}${reason ? ` (${reason})` : ""}`,
  device_back: (iteration: number, engine: string) =>
    `restored from a snapshot on the ${engine}: continues at iteration ${count(iteration)} with nothing lost`,
  device_error: (iteration: number, reason: string) =>
    `the graphics device reported an error at iteration ${count(iteration)} (${reason})`,
  cpu_instead: (iteration: number, engine: string) =>
    `without the graphics card it continues at iteration ${
      count(iteration)
    } on the ${engine}, whose last digits differ`,
  wrong_results: (iteration: number, engine: string, reason: string) =>
    `the graphics card computes wrong results (${reason}): ` +
    `continues from iteration ${count(iteration)} on the ${engine} and discards what came later`,
  back: (iteration: number) => `tab in background: paused at iteration ${count(iteration)}, then continued`,
  waited: (iteration: number, reason: string) =>
    `waited at iteration ${count(iteration)} for ${reason}, then continued`,
  began_anew: (iteration: number) =>
    `the previous run ended at iteration ${count(iteration)} and its engine was closed: this one begins at iteration 0`,
  no_validation: (block_size: number) =>
    `this text's last tenth is shorter than ${
      block_size + 1
    } characters, so there is no val NLL; phases compare train NLL with counting models of this same text`,
};

/** What a page cannot do in a sandboxed frame. */
export const frameWords = {
  print: "The frame around this page blocks printing: open the page in its own tab.",
};

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10⁶, 10⁻³. */
export function powerOfTen(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** From this number on, powers of ten are used. */
const HUGE = 1e6;

/** A number with `digits` decimals; from a million on like 1.2 × 10¹⁸. */
export function decimals(value: number, digits: number): string {
  return Math.abs(value) >= HUGE && Number.isFinite(value) ? large(value) : value.toFixed(digits);
}

/** A number with at most three significant digits: 0.003, −1.94, 29.4, 1,000, 25,000; from a million on 1.5 × 10¹⁸. */
export function large(value: number): string {
  if (Math.abs(value) < 999_500) {
    return value.toLocaleString("en-GB", { maximumSignificantDigits: 3 }).replace("-", "−");
  }
  const [digits, exponent] = value.toExponential(1).replace("-", "−").split("e");
  const power = powerOfTen(Number(exponent)), factor = digits.replace(/\.0$/, "");
  return factor === "1" ? power : `${factor} × ${power}`;
}
