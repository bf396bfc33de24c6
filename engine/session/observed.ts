// What a session's run has reported about its inside. It is in the page's memory alone: no file and no kept run has it.
import type { Observation, SampleReading } from "../training/observation.ts";
import type { Measured } from "../training/trainer.ts";

/** The residual stream read early is most of a reading: only the newest samples keep it. */
const EARLY_KEPT = 20;
/** Room for the attention of 100 milestones of the lesson's model on a line of 64 characters. */
const ATTENTION_BYTES = 7e6;
/** For larger models: the first and the last of a run. */
const FEWEST = 2;

export class Observed {
  /** By the sample's iteration, in rising order. */
  readonly #readings = new Map<number, SampleReading>();
  #observations: Observation[] = [];

  reading(iteration: number): SampleReading | null {
    return this.#readings.get(iteration) ?? null;
  }

  /** By rising iteration. */
  get observations(): readonly Observation[] {
    return this.#observations;
  }

  take({ sample: { iteration }, reading, observation }: Measured): void {
    if (reading) {
      this.#readings.set(iteration, reading);
      const older = [...this.#readings].slice(0, -EARLY_KEPT);
      for (const [iteration, reading] of older) this.#readings.set(iteration, withoutEarly(reading));
    }
    if (observation) this.add(observation);
  }

  add(observation: Observation): void {
    this.#observations = fitting([...this.#observations, observation], ATTENTION_BYTES);
  }

  /** Removes everything from `iteration` on. */
  cut(iteration: number): void {
    for (const at of [...this.#readings.keys()]) if (at >= iteration) this.#readings.delete(at);
    this.#observations = this.#observations.filter((observation) => observation.iteration < iteration);
  }
}

function withoutEarly(reading: SampleReading): SampleReading {
  return { ...reading, early_likeliest: new Uint8Array(0), early_probabilities: new Float32Array(0) };
}

/** Where the gaps are narrowest, attention is left out until the rest fits; never that of the first and of the last. */
export function fitting(observations: Observation[], most_bytes: number): Observation[] {
  const kept = [...observations], bytes = (one: Observation) => one.line?.attention.byteLength ?? 0;
  const places = kept.map((_, i) => i).filter((i) => bytes(kept[i]) > 0);
  let sum = places.reduce((sum, i) => sum + bytes(kept[i]), 0);
  while (places.length > FEWEST && sum > most_bytes) {
    const gap = (i: number) => kept[places[i + 1]].iteration - kept[places[i - 1]].iteration;
    let narrowest = 1;
    for (let i = 2; i < places.length - 1; i++) if (gap(i) < gap(narrowest)) narrowest = i;
    const [place] = places.splice(narrowest, 1), line = kept[place].line!;
    sum -= bytes(kept[place]);
    kept[place] = { ...kept[place], line: { ...line, attention: new Uint8Array(0) } };
  }
  return kept;
}
