// Which run a mystery is. A reader names its curve before the page does; see fitting_names.ts.
import { hash32, streamKey } from "../training/rng.ts";
import type { Preset } from "./preset_runs.ts";

/** A mystery's name has a space, which no preset's name has. */
const MYSTERY = /^mystery (\d+)$/;

/** The number of a mystery run; null for another run. */
export function mysteryNumber({ name }: { name: string }): number | null {
  const found = MYSTERY.exec(name);
  return found ? Number(found[1]) : null;
}

/**
 * The mystery run of that number: one of the presets, under a name that says nothing. The seed decides which. Each
 * comes once before any comes again.
 * @param seed the seed of the run whose model the presets train
 * @param number counted from 1
 */
export function mysteryRun(presets: Preset[], seed: string, number: number): Preset & { stands_for: Preset } {
  const key = streamKey(seed, "mysteries"), count = presets.length, round = Math.floor((number - 1) / count);
  const drawn = presets.map((preset, i) => ({ preset, draw: hash32(key, round, i) })).sort((a, b) => a.draw - b.draw);
  const { preset } = drawn[(number - 1) % count];
  const name = `mystery ${number}`;
  return { ...preset, name, label: name, about: "", careless_switch: false, seed_of: null, stands_for: preset };
}
