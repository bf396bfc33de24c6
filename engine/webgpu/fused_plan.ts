// The fused plan: the same mathematics as the plain one in 2L + 4 dispatches, for the lesson's width. A layer's work on some
// rows, attention included, stays in one workgroup, without a detour through the GPU's memory; and one dispatch computes
// all weight gradients. At these sizes, waiting for the previous dispatch takes as long as a dispatch's own work.
import type { BackendOptions } from "../training/backend.ts";
import { MAX_DRAWN } from "../training/sampling_noise.ts";
import { limitsOfRows, type Rows, sequencesOfPart } from "./fused_rows.ts";
import { type Grid, invocations } from "./grids.ts";
import { layoutOf } from "./layout.ts";
import { appendCharacter, gatherWritten, readEarly } from "./plain_dispatches.ts";
import { ALIGNMENT, type Dispatch, type Plan, type TensorSpec } from "./plan.ts";
import { LOSSES, RING, sharedTensors } from "./shared_tensors.ts";
import { type Sizes, sizesOf } from "./sizes.ts";

/** Whether the fused kernels fit these sizes: 64 channels, 64 positions, heads of 16, at most 256 characters. */
export function fusedPlanFits({ run: { model } }: BackendOptions): boolean {
  const { n_embd, n_head, block_size, vocab_size, mlp_ratio } = model;
  return n_embd === 64 && n_embd / n_head === 16 && block_size === 64 && mlp_ratio === 4 && vocab_size <= 256;
}

/** Sizes and offsets for the fused kernels. The offsets are those of tensors in the flat vector of params.ts. */
interface Fused extends Sizes {
  /** Rows of a workgroup, which has 16 invocations for each. */
  ROWS: Rows;
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
  /** How many LayerNorms there are. Layer l has numbers 2l and 2l + 1, and the last one is number 2L. */
  NORMS: number;
  /**
   * Slots of `streams`, each [N, C]; there are STREAMS of them. Slot 0 is the stream, and in the backward pass its
   * gradient. MIXED + l: layer l's mixed values. NORM + i: what LayerNorm i makes before gain and bias. DPROJ + 2l and
   * DPROJ + 2l + 1: the stream's gradient after layer l's attn.proj and mlp.proj. DMIXED + l mod 2: the gradient of
   * layer l's mixed values.
   */
  MIXED: number;
  NORM: number;
  DPROJ: number;
  DMIXED: number;
  STREAMS: number;
  /**
   * Offsets in `statistics`: rstds [2L + 1, N] are followed by lse [L, N, NH], means [L, N, NH], and sums over 16
   * rows each, for the gradients of gains and biases [2L + 1, SETS, 2, C].
   */
  LSE: number;
  MEANS: number;
  SUMS: number;
  /** How many sets of 16 rows there are. */
  SETS: number;
  /** Squares of 64 x 64 numbers in the gradient of wte, which is computed twice: as head and as embedding. */
  WTE_SQUARES: number;
  /** The same in the gradients of all matrices, wte's two included. */
  SQUARES: number;
}

function fusedSizes(options: BackendOptions, ROWS: Rows): Fused {
  const sizes = sizesOf(options), { C, V, T, B, N, NH, L } = sizes;
  const layout = layoutOf(options.run.model);
  const at = (name: string) => layout.tensors.find((tensor) => tensor.name === name)!.offset;
  const FIRST_LAYER = at("h.0.ln_1.weight"), LN_F = at("ln_f.weight");
  const SIZE = layout.size, WTE_TRANSPOSED = SIZE;
  const rows = sequencesOfPart(B, ROWS) * T;
  const NORMS = 2 * L + 1, MIXED = 1, NORM = MIXED + L, DPROJ = NORM + NORMS, DMIXED = DPROJ + 2 * L;
  const WTE_SQUARES = Math.ceil(V / 64);
  return {
    ...sizes,
    ROWS,
    PART_ROWS: rows,
    PARTS: Math.ceil(B * T / rows),
    SIZE,
    WTE_TRANSPOSED,
    TRANSPOSED: SIZE + C * Math.ceil(V / 4) * 4,
    FIRST_LAYER,
    LAYER_SIZE: (LN_F - FIRST_LAYER) / L,
    LN_F,
    LN_1: 0,
    QKV: at("h.0.attn.qkv") - FIRST_LAYER,
    ATTN_PROJ: at("h.0.attn.proj") - FIRST_LAYER,
    LN_2: at("h.0.ln_2.weight") - FIRST_LAYER,
    FC: at("h.0.mlp.fc") - FIRST_LAYER,
    MLP_PROJ: at("h.0.mlp.proj") - FIRST_LAYER,
    NORMS,
    MIXED,
    NORM,
    DPROJ,
    DMIXED,
    STREAMS: DMIXED + 2,
    LSE: NORMS * N,
    MEANS: (NORMS + L * NH) * N,
    SUMS: (NORMS + 2 * L * NH) * N,
    SETS: N / 16,
    WTE_SQUARES,
    SQUARES: 12 * L + 2 * WTE_SQUARES,
  };
}

