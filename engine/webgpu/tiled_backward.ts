// The tiled plan's backward pass: from `logits` to `partials`. First the gradients of what the layers pass to each other,
// then those of the weights, of all layers at once.
import type { BackendOptions } from "../training/backend.ts";
import { type Grid, invocations } from "./grids.ts";
import type { Dispatch } from "./plan.ts";
import { teams, TILE, type Tiled, tiles, tiling } from "./tiled_sizes.ts";

/**
 * Rows per workgroup of layernorm_backward, and positions per workgroup of vectors_backward_weight and of
 * attention_backward.
 */
const NORM_ROWS = 16, VECTORS_POSITIONS = 16, ATTENTION_POSITIONS = 64;

export function backward(sizes: Tiled, options: BackendOptions): Dispatch[] {
  const list = [head(sizes, options, "train")];
  for (let l = sizes.L - 1; l >= 0; l--) list.push(...layerBackward(sizes, l));
  return [...list, ...weightGradients(sizes)];
}

/** From `logits` to `nll` and, to train, the gradient of the stream after the last layer. */
export function head(sizes: Tiled, { run }: BackendOptions, purpose: "train" | "evaluate"): Dispatch {
  const { N, C, V, L, LN_F } = sizes, ROWS = Math.max(C, V) > 128 ? 8 : 16; // 16 rows of 256 numbers would not fit in 16 KiB
  return {
    label: purpose === "train" ? "loss, logits and ln_f backward" : "loss",
    kernel: "tiled/head_backward",
    bindings: ["logits", "targets", "params", `streams/${L}`, "nll", "dlogits", `dnorms/${2 * L}`, `dstreams/${L}`],
    workgroups: [Math.ceil(N / ROWS), 1, 1],
    constants: { ROWS, N, C, V, LN_F, TRAINING: Number(purpose === "train"), eps: run.model.layer_norm_eps },
  };
}

/** @param dstream the gradient that bypasses the LayerNorm */
function layernormBackward(
  { N, C }: Tiled,
  name: string,
  which: number,
  inp: string,
  dstream: string,
  dinp: string,
): Dispatch {
  return {
    label: `${name} backward`,
    kernel: "tiled/layernorm_backward",
    bindings: [`dnorms/${which}`, inp, `statistics/${which}`, `params/${name}`, dstream, dinp],
    workgroups: [Math.ceil(N / NORM_ROWS), 1, 1],
    constants: { N, C },
  };
}

/** From the gradient of the stream after layer `l` to that of the stream before it. */
function layerBackward(sizes: Tiled, l: number): Dispatch[] {
  const { N, T, C, NH, HS, FF } = sizes, h = `h.${l}`;
  const product = (what: string, dout: string, dinp: string, M: number): Dispatch => ({
    label: `${h}.${what} backward`,
    kernel: "tiled/matmul_backward",
    bindings: [dout, `params/${h}.${what}`, dinp],
    workgroups: tiles(sizes, C, N),
    constants: { N, K: C, M, ...tiling(sizes, C) },
  });
  /** Through a product and the LayerNorm before it. */
  const throughNorm = (
    what: string,
    dout: string,
    M: number,
    norm: string,
    which: number,
    [inp, dstream, dinp]: string[],
  ): Dispatch[] => {
    if (C > TILE) {
      return [
        product(what, dout, `dnorms/${which}`, M),
        layernormBackward(sizes, `${h}.${norm}`, which, inp, dstream, dinp),
      ];
    }
    const weights = [`params/${h}.${what}`, inp, `statistics/${which}`, `params/${h}.${norm}`];
    return [{
      label: `${h}.${what} and ${norm} backward`,
      kernel: "tiled/matmul_backward_layernorm",
      bindings: [dout, ...weights, dstream, `dnorms/${which}`, dinp],
      workgroups: tiles(sizes, C, N),
      constants: { N, M, ...tiling(sizes, C) },
    }];
  };
  return [
    {
      label: `${h}.mlp.proj backward`,
      kernel: "tiled/matmul_backward_gelu",
      bindings: [`dstreams/${l + 1}`, `params/${h}.mlp.proj`, `fc/${l}`, `dfc/${l}`],
      workgroups: tiles(sizes, FF, N),
      constants: { N, K: FF, M: C, ...tiling(sizes, FF) },
    },
    ...throughNorm("mlp.fc", `dfc/${l}`, FF, "ln_2", 2 * l + 1, [
      `middles/${l}`,
      `dstreams/${l + 1}`,
      `dmiddles/${l}`,
    ]),
    product("attn.proj", `dmiddles/${l}`, "dmixed", C),
    {
      label: `${h}.attn backward`,
      kernel: "tiled/attention_backward",
      bindings: [`qkv/${l}`, `mixed/${l}`, "dmixed", `lse/${l}`, `dqkv/${l}`],
      workgroups: [Math.ceil(T / ATTENTION_POSITIONS), N / T * NH, 1],
      constants: { T, NH, HS, scale: 1 / Math.sqrt(HS) },
    },
    ...throughNorm("attn.qkv", `dqkv/${l}`, 3 * C, "ln_1", 2 * l, [
      `streams/${l}`,
      `dmiddles/${l}`,
      `dstreams/${l}`,
    ]),
  ];
}

