// The CPU engine with given weights, for writing alone: it needs no text, keeps no gradients, and touches no run.
import type { Backend, CpuModule } from "../training/backend.ts";
import type { ModelConfig } from "../training/config.ts";
import { checkLength } from "../training/state_check.ts";
import { countParameters } from "../training/params.ts";
import { createInstance, generateWith } from "./instance.ts";
import { cpuModule } from "./modules.ts";
import { expectationsOf, observeWith } from "./observed.ts";

/** What it shares with an engine that trains. */
export type Writer = Required<Pick<Backend, "generate" | "expectations" | "observe">>;

/**
 * @param params the flat vector of params.ts
 * @throws OutOfMemoryError; UnsuitableError if the vector has another length
 */
export async function createWriter(
  model: ModelConfig,
  params: Float32Array,
  module: CpuModule = cpuModule(),
): Promise<Writer> {
  checkLength("params", params, countParameters(model));
  const instance = await createInstance(model, 1, "writes", 1, false, module);
  instance.params.set(params);
  instance.calls.weights_changed();
  return {
    generate: (prompt, noise) => Promise.resolve(generateWith(instance, model, prompt, noise)),
    expectations: () => Promise.resolve(expectationsOf(instance, model)),
    observe: (tokens, heads_off) => Promise.resolve(observeWith(instance, model, tokens, heads_off)),
  };
}
