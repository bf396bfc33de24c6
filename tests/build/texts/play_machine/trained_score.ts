// Trains the lesson's run on a play machine text and scores the validation text in windows half a context apart. Only
// the second half of each window counts, so that each character has at least half a context before it. Prints
// {first, count, nll}: the scored characters text[first .. first + count - 1] and their mean loss in nats.
// deno run ... trained_score.ts '{"corpus_file": ..., "seed": ..., "workers": ..., "iterations": ...}'
import { defaultRun } from "../../../../engine/training/config.ts";
import { normaliseText, readCorpus } from "../../../../engine/training/corpus.ts";
import { createCpuBackend, workersFor } from "../../../../engine/cpu/cpu_backend.ts";
import { makeAssistants } from "../../../../engine/headless/assistants.ts";
import { Trainer } from "../../../../engine/training/trainer.ts";

const { corpus_file, seed, workers, iterations } = JSON.parse(Deno.args[0]);
const text = normaliseText(await Deno.readTextFile(corpus_file));
const { ports, endAssistants } = makeAssistants(workersFor(workers) - 1);
const run = { ...defaultRun(2), seed };
run.training = { ...run.training, iterations };
const trainer = await Trainer.create(
  run,
  readCorpus(text, run.evaluation.train_fraction),
  null,
  (options) => createCpuBackend(options, ports),
);
await trainer.train(iterations, () => {}, { requested: false });

const { corpus: { tokens, training_length }, run: { model: { block_size: T } } } = trainer, half = T / 2;
const starts: number[] = [];
for (let start = training_length; start + T < tokens.length; start += half) starts.push(start);
const nll = await trainer.backend.evaluate(Uint32Array.from(starts));
let sum = 0;
for (let window = 0; window < starts.length; window++) {
  for (let t = half; t < T; t++) sum += nll[window * T + t];
}
const count = starts.length * half;
console.log(JSON.stringify({ first: starts[0] + half + 1, count, nll: sum / count }));
endAssistants();