/**
 * The programs of plainPlan and two more: run `refresh` after the weights were written from outside. `gather` writes the
 * last iteration's gradient into `grads`.
 * @param rows of a workgroup. The last digits depend on it, because the number of parts does
 */
export function fusedPlan(options: BackendOptions, rows: Rows = 16): Plan {
  const sizes = fusedSizes(options, rows), { N, T } = sizes;
  return {
    name: "fused",
    limits: limitsOfRows(rows),
    tensors: [...sharedTensors(options), ...activations(sizes)],
    programs: {
      train: [...forward(sizes, N, options, "train"), ...backward(sizes), updateAndFinish(sizes, options)],
      gradients: [...forward(sizes, N, options, "gradients"), ...backward(sizes), sumOfPartials(sizes)],
      gather: [sumOfPartials(sizes)],
      evaluate: forward(sizes, N, options, "evaluate"),
      generate: [
        gatherWritten(sizes, "characters"),
        ...forward(sizes, T, options, "write"),
        appendCharacter(sizes),
      ],
      refresh: [transpose(sizes)],
    },
  };
}

/** What the forward pass keeps for the backward pass, all layers in one tensor, and what kernels pass to each other. */
function activations(
  { N, C, V, FF, L, PARTS, SIZE, TRANSPOSED, STREAMS, SUMS, SETS, NORMS }: Fused,
): TensorSpec[] {
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
    f32("streams", STREAMS, N, C),
    { name: "stream", shape: [N, C], type: "f32", within: { tensor: "streams", offset: 0 } },
    f32("statistics", SUMS + NORMS * SETS * 2 * C),
    f32("qkv", L, N, 3 * C),
    f32("hidden", L, 2, N, FF),
    f32("logits", Math.max(N, MAX_DRAWN), V),
    f32("dqkv", L, N, 3 * C),
    f32("partials", PARTS, SIZE + V * C),
  ];
}

const tiles = ({ ROWS }: Fused, rows: number): Grid => [rows / ROWS, 1, 1];

/** What a forward pass is for. All but "write" need a batch; all but "evaluate" and "write" go on to the gradients. */
type Purpose = "train" | "gradients" | "evaluate" | "write";
/** Values of the constant FROM: where the characters are. */
const FROM: Record<Purpose, number> = { train: 0, gradients: 1, evaluate: 1, write: 2 };

/**
 * From a batch to `nll` and, to train, the gradients up to the last layer's attention. To write, from `characters` to
 * `logits` and `early`.
 */
function forward(sizes: Fused, rows: number, options: BackendOptions, purpose: Purpose): Dispatch[] {
  const { ROWS, N, T, NH, HS, L, V, SIZE, FIRST_LAYER, LAYER_SIZE } = sizes;
  const { LN_1, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ, MIXED, NORM, LSE } = sizes;
  const eps = options.run.model.layer_norm_eps, WEIGHTS_4 = SIZE / 4, scale = 1 / Math.sqrt(HS);
  const STARTS = options.training_length - T;
  const list: Dispatch[] = [{
    label: "embedding forward",
    kernel: "fused/embedding_forward",
    bindings: [
      "tokens",
      purpose === "train" ? "counter" : "starts",
      "params",
      "characters",
      "streams",
      "statistics",
      "qkv",
    ],
    workgroups: tiles(sizes, rows),
    constants: { ROWS, WEIGHTS_4, N, T, V, FIRST_LAYER, LN_1, QKV, NORM, FROM: FROM[purpose], STARTS, eps },
  }];
  const offsets = { MIXED, NORM, LSE, FIRST_LAYER, LAYER_SIZE, LN_1, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ };
  for (let l = 0; l < L; l++) {
    if (purpose === "write") list.push(readEarly(sizes, options, l, "stream"));
    list.push({
      label: `h.${l} forward`,
      kernel: "fused/block_forward",
      bindings: [`layer/${l}`, "params", "qkv", "streams", "statistics", "hidden"],
      workgroups: tiles(sizes, rows),
      constants: { ROWS, WEIGHTS_4, N, T, NH, L, ...offsets, scale, eps },
    });
  }
  return [...list, head(sizes, rows, eps, purpose === "train" || purpose === "gradients")];
}

