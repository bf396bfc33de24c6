// The weights as one flat vector of f32: where each tensor lies and how it is initialised.
// Saved states, fingerprints, golden files, gpt.c and the WebGPU plans all use this order.
import { allocating } from "./allocate.ts";
import type { ModelConfig } from "./config.ts";
import { normal } from "./rng.ts";

/** One tensor within the flat vector. Offsets and sizes count numbers, not bytes. */
export interface Tensor {
  name: string;
  /** Matrices are [in, out]: y = x W. */
  shape: number[];
  offset: number;
  size: number;
  /** Whether AdamW decays it: matrices and embeddings, not LayerNorm's gains and biases. */
  decay: boolean;
}

/** All tensors of a model, in order. The output head shares the weights of wte. */
export function tensors(model: ModelConfig): Tensor[] {
  const { n_layer, n_embd: C, block_size: T, vocab_size: V, mlp_ratio } = model;
  const list: Tensor[] = [];
  let offset = 0;
  const add = (name: string, ...shape: number[]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    list.push({ name, shape, offset, size, decay: shape.length > 1 });
    offset += size;
  };
  add("wte", V, C);
  add("wpe", T, C);
  for (let l = 0; l < n_layer; l++) {
    add(`h.${l}.ln_1.weight`, C);
    add(`h.${l}.ln_1.bias`, C);
    add(`h.${l}.attn.qkv`, C, 3 * C);
    add(`h.${l}.attn.proj`, C, C);
    add(`h.${l}.ln_2.weight`, C);
    add(`h.${l}.ln_2.bias`, C);
    add(`h.${l}.mlp.fc`, C, mlp_ratio * C);
    add(`h.${l}.mlp.proj`, mlp_ratio * C, C);
  }
  add("ln_f.weight", C);
  add("ln_f.bias", C);
  return list;
}

/** @returns how many weights the model has; the lesson's has 206,016. */
export function countParameters(model: ModelConfig): number {
  const last = tensors(model).at(-1)!;
  return last.offset + last.size;
}

/**
 * The weights at iteration 0: normal with standard deviation init_std. Each block's two matrices that write into the
 * residual stream are scaled by 1 / sqrt(2 n_layer) (GPT-2; Radford et al., 2019). LayerNorm gains are 1, biases 0.
 * @param key the seed's "weights" stream; weight i is drawn from its position i
 */
export function initialWeights(model: ModelConfig, key: number): Float32Array<ArrayBuffer> {
  const weights = allocating(() => new Float32Array(countParameters(model)));
  for (const { name, offset, size } of tensors(model)) {
    if (name.endsWith(".weight")) weights.fill(1, offset, offset + size);
    else if (!name.endsWith(".bias")) {
      const residual = name.endsWith(".proj");
      const std = residual ? model.init_std / Math.sqrt(2 * model.n_layer) : model.init_std;
      for (let i = offset; i < offset + size; i++) weights[i] = std * normal(key, i);
    }
  }
  return weights;
}
