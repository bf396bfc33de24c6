// The fused plan: the same mathematics as the plain one in a tenth of the dispatches, for the lesson's width. Between
// one attention and the next, all row-by-row work on 16 rows stays in one workgroup, without a detour through the GPU's
// memory; and one dispatch computes all weight gradients. At these sizes, waiting for the previous dispatch takes as
// long as a dispatch's own work.
import type { BackendOptions } from "../training/backend.ts";
import { MAX_DRAWN } from "../training/sampling_noise.ts";
import { layoutOf } from "./layout.ts";
import { ALIGNMENT, type Dispatch, type Plan, type TensorSpec } from "./plan.ts";
import { RING, sharedTensors } from "./shared_tensors.ts";
import { type Sizes, sizesOf } from "./sizes.ts";

const TILE = 16;
/** Each weight gradient is summed in so many parts: enough to fill a large GPU, few enough to add up quickly. */
const PARTS = 8;

/** Whether the fused kernels fit these sizes: 64 channels, 64 positions, heads of 16, at most 128 characters. */
export function fusedPlanFits({ run: { model } }: BackendOptions): boolean {
  const { n_embd, n_head, block_size, vocab_size, mlp_ratio } = model;
  return n_embd === 64 && n_embd / n_head === 16 && block_size === 64 && mlp_ratio === 4 && vocab_size <= 128;
}

/** Sizes and offsets for the fused kernels. The offsets are those of tensors in the flat vector of params.ts. */
interface Fused extends Sizes {
  SIZE: number;
  /** Offset of the transposed head in `transposed`. */
  WTE_TRANSPOSED: number;
  /** Length of `transposed`, the transposed copy of the weights. */
  TRANSPOSED: number;
  FIRST_LAYER: number;
  LAYER_SIZE: number;
  LN_F: number;
  /** Offsets within a layer. */
  LN_1: number;
  QKV: number;
  ATTN_PROJ: number;
  LN_2: number;
  FC: number;
  MLP_PROJ: number;
}

function fusedSizes(options: BackendOptions): Fused {
  const sizes = sizesOf(options), { C, V, T, B } = sizes;
  const layout = layoutOf(options.run.model);
  const at = (name: string) => layout.tensors.find((tensor) => tensor.name === name)!.offset;
  const FIRST_LAYER = at("h.0.ln_1.weight"), LN_F = at("ln_f.weight");
  const SIZE = layout.size, WTE_TRANSPOSED = SIZE;
  const rows = Math.ceil(B / PARTS) * T;
  return {
    ...sizes,
    PART_ROWS: rows,
    PARTS: Math.ceil(B * T / rows),
    SIZE,
    WTE_TRANSPOSED,
    TRANSPOSED: SIZE + C * Math.ceil(V / 4) * 4,
    FIRST_LAYER,
    LAYER_SIZE: (LN_F - FIRST_LAYER) / sizes.L,
    LN_F,
    LN_1: 0,
    QKV: at("h.0.attn.qkv") - FIRST_LAYER,
    ATTN_PROJ: at("h.0.attn.proj") - FIRST_LAYER,
    LN_2: at("h.0.ln_2.weight") - FIRST_LAYER,
    FC: at("h.0.mlp.fc") - FIRST_LAYER,
    MLP_PROJ: at("h.0.mlp.proj") - FIRST_LAYER,
  };
}

/**
 * The programs of plainPlan and two more: run `refresh` after the weights were written from outside, and `begin` before
 * the first `train` of a submit, because each iteration ends by drawing the next one's batch.
 */
export function fusedPlan(options: BackendOptions): Plan {
  const sizes = fusedSizes(options), { N, T } = sizes;
  const gradients = [...forward(sizes, N, options, "train"), ...backward(sizes)];
  return {
    name: "fused",
    tensors: [...sharedTensors(options), ...activations(sizes)],
    programs: {
      begin: [drawBatch(sizes, options)],
      train: [...gradients, adamw(sizes, options), finish(sizes, options)],
      gradients: [...gradients, sumOfPartials(sizes)],
      evaluate: forward(sizes, N, options, "evaluate"),
      generate: [
        {
          label: "gather what is written",
          kernel: "sample_gather",
          bindings: ["written", "writing", "characters"],
          workgroups: [1, 1, 1],
          constants: { T },
        },
        ...forward(sizes, T, options, "write"),
        {
          label: "append a character",
          kernel: "sample_append",
          bindings: ["logits", "noise", "written", "writing"],
          workgroups: [1, 1, 1],
          constants: { T, V: sizes.V },
        },
      ],
      refresh: [transpose(sizes)],
    },
  };
}

