// A trainer on an engine that calls itself a graphics card, and computes on the CPU.
import { readCorpus } from "../../engine/training/corpus.ts";
import type { RunConfig } from "../../engine/training/config.ts";
import type { Rungs } from "../../engine/training/phase.ts";
import { createCpuBackend } from "../../engine/cpu/cpu_backend.ts";
import type { Backend } from "../../engine/training/backend.ts";
import { nextTurn } from "../../engine/training/next_turn.ts";
import { Trainer } from "../../engine/training/trainer.ts";

/** Counts forward passes, and lets messages in between them, as a card does. */
function posing(own: Backend, counts: { passes: number }): Backend {
  return new Proxy(own, {
    get(_, name) {
      if (name === "kind") return "webgpu";
      if (name === "evaluate") {
        return async (starts: Uint32Array) => {
          counts.passes++;
          await nextTurn();
          return await own.evaluate(starts);
        };
      }
      const value = own[name as keyof Backend];
      return typeof value === "function" ? value.bind(own) : value;
    },
  });
}

/** @param counts is kept up to date */
export function posingTrainer(
  run: RunConfig,
  text: string,
  counts: { passes: number },
  rungs: Rungs | null = null,
): Promise<Trainer> {
  const corpus = readCorpus(text, run.evaluation.train_fraction);
  const make = async (options: Parameters<typeof createCpuBackend>[0]) =>
    posing(await createCpuBackend(options, []), counts);
  return Trainer.create(structuredClone(run), corpus, rungs, make);
}
