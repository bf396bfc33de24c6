// A run on the graphics card that is saved, and goes on from its file on another device.
import { RunFiles, type RunNotes } from "../../../engine/checkpoint/run_files.ts";
import type { BackendOptions } from "../../../engine/training/backend.ts";
import { readCorpus } from "../../../engine/training/corpus.ts";
import { milestones } from "../../../engine/training/milestones.ts";
import { hash32 } from "../../../engine/training/rng.ts";
import { sha256Hex } from "../../../engine/training/sha256.ts";
import { type Sample, Trainer } from "../../../engine/training/trainer.ts";
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { createSurvivingBackend } from "../../../engine/webgpu/surviving_backend.ts";
import { createWebGpuBackend } from "../../../engine/webgpu/webgpu_backend.ts";
import { smallRun, smallText } from "../small_runs.ts";
import { type Check, expect } from "./check.ts";

const TEXT = smallText(4000), ITERATIONS = 60;
const CORPUS = { name: "small", sha256: sha256Hex(new TextEncoder().encode(TEXT)) };

/** As in the page: a card that may be lost, compared with the CPU engine. */
function onCard(options: BackendOptions) {
  return createSurvivingBackend(options, {
    makeGpu: (options) => createWebGpuBackend(options, { allow_software: true }),
    makeCpu: () => Promise.reject(new Error("the card was given up")),
    makeReference: (options) => createCpuBackend(options, []),
    on_notice: ({ kind }) => expect(false, kind),
  });
}

class Run {
  losses: number[] = [];
  samples: Sample[] = [];
  readonly files: RunFiles;

  constructor(readonly trainer: Trainer) {
    this.files = new RunFiles(trainer);
  }

  static async of(seed = "hamlet"): Promise<Run> {
    const run = { ...smallRun({ batch_size: 2, iterations: ITERATIONS }), seed };
    return new Run(await Trainer.create(run, readCorpus(TEXT, run.evaluation.train_fraction), null, onCard));
  }

  async trainTo(until: number): Promise<void> {
    const take = ({ losses }: { losses: Float32Array }) => this.losses.push(...losses);
    for (const { iteration, characters } of milestones(this.trainer.run)) {
      if (this.samples.some((sample) => sample.iteration === iteration)) continue;
      await this.trainer.train(Math.min(until, iteration), take, { requested: false });
      if (iteration > until) return;
      this.samples.push(await this.trainer.evaluateAndSample(characters));
    }
  }

  save(): Promise<Uint8Array<ArrayBuffer>> {
    const val = new Float32Array(ITERATIONS + 1).fill(NaN);
    for (const { iteration, val: loss } of this.samples) val[iteration] = loss!;
    const notes: RunNotes = {
      corpus: CORPUS,
      samples: this.samples,
      phase: null,
      whole_val: null,
      train: Float32Array.from(this.losses),
      val,
    };
    return this.files.save(notes, false);
  }
}

/** @param times at how many iterations a run is saved; each costs the compilation of a plan */
export function resumeChecks(times: number): Check[] {
  let straight: Promise<Uint8Array> | null = null;
  const whole = () =>
    straight ??= (async () => {
      const run = await Run.of();
      await run.trainTo(ITERATIONS);
      const file = await run.save();
      run.trainer.dispose();
      return file;
    })();
  return Array.from({ length: times }, (_, n): Check => {
    const part = Math.floor(ITERATIONS / times), at = n === 0 ? 0 : n * part + hash32(0x5afe, n, 0) % part;
    return {
      name: `saved at iteration ${at} and loaded on another device, a run ends in the same file`,
      async run() {
        const first = await Run.of(), other = await Run.of("ophelia");
        await first.trainTo(at);
        await other.trainTo(5);
        const { about, train, note } = await other.files.load(await first.save(), CORPUS);
        expect(about.engine === "webgpu" && about.adapter !== null, `made by ${about.engine} on ${about.adapter}`);
        expect(/graphics card, browser and kernels are the same/.test(note), note);
        other.losses = [...train];
        other.samples = about.samples;
        await other.trainTo(ITERATIONS);
        const [file, expected] = [await other.save(), await whole()];
        const differs = expected.findIndex((byte, i) => byte !== file[i]);
        expect(file.length === expected.length && differs < 0, `${file.length} bytes; byte ${differs} differs`);
        for (const { trainer } of [first, other]) trainer.dispose();
      },
    };
  });
}
