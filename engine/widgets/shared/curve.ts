// Computes what the loss chart draws: columns thinned to what a screen can show, the range of the loss axis, the rungs
// by name, and labels moved apart so that they can be read. No DOM.
import type { Columns, History } from "../../session/history.ts";
import { decimals } from "../../wording.ts";
import { RUNG_NAMES, type Rungs } from "../../training/phase.ts";

/** A line to compare the curve with. A floor is the text's entropy; a rung is a model's loss, so it can be beaten. */
export interface Level {
  /** Short enough to fit beside a narrow chart. */
  name: string;
  /** Added to the name if there is room. */
  aside?: string;
  nats: number;
  kind: "rung" | "floor";
}

/**
 * The lines for a corpus, from the top down. Guessing evenly, ln V, needs no text and is always there.
 * @param rungs n-gram cross-entropies in nats per character, or null if the validation part is too short.
 * @param floor the exact entropy in nats per character, or null if unknown.
 */
export function levelsOf(vocab_size: number, rungs: Rungs | null, floor: number | null): Level[] {
  const levels: Level[] = [{ name: `ln ${vocab_size}`, aside: "uniform", nats: Math.log(vocab_size), kind: "rung" }];
  const { uniform: _is_ln_v, ...names } = RUNG_NAMES;
  for (const key of Object.keys(names) as (keyof typeof names)[]) {
    if (rungs) levels.push({ name: names[key], nats: rungs[key], kind: "rung" });
  }
  if (floor !== null) levels.push({ name: "floor", aside: "the text’s entropy", nats: floor, kind: "floor" });
  return levels;
}

/**
 * Says between which lines a val loss lies.
 * @param nats null before the first measurement; the result is then empty
 */
export function standing(nats: number | null, levels: Level[]): string {
  if (nats === null || !Number.isFinite(nats)) return "";
  const rungs = levels.filter(({ kind }) => kind === "rung").sort((a, b) => a.nats - b.nats);
  const floor = levels.find(({ kind }) => kind === "floor");
  if (floor && nats < floor.nats) {
    return `${apart(floor, nats)} below the floor of the whole validation text, of which these windows are a part`;
  }
  const above = rungs.find((rung) => nats < rung.nats);
  const below = rungs.findLast((rung) => rung.nats <= nats) ?? floor;
  if (!above) return `${apart(below!, nats)} above ${spoken(below!)}: worse than guessing evenly`;
  if (!below) return `below every rung, ${apart(rungs[0], nats)} under ${spoken(rungs[0])}`;
  if (below.kind === "floor") return `below every rung, ${apart(below, nats)} above ${spoken(below)}`;
  return `below ${spoken(above)}, ${apart(below, nats)} above ${spoken(below)}`;
}

function apart(level: Level, nats: number): string {
  return decimals(Math.abs(nats - level.nats), 2);
}

function spoken({ name, kind }: Level): string {
  if (kind === "floor") return "the exact floor";
  return name.startsWith("ln ") ? name : `the ${name} rung`;
}

/** The labelled iterations on a logarithmic axis: 0, 1, 3, 10, 30, 100 ... */
export function logTicks(last: number): number[] {
  const ticks = [0];
  for (let power = 1; power <= last; power *= 10) {
    for (const tick of [power, 3 * power]) if (tick <= last) ticks.push(tick);
  }
  return ticks;
}

/**
 * The columns with at most about `rows` rows. Of each stretch, the lowest and the highest train loss stay, so that
 * the curve keeps its true noise, and every row with a val loss stays too. Values that are not finite become null.
 * build/recorded/thinning.py does the same; tests of both go by thinning_cases.json.
 */
