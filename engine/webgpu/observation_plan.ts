// Plans that look inside a model while it trains. They read the weights of the training plan, and write only into
// tensors of their own, so training cannot notice them. Every size uses the kernels of the plain plan.
import type { BackendOptions } from "../training/backend.ts";
import { invocations } from "./grids.ts";
import { layoutOf } from "./layout.ts";
import { readEarly } from "./plain_dispatches.ts";
import { forward, forwardTensors, streamInto } from "./plain_forward.ts";
import { ALIGNMENT, type Plan, type TensorSpec } from "./plan.ts";
import { earlyTensors, weightViews } from "./shared_tensors.ts";
import { sizesOf } from "./sizes.ts";

/**
 * A forward pass over one sequence of T characters.
 * @returns a plan with the program `observe`: from `inp` [T] u32 and `off` to `logits`, `early`, `h.<l>.att` and the
 * streams. off [L, 64] u32: more than 0 for each head to switch off
 */
export function observationPlan(options: BackendOptions): Plan {
  const { run, run: { model, training } } = options;
  const sizes = sizesOf({ ...options, run: { ...run, training: { ...training, batch_size: 1 } } });
  const { T, N, C, NH, HS, L } = sizes;
  return {
    name: "observation",
    tensors: [
      sharedFlat("params", options),
      ...weightViews(model, "params"),
      ...forwardTensors(sizes),
      // One character is written, and none was the prompt's: reading begins at row 0 and place 0.
      { name: "writing", shape: [4], type: "u32", initial: Uint32Array.of(1, 1, 0, 0) },
      ...earlyTensors(model, T),
      { name: "off", shape: [L, ALIGNMENT], type: "u32" },
      ...Array.from({ length: L }, (_, l): TensorSpec => (
        { name: `off/${l}`, shape: [NH], type: "u32", within: { tensor: "off", offset: l * ALIGNMENT } }
      )),
    ],
    programs: {
      observe: forward(sizes, T, options, {
        before_block: (l, stream) => [readEarly(sizes, options, l, stream, T)],
        after_heads: (l, mixed) => [{
          label: `h.${l} heads off`,
          kernel: "heads_mask",
          bindings: [`off/${l}`, mixed],
          workgroups: invocations("heads_mask", N * C),
          constants: { N, NH, HS },
        }],
      }),
    },
  };
}

/** Names of the tensors that `observe` fills: logits, the early logits, each layer's attention, then L + 1 streams. */
export function observedTensors({ run: { model: { n_layer } } }: BackendOptions): string[] {
  const layers = Array.from({ length: n_layer }, (_, l) => l);
  return ["logits", "early", ...layers.map((l) => `h.${l}.att`), ...[...layers, n_layer].map(streamInto)];
}

/** @returns a plan with the program `measure`: from `grads`, `before` and `params` to `update_norms` [tensors, 3] */
export function normsPlan(options: BackendOptions): Plan {
  const { tensors } = layoutOf(options.run.model), flat = ["grads", "before", "params"];
  return {
    name: "norms",
    tensors: [
      ...flat.map((name) => sharedFlat(name, options)),
      {
        name: "places",
        shape: [tensors.length, 2],
        type: "u32",
        initial: Uint32Array.from(tensors.flatMap(({ offset, size }) => [offset, size])),
      },
      { name: "update_norms", shape: [tensors.length, 3], type: "f32" },
    ],
    programs: {
      measure: [{
        label: "norms of the update",
        kernel: "update_norms",
        bindings: ["places", ...flat, "update_norms"],
        workgroups: [tensors.length, 1, 1],
        constants: {},
      }],
    },
  };
}

function sharedFlat(name: string, { run: { model } }: BackendOptions): TensorSpec {
  return { name, shape: [layoutOf(model).size], type: "f32", shared: true };
}