/** To train, it begins the backward pass: through the last layer's MLP, to the gradient of its attention's output. */
function head(sizes: Fused, rows: number, eps: number, training: boolean): Dispatch {
  const { ROWS, N, NH, L, V, TRANSPOSED, FIRST_LAYER, LAYER_SIZE, LN_F, WTE_TRANSPOSED } = sizes;
  const { ATTN_PROJ, LN_2, FC, MLP_PROJ, MIXED, NORM, DPROJ, DMIXED, MEANS, SUMS, SETS } = sizes;
  return {
    label: training ? `head forward and backward, h.${L - 1} backward` : "head forward",
    kernel: "fused/head",
    bindings: ["transposed", "characters", "streams", "statistics", "hidden", "nll", "logits"],
    workgroups: tiles(sizes, rows),
    constants: {
      ROWS,
      TRANSPOSED_4: TRANSPOSED / 4,
      N,
      NH,
      L,
      V,
      MIXED,
      NORM,
      SUMS,
      SETS,
      DPROJ,
      DMIXED,
      MEANS,
      FIRST_LAYER,
      LAYER_SIZE,
      ATTN_PROJ,
      LN_2,
      FC,
      MLP_PROJ,
      LN_F,
      WTE_TRANSPOSED,
      TRAINING: Number(training),
      eps,
      scale: 1 / N,
    },
  };
}

/** From the gradient of the last attention's output to `partials`. */
function backward(sizes: Fused): Dispatch[] {
  const { N, T, NH, HS, L, V, SIZE, TRANSPOSED, PARTS, PART_ROWS, FIRST_LAYER, LAYER_SIZE, LN_F } = sizes;
  const { LN_1, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ, MIXED, NORM, DPROJ, DMIXED, WTE_SQUARES, SQUARES, NORMS } = sizes;
  const { ROWS, LSE, MEANS, SUMS, SETS } = sizes;
  const offsets = { FIRST_LAYER, LAYER_SIZE, LN_1, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ };
  const list: Dispatch[] = [];
  for (let l = L - 1; l >= 0; l--) {
    list.push({
      label: l > 0 ? `h.${l} attention backward, h.${l - 1} backward` : "h.0 attention backward",
      kernel: "fused/block_backward",
      bindings: [`layer/${l}`, "transposed", "qkv", "dqkv", "statistics", "hidden", "streams"],
      workgroups: tiles(sizes, N),
      constants: {
        ROWS,
        TRANSPOSED_4: TRANSPOSED / 4,
        N,
        T,
        NH,
        MIXED,
        NORM,
        SUMS,
        SETS,
        DPROJ,
        DMIXED,
        LSE,
        MEANS,
        ...offsets,
        scale: 1 / Math.sqrt(HS),
      },
    });
  }
  list.push({
    label: "weight gradients",
    kernel: "fused/weights_backward",
    bindings: ["params", "statistics", "hidden", "dqkv", "streams", "logits", "characters", "partials"],
    workgroups: [SQUARES + 1 + NORMS, PARTS, 1],
    constants: {
      N,
      L,
      T,
      V,
      PART_ROWS,
      SIZE,
      LN_F,
      WTE_SQUARES,
      SQUARES,
      MIXED,
      NORM,
      DPROJ,
      SUMS,
      SETS,
      ...offsets,
    },
  });
  return list;
}

/** What transposed.wgsl needs to find each matrix. */
function transposedPlaces(sizes: Fused): Record<string, number> {
  const { V, SIZE, FIRST_LAYER, LAYER_SIZE, LN_F, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ } = sizes;
  return { V, SIZE, FIRST_LAYER, LAYER_SIZE, LN_F, QKV, ATTN_PROJ, LN_2, FC, MLP_PROJ };
}

function updateAndFinish(sizes: Fused, options: BackendOptions): Dispatch {
  const { beta1, beta2, eps, weight_decay } = options.run.training, { N, PARTS, SIZE } = sizes;
  const [x, y, z] = invocations("fused/update_and_finish", SIZE / 4);
  return {
    label: "AdamW, finish the iteration",
    kernel: "fused/update_and_finish",
    bindings: ["schedule", "partials", "nll", "progress", "params", "m", "v", "transposed"],
    workgroups: [x + 1, y, z],
    constants: { ...transposedPlaces(sizes), N, PARTS, LOSSES, RING, beta1, beta2, eps, weight_decay },
  };
}

function transpose(sizes: Fused): Dispatch {
  return {
    label: "transpose the weights",
    kernel: "fused/weights_transpose",
    bindings: ["params", "transposed"],
    workgroups: invocations("fused/weights_transpose", sizes.SIZE),
    constants: transposedPlaces(sizes),
  };
}

/** In training, update_and_finish computes this sum itself. */
function sumOfPartials({ SIZE, PARTS, V }: Fused): Dispatch {
  return {
    label: "sum of the gradients",
    kernel: "fused/partials_gather",
    bindings: ["partials", "grads"],
    workgroups: invocations("fused/partials_gather", SIZE),
    constants: { SIZE, PARTS, V },
  };
}
