// Which milestone of which run an instrument shows: of the reader's own run or of the recorded one. No DOM.

export type Whose = "recorded" | "own";

export class MilestoneChoice<T extends { iteration: number }> {
  /** What the reader has chosen; null while nothing is. */
  #whose: Whose | null = null;
  /** The chosen iteration of each run; null for the newest, or the recording's last. */
  #at: Record<Whose, number | null> = { recorded: null, own: null };
  #pointed: number | null = null;

  /** @param recorded by rising iteration, as is `own`, which may grow, and be empty again after a reset */
  constructor(private readonly recorded: readonly T[], private readonly own: () => readonly T[]) {}

  /** The reader's own run as soon as there is something to show, unless the reader prefers the recorded one. */
  get whose(): Whose {
    const { own, recorded } = this, has_own = own().length > 0;
    if (recorded.length === 0) return "own";
    return has_own && this.#whose !== "recorded" ? "own" : "recorded";
  }

  has(whose: Whose): boolean {
    return this.#of(whose).length > 0;
  }

  /** The milestones among which the reader chooses. */
  get all(): readonly T[] {
    return this.#of(this.whose);
  }

  get index(): number {
    const { whose, all } = this, wanted = whose === "own" ? this.#pointed ?? this.#at.own : this.#at.recorded;
    if (wanted === null) return all.length - 1;
    return Math.max(0, all.findLastIndex(({ iteration }) => iteration <= wanted));
  }

  get shown(): T | null {
    return this.all[this.index] ?? null;
  }

  /** The reader chooses a run. */
  choose(whose: Whose): void {
    this.#whose = whose;
  }

  /** The reader chooses one of `all`; the last one stays the newest while the run goes on. */
  goTo(index: number): void {
    const { whose, all } = this;
    this.#at[whose] = index >= all.length - 1 ? null : all[index]?.iteration ?? null;
  }

  /** The reader points at an iteration of the own run, or at none. */
  point(iteration: number | null): void {
    this.#pointed = iteration;
  }

  /** A replay shows this iteration of the recorded run. */
  replay(iteration: number): void {
    this.#at.recorded = iteration;
  }

  #of(whose: Whose): readonly T[] {
    return whose === "own" ? this.own() : this.recorded;
  }
}
