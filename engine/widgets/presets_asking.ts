// Name it first: with `ask`, a run's label, about and verdict stay covered until the reader has named its curve. What
// the reader said is in reader_record.ts alone, so that it outlives a reload.
import { hadSeed, naming } from "../wording.ts";
import type { Preset, PresetRuns } from "../session/preset_runs.ts";
import type {} from "../session/fitting_names.ts";
import type {} from "../session/why_not.ts";
import type { NameQuestion, ShapeName } from "./name_form.ts";
import { neutralLabel } from "./preset_words.ts";
import { claim, commit, type Commitment, commitments } from "./shared/reader_record.ts";

/** Between two names in the record. */
export const THEN = ", then ";

/** The block and the seed of the run that the reader named last, by key: no other run completes that record. */
const answered = new Map<string, { runs: PresetRuns; seed: string }>();
/** The keys of those that the reader names once more. */
const reopened = new Set<string>();

/** What the block asks about the current run, and how it answers. */
export interface Asked {
  /** Null if there is nothing to ask any more. */
  question: NameQuestion | null;
  /** Changes when the answer does; the numbers in an answer are those of the moment in which it was given. */
  key: string;
  /** The answer to what the reader has said; empty if the reader has said nothing. */
  said(): string;
  /** The shapes that the answer speaks of. */
  entries(): string[];
  /** Lets the reader name the curve once more; null if that is not possible. */
  again: (() => void) | null;
}

export class Asking {
  /** @param presets those whose curves the reader names; empty if the author did not ask for it */
  constructor(
    private readonly presets: Preset[],
    private readonly names: ShapeName[],
    private readonly runs: PresetRuns,
  ) {
    for (const { name } of presets) if (this.#given(name)) claim(keyOf(name));
  }

  /** Whether what a preset does is covered. A run of careless arithmetic is not: a NaN names itself. */
  covers({ name }: Preset): boolean {
    return this.#asks(name) && this.#given(name) === null;
  }

  /** What the block asks about the current run; null if it is none that it asks about. */
  state(preset: Preset): Asked | null {
    if (!this.#asks(preset.name) || this.runs.careless) return null;
    const { running, session, verdict } = this.runs, given = this.#given(preset.name), short = this.#short();
    const open = !running || !short, key = keyOf(preset.name), hint = open ? naming.ready : naming.early;
    const question = given === null
      ? { of: preset.name, open, hint: reopened.has(key) ? "" : hint, wrong: [], gives_up: false }
      : null;
    return {
      question,
      key: [preset.name, session!.seed, given?.name, running, verdict!.name].join("|"),
      said: () => given ? this.#answer(given) : "",
      entries: () => given && !short ? [...new Set([...fittingHere(this.runs).slice(-1), given.name])] : [],
      again: given
        ? () => {
          reopened.add(key);
          commit({ ...recorded(key)! }); // other blocks of the page cover it too
        }
        : null,
    };
  }

  /** The reader names the current run. */
  give(preset: Preset, name: string): void {
    const key = keyOf(preset.name), tries = triesOf(key, this.names);
    const given = this.names.find((one) => one.name === name)!;
    reopened.delete(key);
    answered.set(key, { runs: this.runs, seed: this.runs.session!.seed });
    this.#commit(preset, tries.at(-1) === given ? tries : [...tries, given]);
  }

  /** Completes the record once the run that the reader named has ended. */
  settle(preset: Preset): void {
    const { running, careless, session } = this.runs, key = keyOf(preset.name), tries = triesOf(key, this.names);
    if (!this.#asks(preset.name) || running || careless || this.#short()) return;
    if (tries.length === 0 || recorded(key)!.outcome !== null) return;
    const run = answered.get(key) ?? { runs: this.runs, seed: session!.seed }; // none after a reload
    if (run.runs === this.runs && run.seed === session!.seed) this.#commit(preset, tries);
  }

  /** The first name decides whether the reader was right. */
  #commit(preset: Preset, tries: ShapeName[]): void {
    const { running, session, verdict } = this.runs, known = !running && !this.#short(), key = keyOf(preset.name);
    const before = tries.length > 1 ? recorded(key)!.right : null;
    commit({
      key,
      kind: "diagnosis",
      asked: naming.asked(neutralLabel(preset)),
      said: tries.map(({ title }) => title).join(THEN),
      outcome: known ? `${verdict!.words} ${hadSeed(session!.seed)}` : null,
      right: before ?? (known ? fittingHere(this.runs).includes(tries[0].name) : null),
    });
  }

  #answer(given: ShapeName): string {
    const { running, session, verdict } = this.runs, fitting = fittingHere(this.runs), { name, title } = given;
    if (this.#short()) return naming.cannot_tell(title, session!.iteration);
    if (fitting.includes(name)) return naming.agrees(title, running);
    const found = this.names.find((one) => fitting.includes(one.name))?.title ?? verdict!.name;
    return `${naming.differs(title, found, running)} ${whyNotHere(this.runs, given)}`;
  }

  /** Not about a learning rate of the reader's own. */
  #asks(name: string): boolean {
    return this.presets.some((preset) => preset.name === name);
  }

  #short(): boolean {
    return this.runs.verdict!.name === "too short to tell";
  }

  /** The name that the reader has given; null if none, or if the author has renamed that shape since. */
  #given(preset: string): ShapeName | null {
    const key = keyOf(preset);
    return reopened.has(key) ? null : triesOf(key, this.names).at(-1) ?? null;
  }
}

/** What the record says under a key. */
export function recorded(key: string): Commitment | undefined {
  return commitments().find((entry) => entry.key === key);
}

/** The names that the reader has given, first to last. */
export function triesOf(key: string, names: ShapeName[]): ShapeName[] {
  const said = recorded(key)?.said.split(THEN) ?? [];
  return said.flatMap((title) => names.filter((one) => one.title === title));
}

/** The names that fit the current run's curve. */
export function fittingHere({ session, preset }: PresetRuns): string[] {
  const { history, options: { corpus } } = session!;
  return globalThis.pressStartFittingNames!(history, corpus.vocab_size, corpus.rungs, preset!.shape.name);
}

/** Why a name does not fit the current run's curve. */
export function whyNotHere({ session }: PresetRuns, { name, title }: ShapeName): string {
  const { history, options: { corpus } } = session!;
  return globalThis.pressStartWhyNot!(name, history, corpus.vocab_size, corpus.rungs) ?? naming.no_measure(title);
}

function keyOf(preset: string): string {
  return `name:${preset}`;
}
