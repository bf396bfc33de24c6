// Trains the lesson's run up to an iteration and lets the model continue many places of the validation text, each with
// its own sampling noise. Prints the samples as a JSON list.
// deno run ... written_at.ts '{"corpus_file": ..., "seed": ..., "workers": ..., "iteration": ..., "samples": ...}'
import { defaultRun } from "../../engine/training/config.ts";
import { decode, normaliseText, readCorpus, validationWindows } from "../../engine/training/corpus.ts";
import { createCpuBackend, workersFor } from "../../engine/cpu/cpu_backend.ts";
import { makeAssistants } from "../../engine/headless/assistants.ts";
import { streamKey } from "../../engine/training/rng.ts";
import { samplingNoise } from "../../engine/training/sampling_noise.ts";
import { Trainer } from "../../engine/training/trainer.ts";

const { corpus_file, seed, workers, iteration, samples } = JSON.parse(Deno.args[0]);
const text = normaliseText(await Deno.readTextFile(corpus_file));
const { ports, endAssistants } = makeAssistants(workersFor(workers) - 1);
const run = { ...defaultRun(2), seed };
const trainer = await Trainer.create(
  run,
  readCorpus(text, run.evaluation.train_fraction),
  null,
  (options) => createCpuBackend(options, ports),
);
await trainer.train(iteration, () => {}, { requested: false });

const { corpus, run: { model, sampling, evaluation } } = trainer;
const written: string[] = [];
for (const start of validationWindows(corpus, model.block_size, { ...evaluation, windows: samples })) {
  const key = streamKey(`${seed} at ${start}`, "samples");
  const noise = samplingNoise(key, sampling.characters, model.vocab_size, sampling.temperature);
  const prompt = corpus.tokens.slice(start, start + sampling.prompt_characters);
  written.push(decode(corpus, await trainer.backend.generate(prompt, noise)));
}
console.log(JSON.stringify(written));
endAssistants();
