// The weights' layout on the GPU: the order of params.ts, but each tensor begins at a multiple of 64 numbers, so that a
// kernel can be bound to any one of them. At the lesson's width nothing moves; at other widths zeros fill the gaps.
import { allocating } from "../training/allocate.ts";
import type { ModelConfig } from "../training/config.ts";
import { countParameters, type Tensor, tensors } from "../training/params.ts";
import { checkLength } from "../training/state_check.ts";
import { aligned, ALIGNMENT } from "./plan.ts";

export interface Layout {
  /** As in params.ts, with offsets on the GPU. */
  tensors: Tensor[];
  /** Total numbers, including gaps; a multiple of ALIGNMENT. */
  size: number;
}

/** @returns the positions of a model's weights on the GPU */
export function layoutOf(model: ModelConfig): Layout {
  let size = 0;
  const placed = tensors(model).map((tensor) => {
    const offset = size;
    size += aligned(tensor.size);
    return { ...tensor, offset };
  });
  return { tensors: placed, size };
}

/**
 * @param flat a vector in the order of params.ts
 * @returns the same with the GPU's gaps
 * @throws UnsuitableError if its length is not the model's
 */
export function spread(model: ModelConfig, flat: Float32Array): Float32Array<ArrayBuffer> {
  checkLength(null, flat, countParameters(model));
  const layout = layoutOf(model), result = allocating(() => new Float32Array(layout.size));
  tensors(model).forEach(({ offset, size }, i) => {
    result.set(flat.subarray(offset, offset + size), layout.tensors[i].offset);
  });
  return result;
}

/** Reverses spread(): @returns a flat vector in the order of params.ts */
export function gathered(model: ModelConfig, spread: Float32Array): Float32Array<ArrayBuffer> {
  const flat = tensors(model), layout = layoutOf(model);
  if (spread.length !== layout.size) {
    throw new Error(`${spread.length} numbers; on the GPU it is ${layout.size}.`);
  }
  const result = allocating(() => new Float32Array(countParameters(model)));
  layout.tensors.forEach(({ offset, size }, i) => {
    result.set(spread.subarray(offset, offset + size), flat[i].offset);
  });
  return result;
}

/** @returns [size / 64]: 1 if AdamW decays those 64 numbers of the layout, else 0 */
export function decaysOf(layout: Layout): Float32Array<ArrayBuffer> {
  const decays = new Float32Array(layout.size / ALIGNMENT);
  for (const { offset, size, decay } of layout.tensors) {
    if (decay) decays.fill(1, offset / ALIGNMENT, (offset + aligned(size)) / ALIGNMENT);
  }
  return decays;
}