/** What the forward pass keeps for the backward pass, all layers in one tensor, and what kernels pass to each other. */
function activations({ B, N, T, C, NH, V, FF, L, PARTS, SIZE, TRANSPOSED }: Fused): TensorSpec[] {
  const f32 = (name: string, ...shape: number[]): TensorSpec => ({ name, shape, type: "f32" });
  const layers: TensorSpec[] = [{
    name: "layers",
    shape: [(L + 1) * ALIGNMENT],
    type: "u32",
    initial: Uint32Array.from({ length: (L + 1) * ALIGNMENT }, (_, i) => Math.floor(i / ALIGNMENT)),
  }];
  for (let l = 0; l <= L; l++) {
    layers.push({ name: `layer/${l}`, shape: [1], type: "u32", within: { tensor: "layers", offset: l * ALIGNMENT } });
  }
  return [
    ...layers,
    { name: "characters", shape: [2, N], type: "u32" },
    f32("transposed", TRANSPOSED),
    f32("streams", 5 * L + 3, N, C),
    f32("norms", 2 * L + 1, N, C),
    f32("rstds", 2 * L + 1, N),
    f32("qkv", L, N, 3 * C),
    f32("lse", L, B * NH, T),
    f32("hidden", L, 2, N, FF),
    f32("logits", Math.max(N, MAX_DRAWN), V),
    f32("dqkv", L, N, 3 * C),
    f32("partials", PARTS, SIZE + V * C),
  ];
}

const tiles = (rows: number): [number, number, number] => [rows / TILE, 1, 1];

/**
 * From `starts` to `nll` and, to train, the gradient of the stream after the last layer. To write, from `characters` to
 * `logits`.
 */
function forward(
  sizes: Fused,
  rows: number,
  options: BackendOptions,
  purpose: "train" | "evaluate" | "write",
): Dispatch[] {
  const { B, N, T, NH, HS, L, V, SIZE, TRANSPOSED, FIRST_LAYER, LAYER_SIZE, WTE_TRANSPOSED, LN_F } = sizes;
  const { LN_1, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ } = sizes;
  const eps = options.run.model.layer_norm_eps, WEIGHTS_4 = SIZE / 4;
  const list: Dispatch[] = [{
    label: "embedding forward",
    kernel: "fused/embedding_forward",
    bindings: ["tokens", "starts", "params", "characters", "streams", "norms", "rstds", "qkv"],
    workgroups: tiles(rows),
    constants: { WEIGHTS_4, N, T, V, FIRST_LAYER, LN_1, QKV, GATHER: Number(purpose !== "write"), eps },
  }];
  for (let l = 0; l < L; l++) {
    list.push({
      label: `h.${l} attention forward`,
      kernel: "fused/attention_forward",
      bindings: [`layer/${l}`, "qkv", "streams", "lse"],
      workgroups: [rows / T * NH, 1, 1],
      constants: { B, N, T, NH, scale: 1 / Math.sqrt(HS) },
    }, {
      label: `h.${l} forward`,
      kernel: "fused/block_forward",
      bindings: [`layer/${l}`, "params", "streams", "norms", "rstds", "hidden", "qkv"],
      workgroups: tiles(rows),
      constants: { WEIGHTS_4, N, L, FIRST_LAYER, LAYER_SIZE, LN_1, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ, eps },
    });
  }
  list.push({
    label: purpose === "train" ? "head forward and backward" : "head forward",
    kernel: "fused/head",
    bindings: ["transposed", "characters", "streams", "norms", "rstds", "nll", "logits"],
    workgroups: tiles(rows),
    constants: {
      TRANSPOSED_4: TRANSPOSED / 4,
      N,
      L,
      V,
      LN_F,
      WTE_TRANSPOSED,
      TRAINING: Number(purpose === "train"),
      eps,
      scale: 1 / N,
    },
  });
  return list;
}

