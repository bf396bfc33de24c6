// Runs that take milliseconds, for tests where it does not matter what the model learns.
import { defaultRun, type RunConfig } from "../../engine/training/config.ts";
import { readCorpus } from "../../engine/training/corpus.ts";
import { createCpuBackend } from "../../engine/cpu/cpu_backend.ts";
import { Trainer } from "../../engine/training/trainer.ts";

/** A text with some structure: each word depends on the previous ones. */
export function smallText(length: number): string {
  const words = ["to", "be", "or", "not", "that", "is", "the", "question", "whether", "nobler,\n", "in", "mind"];
  let state = 7, text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    text += words[((state >>> 20) % 3 + text.length) % words.length] + " ";
  }
  return text.slice(0, length);
}

/** A run of a tiny model. */
export function smallRun(training: Partial<RunConfig["training"]> = {}): RunConfig {
  const run = defaultRun(2); // the vocabulary follows the text
  run.model = { ...run.model, n_layer: 2, n_head: 2, n_embd: 16, block_size: 16 };
  run.training = { ...run.training, iterations: 60, warmup_iterations: 10, batch_size: 5, ...training };
  run.evaluation.windows = 16;
  run.sampling = { ...run.sampling, every: 40, early: [10, 20], characters: 30, early_characters: 15, rest_ms: 60 };
  return run;
}

export function smallTrainer(run: RunConfig, text = smallText(4000), ports: MessagePort[] = []): Promise<Trainer> {
  const corpus = readCorpus(text, run.evaluation.train_fraction);
  return Trainer.create(structuredClone(run), corpus, null, (options) => createCpuBackend(options, ports));
}
