// The fingerprint of the lesson's run after its first iterations, by which machines compare what they compute.
import type { Backend, BackendOptions, CpuModule } from "../training/backend.ts";
import { defaultRun, type RunConfig } from "../training/config.ts";
import type { Corpus } from "../training/corpus.ts";
import { Trainer } from "../training/trainer.ts";

/** Few enough for a slow machine, and a milestone of every recorded run. */
export const FINGERPRINT_AT = 50;
/** Progress is reported after so many iterations. */
const TOLD_EVERY = 5;

export interface LessonFingerprint {
  fingerprint: string;
  /** Of the CPU engine; null on the graphics card. */
  module: CpuModule | null;
}

/**
 * Trains the lesson's run up to FINGERPRINT_AT, without measuring or sampling, neither of which changes the weights.
 * @param run its training settings are replaced by the lesson's own
 * @param on_progress called with the number of iterations made
 */
export async function lessonFingerprint(
  run: RunConfig,
  corpus: Corpus,
  makeBackend: (options: BackendOptions) => Promise<Backend>,
  on_progress: (done: number) => void,
): Promise<LessonFingerprint> {
  const { training } = defaultRun(run.model.vocab_size);
  const trainer = await Trainer.create({ ...run, training }, corpus, null, makeBackend);
  try {
    let told = 0;
    on_progress(told);
    await trainer.train(FINGERPRINT_AT, ({ first, losses }) => {
      const done = first + losses.length;
      if (done - told >= TOLD_EVERY) on_progress(told = done);
    }, { requested: false });
    return { fingerprint: await trainer.fingerprint(), module: trainer.backend.module };
  } finally {
    trainer.dispose();
  }
}
