// Two checkpoints side by side: whether they hold the same bits, and where and why not. Files made on two machines can
// agree to the last bit, if the same engine made both.
import type { Reason } from "../wording_of_talk.ts";
import { type About, type MadeBy, madeByOf } from "./about.ts";
import { type Checkpoint, type Hashes, hashesOf, type Losses, readCheckpoint } from "./checkpoint.ts";
import { sameEngine } from "./made_by.ts";

export interface Compared {
  about: Pick<About, "seed" | "iteration" | "engine" | "adapter">;
  weights_only: boolean;
  hashes: Hashes;
}

export interface Comparison {
  ours: Compared;
  theirs: Compared;
  /** Whether the weights have the same bits. */
  same_weights: boolean;
  /** The same of all that decides how the run goes on; null if a file lacks it. */
  same_state: boolean | null;
  /** Losses that both files have. */
  losses: number;
  /** The first iteration with a loss whose bits differ; null if there is none. */
  first: number | null;
  /** Null if nothing speaks against equal bits. */
  reason: Reason | null;
}

/** @throws FileError for a bad file */
export async function compareFiles(
  ours: Uint8Array<ArrayBuffer>,
  theirs: Uint8Array<ArrayBuffer>,
): Promise<Comparison> {
  return await compare(await readCheckpoint(ours), await readCheckpoint(theirs));
}

async function compare(ours: Checkpoint, theirs: Checkpoint): Promise<Comparison> {
  const [mine, other] = [await compared(ours), await compared(theirs)];
  const { state } = mine.hashes, both = state !== null && other.hashes.state !== null;
  const same_state = both ? state === other.hashes.state : null;
  const { first, losses } = differenceOf(ours.rest?.losses, theirs.rest?.losses);
  const same_weights = mine.hashes.weights === other.hashes.weights;
  return { ours: mine, theirs: other, same_weights, same_state, losses, first, reason: reasonFor(ours, theirs) };
}

async function compared({ about, params, rest }: Checkpoint): Promise<Compared> {
  const { seed, iteration, engine, adapter } = about;
  const hashes = await hashesOf(about, { params, m: rest?.m, v: rest?.v });
  return { about: { seed, iteration, engine, adapter }, weights_only: rest === null, hashes };
}

/** The first iteration with different bits, of those where both files have a loss; NaN stands for none. */
export function differenceOf(ours?: Losses, theirs?: Losses): { first: number | null; losses: number } {
  let first = Infinity, losses = 0;
  for (const name of ["train", "val"] as const) {
    const a = ours?.[name] ?? new Float32Array(), b = theirs?.[name] ?? new Float32Array();
    const bits = (column: Float32Array) => new Uint32Array(column.buffer, column.byteOffset, column.length);
    const [mine, other] = [bits(a), bits(b)];
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      if (Number.isNaN(a[i]) || Number.isNaN(b[i])) continue;
      losses++;
      if (mine[i] !== other[i]) first = Math.min(first, i);
    }
  }
  return { first: first === Infinity ? null : first, losses };
}

/** The first that the files give, of those that explain all others: model, training, text, seed, engine. */
function reasonFor(ours: Checkpoint, theirs: Checkpoint): Reason | null {
  const a = ours.about, b = theirs.about;
  for (const kind of ["model", "training"] as const) {
    const mine = a[kind] as unknown as Numbers, other = b[kind] as unknown as Numbers;
    const name = Object.keys(mine).find((name) => (mine[name] ?? null) !== (other[name] ?? null));
    if (name) return { kind, name, ours: mine[name] ?? null, theirs: other[name] ?? null };
  }
  if (a.corpus.sha256 !== b.corpus.sha256) return { kind: "text", ours: a.corpus.name, theirs: b.corpus.name };
  if (a.seed !== b.seed) return { kind: "seed", ours: a.seed, theirs: b.seed };
  const engines = [enginesOf(a), enginesOf(b)], [mine, other] = engines;
  const alike = mine.length === other.length &&
    mine.every((one, i) => sameEngine(one, other[i]) && one.until === other[i].until);
  if (!alike) return { kind: "engine", ours: mine, theirs: other };
  const card = mine.find(({ engine }) => engine === "webgpu");
  return card ? { kind: "driver", ...madeByOf(card) } : null;
}

type Numbers = Record<string, number | null | undefined>;

/** What trained a run, in order, each up to an iteration; the last one goes on. */
function enginesOf(about: About): (MadeBy & { until: number | null })[] {
  return [...about.earlier, { ...madeByOf(about), until: null }];
}
