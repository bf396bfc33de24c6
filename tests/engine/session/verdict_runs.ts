// Trains small runs, read as JSON, and prints each curve's verdicts: deno run ... verdict_runs.ts < FILE
// It prints one line of JSON per run: {trail: the verdict's name at each change, verdict: the last, last: losses}.
import { createCpuBackend } from "../../../engine/cpu/cpu_backend.ts";
import { readCorpus } from "../../../engine/training/corpus.ts";
import { defaultRun } from "../../../engine/training/config.ts";
import type { Rungs } from "../../../engine/training/phase.ts";
import { Trainer } from "../../../engine/training/trainer.ts";
import { verdictOf } from "../../../engine/session/verdict.ts";

interface Wanted {
  text: string;
  rungs: Rungs | null;
  iterations: number;
  batch_size: number;
  learning_rate: number;
}

const wanted: Wanted[] = await new Response(Deno.stdin.readable).json();
/** Iterations between measurements on validation text. */
const EVERY = 25;

for (const { text, rungs, iterations, batch_size, learning_rate } of wanted) {
  const run = defaultRun(2), corpus = readCorpus(text, run.evaluation.train_fraction);
  run.model = { ...run.model, n_layer: 1, n_head: 2, n_embd: 16, block_size: 16 };
  run.training = { ...run.training, iterations, batch_size, learning_rate, warmup_iterations: 20 };
  const trainer = await Trainer.create(run, corpus, rungs, (options) => createCpuBackend(options, []));
  const train: (number | null)[] = [], val: (number | null)[] = [], trail: string[] = [];
  const judge = (rows: number) => {
    const history = {
      iteration: Array.from({ length: rows + 1 }, (_, i) => i),
      train: [...train.slice(0, rows), null],
      val: Array.from({ length: rows + 1 }, (_, i) => val[i] ?? null),
    };
    return verdictOf(history, corpus.characters.length, rungs);
  };
  for (let at = 0; at <= iterations && trainer.diverged_at === null; at += EVERY) {
    await trainer.train(at, ({ losses }) => train.push(...losses), { requested: false });
    val[at] = await trainer.evaluate();
    for (let rows = Math.max(0, at - EVERY + 1); rows <= Math.min(at, train.length); rows++) {
      const { name } = judge(rows);
      if (trail.at(-1) !== name) trail.push(name);
    }
  }
  console.log(JSON.stringify({ trail, verdict: judge(train.length), last: train.slice(-3) }));
  trainer.dispose();
}