/** The gradients of all weights, in parts. */
function weightGradients(sizes: Tiled): Dispatch[] {
  const { N, T, C, V, FF, L, PARTS, PART_ROWS, SLOT, SIZE, STRIDE, WPE, FIRST_LAYER, LAYER_SIZE, LN_F } = sizes;
  const { LN_1, LN_2, QKV, ATTN_PROJ, FC, MLP_PROJ } = sizes, rows = { N, C, PART_ROWS, STRIDE };
  /** Of the matrix [K, C] that writes into the stream, and of the matrix [C, M] that reads it. */
  const matrices = (
    label: string,
    bindings: string[],
    [K, M]: number[],
    places: Record<"SHIFT" | "GELU" | "FIRST_MATRIX" | "SECOND_MATRIX" | "GAIN" | "WHICH", number>,
  ): Dispatch => {
    const squares = (K + M) / TILE * C / TILE;
    return {
      label,
      kernel: "tiled/matmul_backward_weight",
      bindings: [...bindings, "statistics", "params", "partials"],
      workgroups: [squares, L, PARTS],
      constants: { ...rows, K, M, TEAMS: teams(squares * L * PARTS), SLOT, LAYER_SIZE, ...places },
    };
  };
  const characters: Grid = [C / TILE, 2 * Math.ceil(V / TILE), PARTS];
  return [
    matrices("MLPs' weight gradients", ["fc", "dstreams", "middles", "dfc"], [FF, FF], {
      SHIFT: 1,
      GELU: 1,
      FIRST_MATRIX: FIRST_LAYER + MLP_PROJ,
      SECOND_MATRIX: FIRST_LAYER + FC,
      GAIN: FIRST_LAYER + LN_2,
      WHICH: 1,
    }),
    matrices("attentions' weight gradients", ["mixed", "dmiddles", "streams", "dqkv"], [C, 3 * C], {
      SHIFT: 0,
      GELU: 0,
      FIRST_MATRIX: FIRST_LAYER + ATTN_PROJ,
      SECOND_MATRIX: FIRST_LAYER + QKV,
      GAIN: FIRST_LAYER + LN_1,
      WHICH: 0,
    }),
    {
      label: "characters' gradients",
      kernel: "tiled/wte_backward",
      bindings: [
        "dlogits",
        `streams/${L}`,
        `statistics/${2 * L}`,
        "params/ln_f",
        "inp",
        "dstreams/0",
        "partials",
      ],
      workgroups: characters,
      constants: { ...rows, V, SIZE, TEAMS: teams(characters[0] * characters[1] * PARTS) },
    },
    {
      label: "LayerNorms' and positions' gradients",
      kernel: "tiled/vectors_backward_weight",
      bindings: ["streams", "middles", "statistics", "dnorms", "dstreams/0", "partials"],
      workgroups: [C / TILE, 2 * L + 1 + Math.ceil(T / VECTORS_POSITIONS), PARTS],
      constants: { ...rows, T, L, SLOT, WPE, FIRST_LAYER, LAYER_SIZE, LN_1, LN_2, LN_F },
    },
  ];
}

export function sumOfPartials({ C, V, PARTS, SIZE, STRIDE }: Tiled): Dispatch {
  return {
    label: "sum of the gradients",
    kernel: "tiled/partials_sum",
    bindings: ["partials", "grads"],
    workgroups: invocations("tiled/partials_sum", SIZE / 4),
    constants: { PARTS, SIZE, STRIDE, C, V },
  };
}
