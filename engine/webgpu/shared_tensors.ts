// The tensors that every plan has, under the same names. The backend reads and writes only these.
import type { BackendOptions } from "../training/backend.ts";
import { MAX_DRAWN } from "../training/sampling_noise.ts";
import { SCHEDULE_COLUMNS } from "../training/schedule.ts";
import type { ModelConfig } from "../training/config.ts";
import { decaysOf, layoutOf, spread } from "./layout.ts";
import { aligned, ALIGNMENT, type TensorSpec } from "./plan.ts";

/** Losses that the GPU keeps: that of iteration i is at i mod RING. */
export const RING = 4096;
/** Where they begin in `progress`. */
export const LOSSES = ALIGNMENT;
/** Most characters in a text that is being written, prompt included. */
export const MAX_WRITTEN = 1024;

/**
 * Each weight tensor is also a tensor "params/<name>", and its gradient "grads/<name>", with the names of params.ts.
 * For each LayerNorm, "grads/h.0.ln_1" and so on hold gain and bias together: [2, C rounded up to 64].
 * @returns
 * - params, m, v, grads [P] f32: laid out as layout.ts says; decays [P / 64] f32
 * - before [P] f32: params before the last update, if that was the last of a call of train()
 * - tokens [ceil(n / 4)] u32: the text, a byte per character; schedule [iterations, 4] f32
 * - progress [LOSSES + RING] u32, with two parts:
 *   counter [4]: the next iteration, key of the batches; the fused plan keeps the present iteration at 2
 *   losses [RING]: the bits of f32 numbers
 * - starts [B] u32: where the batch's sequences begin; nll [B T] f32: the loss at each position of the batch
 * - written [MAX_WRITTEN] u32; writing [4] u32: length of the text, length of its prompt, 0, 0; noise [MAX_DRAWN, V]
 * f32
 * - expected [MAX_DRAWN, V] f32: the logits from which each character was drawn; early: as earlyTensors() says
 */
export function sharedTensors(options: BackendOptions): TensorSpec[] {
  const { run: { model, training: { batch_size: B } }, initial, tokens, schedule } = options;
  const { block_size: T, vocab_size: V } = model;
  const layout = layoutOf(model);
  const flat = (name: string, initial?: Float32Array<ArrayBuffer>): TensorSpec => (
    { name, shape: [layout.size], type: "f32", initial }
  );
  const list: TensorSpec[] = [
    flat("params", spread(model, initial.params)),
    flat("m", spread(model, initial.m)),
    flat("v", spread(model, initial.v)),
    flat("grads"),
    flat("before"),
    ...weightViews(model, "params"),
    ...weightViews(model, "grads"),
  ];
  // A LayerNorm's gain and bias are adjacent, so one kernel can write both gradients as one tensor.
  for (const { name, offset, size } of layout.tensors.filter(({ name }) => name.endsWith(".weight"))) {
    const pair = name.slice(0, -".weight".length);
    list.push({ name: `grads/${pair}`, shape: [2, aligned(size)], type: "f32", within: { tensor: "grads", offset } });
  }
  const decays = decaysOf(layout), packed = new Uint8Array(Math.ceil(tokens.length / 4) * 4);
  packed.set(tokens);
  list.push(
    { name: "decays", shape: [decays.length], type: "f32", initial: decays },
    { name: "tokens", shape: [packed.length / 4], type: "u32", initial: new Uint32Array(packed.buffer) },
    { name: "schedule", shape: [schedule.length / SCHEDULE_COLUMNS, 4], type: "f32", initial: schedule },
    {
      name: "progress",
      shape: [LOSSES + RING],
      type: "u32",
      initial: Uint32Array.of(initial.iteration, options.batch_key),
    },
    { name: "counter", shape: [4], type: "u32", within: { tensor: "progress", offset: 0 } },
    { name: "losses", shape: [RING], type: "u32", within: { tensor: "progress", offset: LOSSES } },
    { name: "starts", shape: [B], type: "u32" },
    { name: "nll", shape: [B * T], type: "f32" },
    { name: "written", shape: [MAX_WRITTEN], type: "u32" },
    { name: "writing", shape: [4], type: "u32" },
    { name: "noise", shape: [MAX_DRAWN, V], type: "f32" },
    { name: "expected", shape: [MAX_DRAWN, V], type: "f32" },
    ...earlyTensors(model, MAX_DRAWN),
  );
  return list;
}

/** Each weight tensor as a part of `tensor`: "params/wte" and so on. */
export function weightViews(model: ModelConfig, tensor: "params" | "grads"): TensorSpec[] {
  return layoutOf(model).tensors.map(({ name, shape, offset }) => (
    { name: `${tensor}/${name}`, shape, type: "f32", within: { tensor, offset } }
  ));
}

/**
 * The stream read early at `rows` places.
 * @returns early [L, rows V rounded up to 64] f32; its parts "early/<l>" [rows, V]: of the stream that enters block l
 */
export function earlyTensors({ n_layer: L, vocab_size: V }: ModelConfig, rows: number): TensorSpec[] {
  const size = aligned(rows * V);
  const part = (l: number): TensorSpec => (
    { name: `early/${l}`, shape: [rows, V], type: "f32", within: { tensor: "early", offset: l * size } }
  );
  return [{ name: "early", shape: [L, size], type: "f32" }, ...Array.from({ length: L }, (_, l) => part(l))];
}

/** @param early as it is on the GPU @returns [rows, L, V], of the first `rows` places */
export function earlyRows({ n_layer: L, vocab_size: V }: ModelConfig, early: Float32Array, rows: number) {
  const result = new Float32Array(rows * L * V), size = early.length / L;
  for (let row = 0; row < rows; row++) {
    for (let l = 0; l < L; l++) {
      const at = l * size + row * V;
      result.set(early.subarray(at, at + V), (row * L + l) * V);
    }
  }
  return result;
}
