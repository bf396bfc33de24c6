// What a recorded run reported about its inside: docs/recorded/seen-*.json. engine/headless/record_seen.ts writes it,
// build/recorded/recorded_seen.py reads it for the build, and this file unpacks it for the page.
import type { CpuModule } from "./backend.ts";
import type { ModelConfig, RunConfig } from "./config.ts";
import { inflateBytes } from "./inflate.ts";
import type { GroupNorms, Observation, ObservedLine, ObserveOptions, SampleReading } from "./observation.ts";

/** JSON has neither infinity nor NaN: they are strings there. */
export type Written = number | "Infinity" | "-Infinity" | "NaN";

type Rounded<T> = { [Name in keyof T]: T[Name] extends number[] ? Written[] : T[Name] };

/** As Observation, but for attention, which SeenAttention has. */
export interface SeenMilestone {
  iteration: number;
  norms: Rounded<GroupNorms> | null;
  line: Rounded<Omit<ObservedLine, "attention">> | null;
  writings: Observation["writings"];
}

/** Maps of the observed line at some of the milestones. */
export interface SeenAttention {
  iterations: number[];
  /** Bytes [iterations, L, NH, t, t], in 255ths; gzipped, then in base64. */
  packed: string;
}

/** SampleReading of each of the run's samples. */
export interface SeenSamples {
  candidates: number;
  iterations: number[];
  /** Of each sample. */
  characters: number[];
  /** Which of these iterations have the residual stream read early. */
  early: number[];
  /**
   * For N characters of all samples, E of those with `early`, K candidates: likeliest [N, K] and early_likeliest
   * [E, L, K], in bytes; then probabilities [N, K], surprise [N], tempered [N] and early_probabilities [E, L, K], in
   * thousandths, two bytes each, the lower one first. Of a probability p this is -ln p, so that a small one has as many
   * digits as a large one. Gzipped, then in base64.
   */
  packed: string;
}

/** What remains of a loss when one head after another is switched off, [L NH]; see ObserveOptions. */
export interface WithoutHeads {
  /** Mean loss of the observed line. */
  line: Written[] | null;
  /** Mean loss of copies, for a text of writings and copies. */
  copies: Written[] | null;
}

export interface Seen {
  format: 1;
  config: RunConfig;
  corpus: { name: string; sha256: string; vocab_size: number };
  engine: "cpu";
  module: CpuModule;
  seed: string;
  observe: ObserveOptions;
  /** The observed line: its first character, and those that the model predicts. */
  text: string | null;
  milestones: SeenMilestone[];
  attention: SeenAttention | null;
  samples: SeenSamples;
  /** At the end of the run. */
  heads_off: WithoutHeads;
  /** SHA-256 of the weights, by number of updates. */
  fingerprints: Record<string, string>;
  /** The same run with other seeds, and the fingerprint of each at its end. */
  seeds: Record<string, { milestones: SeenMilestone[]; fingerprint: string }>;
  /** Norms in the runs of docs/presets.yml, and the fingerprint of each at its end. */
  presets: Record<string, { milestones: Pick<SeenMilestone, "iteration" | "norms">[]; fingerprint: string }>;
}

const THOUSANDTHS = 1000, MOST = 2 ** 16 - 1;

/** The bytes of SeenSamples.packed, before they are compressed. @param readings in the order of the samples */
export function readingBytes(readings: SampleReading[], early: boolean[]): Uint8Array<ArrayBuffer> {
  const with_early = readings.filter((_, i) => early[i]);
  const bytes = [...readings.map((one) => one.likeliest), ...with_early.map((one) => one.early_likeliest)];
  const numbers = [
    ...readings.map((one) => one.probabilities.map(surpriseAt)),
    ...(["surprise", "tempered"] as const).flatMap((name) => readings.map((one) => one[name])),
    ...with_early.map((one) => one.early_probabilities.map(surpriseAt)),
  ].flatMap((list) => [...list]);
  const start = bytes.reduce((sum, list) => sum + list.length, 0), all = new Uint8Array(start + 2 * numbers.length);
  let at = 0;
  for (const list of bytes) {
    all.set(list, at);
    at += list.length;
  }
  const view = new DataView(all.buffer);
  numbers.forEach((number, i) => view.setUint16(start + 2 * i, Math.min(MOST, Math.round(number * THOUSANDTHS)), true));
  return all;
}

const surpriseAt = (p: number) => -Math.log(p), probabilityAt = (surprise: number) => Math.exp(-surprise);

/** The readings, by the iteration of their sample. @throws if the data is damaged */
export async function seenReadings(
  samples: SeenSamples,
  { n_layer: L }: Pick<ModelConfig, "n_layer">,
): Promise<Map<number, SampleReading>> {
  const { candidates: K, iterations, characters, early, packed } = samples;
  const all = await inflateBytes(packed), view = new DataView(all);
  const has_early = (i: number) => early.includes(iterations[i]);
  const N = characters.reduce((sum, count) => sum + count, 0);
  const E = characters.reduce((sum, count, i) => sum + (has_early(i) ? count : 0), 0);
  /** Where each part begins: of bytes first, then of numbers. */
  const numbers_at = (N + E * L) * K;
  const bytes = (at: number, length: number) => new Uint8Array(all.slice(at, at + length));
  const numbers = (at: number, length: number) =>
    Float32Array.from({ length }, (_, i) => view.getUint16(numbers_at + 2 * (at + i), true) / THOUSANDTHS);
  const readings = new Map<number, SampleReading>();
  let n = 0, e = 0;
  iterations.forEach((iteration, i) => {
    const count = characters[i], early_count = has_early(i) ? count * L * K : 0;
    readings.set(iteration, {
      candidates: K,
      likeliest: bytes(n * K, count * K),
      probabilities: numbers(n * K, count * K).map(probabilityAt),
      surprise: numbers(N * K + n, count),
      tempered: numbers(N * K + N + n, count),
      early_likeliest: bytes(N * K + e, early_count),
      early_probabilities: numbers(N * K + 2 * N + e, early_count).map(probabilityAt),
    });
    n += count;
    e += early_count;
  });
  return readings;
}

/** The maps of each of the iterations, [L, NH, t, t]. @throws if the data is damaged */
export async function seenAttention(
  { iterations, packed }: SeenAttention,
): Promise<Map<number, Uint8Array<ArrayBuffer>>> {
  const all = new Uint8Array(await inflateBytes(packed)), size = all.length / iterations.length;
  return new Map(iterations.map((iteration, i) => [iteration, all.slice(i * size, (i + 1) * size)]));
}

/** What the milestones reported, by rising iteration. @param attention by iteration; see seenAttention() */
export function seenObservations(
  milestones: Pick<SeenMilestone, "iteration" | "norms">[] | SeenMilestone[],
  attention: ReadonlyMap<number, Uint8Array<ArrayBuffer>> = new Map(),
): Observation[] {
  return milestones.map((milestone) => {
    const { iteration, norms } = milestone, { line = null, writings = null } = milestone as Partial<SeenMilestone>;
    const maps = attention.get(iteration) ?? new Uint8Array(0);
    return {
      iteration,
      norms: norms && read(norms) as unknown as GroupNorms,
      line: line && { ...read(line), attention: maps } as unknown as ObservedLine,
      writings,
    };
  });
}

function read(lists: object): Record<string, number[]> {
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, (list as Written[]).map(Number)]));
}