/** From the gradient of the stream after the last layer to `partials`. */
function backward(sizes: Fused): Dispatch[] {
  const { B, N, T, NH, HS, L, V, SIZE, TRANSPOSED, PARTS, PART_ROWS, FIRST_LAYER, LAYER_SIZE, LN_F } = sizes;
  const { LN_1, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ } = sizes;
  const offsets = { FIRST_LAYER, LAYER_SIZE, LN_1, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ };
  const block = (above: number, label: string, from_qkv: boolean, through_mlp: boolean): Dispatch => ({
    label,
    kernel: "fused/block_backward",
    bindings: [`layer/${above}`, "transposed", "dqkv", "norms", "rstds", "hidden", "streams"],
    workgroups: tiles(N),
    constants: {
      TRANSPOSED_4: TRANSPOSED / 4,
      N,
      L,
      ...offsets,
      FROM_QKV: Number(from_qkv),
      THROUGH_MLP: Number(through_mlp),
    },
  });
  const list: Dispatch[] = [];
  for (let l = L - 1; l >= 0; l--) {
    list.push(block(l + 1, `h.${l} backward`, l < L - 1, true), {
      label: `h.${l} attention backward`,
      kernel: "fused/attention_backward",
      bindings: [`layer/${l}`, "qkv", "lse", "streams", "dqkv"],
      workgroups: [B * NH, 1, 1],
      constants: { B, N, T, NH, L, scale: 1 / Math.sqrt(HS) },
    });
  }
  list.push(block(0, "embedding backward, stream", true, false), {
    label: "weight gradients",
    kernel: "fused/weights_backward",
    bindings: ["params", "norms", "hidden", "dqkv", "streams", "logits", "characters", "partials"],
    workgroups: [12 * L + 2 * Math.ceil(V / 64) + 1 + 2 * L + 1, PARTS, 1],
    constants: { N, L, T, V, PART_ROWS, SIZE, LN_F, ...offsets },
  });
  return list;
}

/** What transposed.wgsl needs to find each matrix. */
function transposedPlaces(sizes: Fused): Record<string, number> {
  const { V, SIZE, FIRST_LAYER, LAYER_SIZE, LN_F, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ } = sizes;
  return { V, SIZE, FIRST_LAYER, LAYER_SIZE, LN_F, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ };
}

function adamw(sizes: Fused, options: BackendOptions): Dispatch {
  const { beta1, beta2, eps, weight_decay } = options.run.training;
  return {
    label: "AdamW",
    kernel: "fused/adamw_update_partials",
    bindings: ["counter", "schedule", "decays", "partials", "params", "m", "v", "transposed"],
    workgroups: [Math.ceil(sizes.SIZE / 256), 1, 1],
    constants: { ...transposedPlaces(sizes), PARTS: sizes.PARTS, beta1, beta2, eps, weight_decay },
  };
}

function transpose(sizes: Fused): Dispatch {
  return {
    label: "transpose the weights",
    kernel: "fused/weights_transpose",
    bindings: ["params", "transposed"],
    workgroups: [Math.ceil(sizes.SIZE / 256), 1, 1],
    constants: transposedPlaces(sizes),
  };
}

/** For tests: in training, the AdamW kernel computes this sum. */
function sumOfPartials({ SIZE, PARTS, V }: Fused): Dispatch {
  return {
    label: "sum of the gradients",
    kernel: "fused/partials_gather",
    bindings: ["partials", "grads"],
    workgroups: [Math.ceil(SIZE / 256), 1, 1],
    constants: { SIZE, PARTS, V },
  };
}

function drawBatch({ B, T }: Fused, { training_length }: BackendOptions): Dispatch {
  return {
    label: "draw the batch",
    kernel: "batch_draw",
    bindings: ["counter", "starts"],
    workgroups: [1, 1, 1],
    constants: { B, STARTS: training_length - T },
  };
}

function finish({ B, N, T }: Fused, { training_length }: BackendOptions): Dispatch {
  return {
    label: "finish the iteration, draw the next batch",
    kernel: "fused/iteration_finish_draw",
    bindings: ["nll", "losses", "counter", "starts"],
    workgroups: [1, 1, 1],
    constants: { B, N, RING, STARTS: training_length - T },
  };
}
