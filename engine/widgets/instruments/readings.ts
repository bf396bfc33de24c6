// Finds the reading of a sample, and answers from it.
import type { SampleReading } from "../../training/observation.ts";
import { streamKey } from "../../training/rng.ts";
import { seenReadings } from "../../training/seen.ts";
import type { Shown } from "../shared/askable.ts";
import type { ReplayedRun } from "../shared/island.ts";
import { type Answer, answerAt, type Drawing } from "./answer.ts";
import { askWords as words } from "./ask_words.ts";

interface Found {
  reading: SampleReading;
  drawing: Drawing;
}

/** Null if the page has no reading of the sample. */
export function readingOf(shown: Shown): Found | null {
  const { sample, from } = shown;
  if ("run" in from) return recorded(from.run, sample);
  if (isGone(shown)) return null;
  const { session } = from, { options: { corpus, model, sampling } } = session;
  const reading = session.reading(sample), characters = corpus.characters ?? corpus.only_characters;
  if (!reading || !characters) return null;
  const key = streamKey(session.seed, "samples");
  return { reading, drawing: { characters, temperature: sampling.temperature, key, n_layer: model.n_layer } };
}

const unpacked = new WeakMap<ReplayedRun, Map<number, SampleReading>>();
const under_way = new WeakMap<ReplayedRun, Promise<void>>();

function recorded(run: ReplayedRun, { iteration }: Shown["sample"]): Found | null {
  const reading = unpacked.get(run)?.get(iteration);
  return reading && run.seen ? { reading, drawing: { ...run.seen, key: streamKey(run.seed, "samples") } } : null;
}

/** Unpacks the readings of a recorded run, once. @param then called if that was still to be done, when it is */
export function unpack({ from }: Shown, then: () => void): void {
  if (!("run" in from) || !isPacked(from.run)) return;
  const { run } = from, { samples, n_layer } = run.seen!;
  let unpacking = under_way.get(run);
  if (!unpacking) {
    unpacking = seenReadings(samples, { n_layer }).catch((error) => {
      console.error(error); // a damaged page: its samples then have no readings
      return new Map<number, SampleReading>();
    }).then((readings) => void unpacked.set(run, readings));
    under_way.set(run, unpacking);
  }
  unpacking.then(then);
}

const isPacked = (run: ReplayedRun) => !!run.seen && !unpacked.has(run);

/** Whether it has none, and gets none by unpacking. */
export function lacksReading(shown: Shown): boolean {
  return !readingOf(shown) && !("run" in shown.from && isPacked(shown.from.run));
}

/** Whether the run no longer has the sample: it was reset, or another run has taken its place. */
export function isGone({ sample, from }: Shown): boolean {
  if ("run" in from) return false;
  const { samples, speaking } = from.session;
  return speaking?.sample !== sample && !samples.includes(sample);
}

/** What the model expected at a character, or a sentence that says why the page does not know. */
export function answerFor(shown: Shown, at: number): Answer | string {
  const found = readingOf(shown), { from } = shown;
  if (!found && "run" in from) return isPacked(from.run) ? words.unpacking : words.missing.run;
  if (!found) return words.missing.session;
  return answerAt(found.reading, Array.from(shown.sample.text), at, found.drawing);
}