export function thin(columns: History, rows: number): Columns {
  const n = columns.iteration.length;
  const stretch = Math.max(1, Math.ceil((2 * n) / rows));
  const out: Columns = { iteration: [], train: [], val: [] };
  for (let start = 0; start < n; start += stretch) {
    const end = Math.min(start + stretch, n);
    const [low, high] = extremes(columns.train, start, end);
    for (let row = start; row < end; row++) {
      if (stretch > 2 && row !== low && row !== high && columns.val[row] === null) continue;
      out.iteration.push(columns.iteration[row]);
      out.train.push(finiteOrNull(columns.train[row]));
      out.val.push(finiteOrNull(columns.val[row]));
    }
  }
  return out;
}

function extremes(values: readonly (number | null)[], start: number, end: number): [low: number, high: number] {
  let low = -1, high = -1;
  for (let row = start; row < end; row++) {
    const value = finiteOrNull(values[row]);
    if (value === null) continue;
    if (low < 0 || value < values[low]!) low = row;
    if (high < 0 || value > values[high]!) high = row;
  }
  return [low, high];
}

function finiteOrNull(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) ? value : null;
}

/** The range of the loss axis: all lines and losses, with a margin. The lines keep it stable from the start. */
export function lossRange(columns: History, levels: Level[]): [low: number, high: number] {
  let low = Infinity, high = -Infinity;
  const take = (value: number | null) => {
    if (value === null || !Number.isFinite(value)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const level of levels) take(level.nats);
  columns.train.forEach(take);
  columns.val.forEach(take);
  if (low > high) return [0, 1];
  const air = Math.max(0.05 * (high - low), 0.05);
  return [low - air, high + air];
}

/**
 * Chooses which labels to show if there is no room for all: the first one and those in `keep` stay longest; of the
 * others, those with the nearest neighbours go first. Their lines stay.
 * @param wanted positions in increasing order
 * @param room how many labels fit
 * @returns the indices of those to show, in order
 */
export function fitting(wanted: number[], keep: boolean[], room: number): number[] {
  const shown = wanted.map((_, i) => i);
  while (shown.length > Math.max(1, room)) {
    let gone = -1, nearest = Infinity;
    for (let at = 0; at < shown.length; at++) {
      const stays = shown.length > 2 && (at === 0 || keep[shown[at]]);
      if (stays) continue;
      const above = at > 0 ? wanted[shown[at]] - wanted[shown[at - 1]] : Infinity;
      const below = at < shown.length - 1 ? wanted[shown[at + 1]] - wanted[shown[at]] : Infinity;
      if (Math.min(above, below) < nearest) [gone, nearest] = [at, Math.min(above, below)];
    }
    shown.splice(gone < 0 ? shown.length - 1 : gone, 1);
  }
  return shown;
}

/**
 * Moves labels apart: at least `gap` between neighbours, each close to its wanted position, all within [top, bottom].
 * If they do not fit, they share the space evenly.
 * @param wanted positions in any unit, in increasing order.
 */
export function spread(wanted: number[], gap: number, top: number, bottom: number): number[] {
  const n = wanted.length;
  if (n > 1) gap = Math.min(gap, (bottom - top) / (n - 1));
  const placed = wanted.map((position) => Math.min(Math.max(position, top), bottom));
  for (let i = 1; i < n; i++) placed[i] = Math.max(placed[i], placed[i - 1] + gap);
  if (n > 0) placed[n - 1] = Math.min(placed[n - 1], bottom);
  for (let i = n - 2; i >= 0; i--) placed[i] = Math.min(placed[i], placed[i + 1] - gap);
  return placed;
}

/** The row of the last val loss at or before `row`, or null. */
export function lastVal(columns: History, row: number): number | null {
  for (let at = Math.min(row, columns.val.length - 1); at >= 0; at--) if (columns.val[at] !== null) return at;
  return null;
}

/** The row whose iteration is nearest to `iteration`, or null if there are no rows. Rows are in rising order. */
export function nearestRow(columns: History, iteration: number): number | null {
  const { iteration: at } = columns;
  if (at.length === 0) return null;
  let low = 0, high = at.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] < iteration) low = middle + 1;
    else high = middle;
  }
  return low > 0 && iteration - at[low - 1] <= at[low] - iteration ? low - 1 : low;
}
