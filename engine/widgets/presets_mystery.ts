// The mystery run: one of the presets, chosen by the seed. The reader names its curve, with as many tries as needed,
// and only then learns which it was. What the reader tried is in reader_record.ts alone.
import { hadSeed, naming } from "../wording.ts";
import { mysteryNumber, mysteryRun } from "../session/naming.ts";
import type { Preset, PresetRuns } from "../session/preset_runs.ts";
import type { ShapeName } from "./name_form.ts";
import { changeText } from "./preset_words.ts";
import { type Asked, fittingHere, recorded, THEN, triesOf, whyNotHere } from "./presets_asking.ts";
import { claim, commit, commitments, withdraw } from "./shared/reader_record.ts";

/** The mystery that each block of the page shows, so that two blocks never share a number. */
const shown = new Map<PresetRuns, number>();

export class Mystery {
  constructor(
    private readonly presets: Preset[],
    private readonly names: ShapeName[],
    private readonly runs: PresetRuns,
  ) {}

  /** Says that this page has mystery runs. */
  claim(): void {
    for (const { key } of commitments()) if (key.startsWith(keyOf(""))) claim(key);
  }

  /** The next mystery run: the last one again if the reader has not solved it, or else another one. */
  next(): Preset {
    const current = shown.get(this.runs), open = current !== undefined && !this.solved(current);
    const number = open ? current : 1 + this.#last();
    shown.set(this.runs, number);
    withdraw(keyOf(number)); // it begins again
    return mysteryRun(this.presets, this.runs.main_seed, number);
  }

  covers(run: Preset): boolean {
    const number = mysteryNumber(run);
    return number !== null && !this.solved(number);
  }

  /** Whether the reader has found the name, or given up. */
  solved(number: number): boolean {
    return (recorded(keyOf(number))?.outcome ?? null) !== null;
  }

  state(run: Preset): Asked {
    const number = mysteryNumber(run)!, { running, session, verdict } = this.runs, solved = this.solved(number);
    const tries = this.#tries(number), last = tries.at(-1);
    const stopped = !running && session!.status !== "done" && session!.status !== "diverged";
    const short = verdict!.name === "too short to tell", open = !short || !(running || stopped);
    const fitting = open ? fittingHere(this.runs) : [];
    const hint = open ? (last ? "" : naming.ready) : running ? naming.early : naming.too_short(session!.iteration);
    const wrong = tries.filter(({ name }) => !fitting.includes(name)).map(({ name }) => name);
    return {
      question: solved ? null : { of: `${run.name} ${session!.seed}`, open, hint, wrong, gives_up: true },
      key: [run.name, tries.length, solved, last !== undefined && fitting.includes(last.name)].join("|"),
      said: () => solved ? this.#revealed(run) : last ? this.#answer(last, fitting) : "",
      entries: () => solved ? fitting.slice(-1) : [],
      again: null,
    };
  }

  /** The reader tries a name. */
  give(run: Preset, name: string): void {
    const number = mysteryNumber(run)!, title = this.names.find((one) => one.name === name)!.title;
    this.#commit(number, [...this.#tries(number).map((tried) => tried.title), title], null, null);
    this.settle(run);
  }

  giveUp(run: Preset): void {
    const number = mysteryNumber(run)!;
    this.#commit(number, [...this.#tries(number).map(({ title }) => title), naming.gave_up], this.#outcome(run), false);
  }

  /** Once the run has ended, the last name that the reader gave may be the right one. */
  settle(run: Preset): void {
    const number = mysteryNumber(run)!, tries = this.#tries(number), last = tries.at(-1);
    if (this.runs.running || !last || this.solved(number) || !fittingHere(this.runs).includes(last.name)) return;
    this.#commit(number, tries.map(({ title }) => title), this.#outcome(run), tries.length === 1);
  }

  #commit(number: number, said: string[], outcome: string | null, right: boolean | null): void {
    const asked = naming.asked_mystery(number);
    commit({ key: keyOf(number), kind: "mystery", asked, said: said.join(THEN), outcome, right });
  }

  #outcome(run: Preset): string {
    return `${itWas(run)} ${hadSeed(this.runs.session!.seed)}`;
  }

  #answer(name: ShapeName, fitting: string[]): string {
    if (fitting.includes(name.name)) return naming.fits_so_far(name.title);
    return `${whyNotHere(this.runs, name)} ${naming.try_again}`;
  }

  #revealed(run: Preset): string {
    const number = mysteryNumber(run)!, tries = this.#tries(number), found = tries.at(-1);
    const gave_up = recorded(keyOf(number))!.said.split(THEN).at(-1) === naming.gave_up;
    return `${found && !gave_up ? naming.solved(found.title, tries.length) : ""} ${itWas(run)}`.trim();
  }

  #tries(number: number): ShapeName[] {
    return triesOf(keyOf(number), this.names);
  }

  /** The highest number of a mystery that is solved, or that a block of the page shows. */
  #last(): number {
    const done = commitments().filter(({ kind, outcome }) => kind === "mystery" && outcome !== null);
    return Math.max(0, ...shown.values(), ...done.map(({ key }) => Number(key.slice(keyOf("").length))));
  }
}

function itWas({ stands_for }: Preset): string {
  return naming.it_was(stands_for!.label, changeText(stands_for!));
}

function keyOf(number: number | string): string {
  return `mystery:${number}`;
}
