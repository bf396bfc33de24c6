// The tiled plan's backward pass: from `dlogits` to `grads`. First the gradients of what the layers pass to each other,
// then those of the weights, of all layers at a time.
import { invocations } from "./grids.ts";
import type { Dispatch } from "./plan.ts";
import { attentionGrid, normGrid } from "./tiled_forward.ts";
import { TILE, type Tiled, tileRows, tiles } from "./tiled_sizes.ts";

export function backward(sizes: Tiled): Dispatch[] {
  const { N, C, V, L } = sizes;
  const list: Dispatch[] = [
    {
      label: "logits backward",
      kernel: "tiled/head_backward",
      bindings: ["dlogits", "params/wte", `dnorms/${2 * L}`],
      workgroups: tiles(sizes, C, N),
      constants: { N, C, V, ROWS: tileRows(sizes, C) },
    },
    layernormBackward(sizes, "ln_f", 2 * L, `streams/${L}`, null, `dstreams/${L}`),
  ];
  for (let l = L - 1; l >= 0; l--) list.push(...layerBackward(sizes, l));
  return [...list, ...weightGradients(sizes), sumOfPartials(sizes)];
}

/** @param dstream the gradient that bypasses the LayerNorm; null at the model's end, where another is bound */
function layernormBackward(
  { N, C }: Tiled,
  name: string,
  which: number,
  inp: string,
  dstream: string | null,
  dinp: string,
): Dispatch {
  return {
    label: `${name} backward`,
    kernel: "tiled/layernorm_backward",
    bindings: [`dnorms/${which}`, inp, `statistics/${which}`, `params/${name}`, dstream ?? "dmiddles/0", dinp],
    workgroups: normGrid(N),
    constants: { N, C, STREAM: Number(dstream !== null) },
  };
}

/** From the gradient of the stream after layer `l` to that of the stream before it. */
function layerBackward(sizes: Tiled, l: number): Dispatch[] {
  const { N, T, C, NH, HS, FF } = sizes, h = `h.${l}`, scale = 1 / Math.sqrt(HS);
  const product = (what: string, dout: string, dinp: string, K: number, M: number): Dispatch => ({
    label: `${h}.${what} backward`,
    kernel: "tiled/matmul_backward",
    bindings: [dout, `params/${h}.${what}`, dinp],
    workgroups: tiles(sizes, K, N),
    constants: { N, K, M, ROWS: tileRows(sizes, K) },
  });
  return [
    {
      label: `${h}.mlp.proj backward`,
      kernel: "tiled/matmul_backward_gelu",
      bindings: [`dstreams/${l + 1}`, `params/${h}.mlp.proj`, `fc/${l}`, `dfc/${l}`],
      workgroups: tiles(sizes, FF, N),
      constants: { N, K: FF, M: C, ROWS: tileRows(sizes, FF) },
    },
    product("mlp.fc", `dfc/${l}`, `dnorms/${2 * l + 1}`, C, FF),
    layernormBackward(sizes, `${h}.ln_2`, 2 * l + 1, `middles/${l}`, `dstreams/${l + 1}`, `dmiddles/${l}`),
    product("attn.proj", `dmiddles/${l}`, "dmixed", C, C),
    {
      label: `${h}.attn backward, queries`,
      kernel: "tiled/attention_backward_query",
      bindings: [`qkv/${l}`, `mixed/${l}`, "dmixed", `lse/${l}`, `dqkv/${l}`, "means"],
      workgroups: attentionGrid(sizes, N),
      constants: { T, NH, HS, scale },
    },
    {
      label: `${h}.attn backward, keys and values`,
      kernel: "tiled/attention_backward_key",
      bindings: [`qkv/${l}`, "dmixed", `lse/${l}`, "means", `dqkv/${l}`],
      workgroups: attentionGrid(sizes, N, 2),
      constants: { T, NH, HS, scale },
    },
    product("attn.qkv", `dqkv/${l}`, `dnorms/${2 * l}`, C, 3 * C),
    layernormBackward(sizes, `${h}.ln_1`, 2 * l, `streams/${l}`, `dmiddles/${l}`, `dstreams/${l}`),
  ];
}

/** Values of the constant FROM: how the input of a product is made from what was kept. */
const FROM = { itself: 0, layernorm: 1, gelu: 2 };

/** The gradients of all weights, in parts. */
function weightGradients(sizes: Tiled): Dispatch[] {
  const { N, T, C, V, FF, L, PARTS, PART_ROWS, SLOT, SIZE, STRIDE, WPE, FIRST_LAYER, LAYER_SIZE, LN_F } = sizes;
  const { LN_1, LN_2, QKV, ATTN_PROJ, FC, MLP_PROJ } = sizes, rows = { N, PART_ROWS, STRIDE };
  /** Of the matrix [K, M] at `MATRIX` in each layer. */
  const matrices = (
    what: string,
    [inp, K, from]: [string, number, keyof typeof FROM],
    [dout, M, SHIFT]: [string, number, number],
    MATRIX: number,
    WHICH = 0,
  ): Dispatch => ({
    label: `${what} weight gradients`,
    kernel: "tiled/matmul_backward_weight",
    bindings: [inp, "statistics", "params", dout, "partials"],
    workgroups: [M / TILE, K / TILE, L * PARTS],
    constants: {
      ...rows,
      PARTS,
      ROWS: TILE,
      SLOT,
      LAYER_SIZE,
      K,
      M,
      FROM: FROM[from],
      WHICH,
      GAIN: FIRST_LAYER + (WHICH === 0 ? LN_1 : LN_2),
      SHIFT,
      MATRIX: FIRST_LAYER + MATRIX,
    },
  });
  return [
    matrices("mlp.proj", ["fc", FF, "gelu"], ["dstreams", C, 1], MLP_PROJ),
    matrices("mlp.fc", ["middles", C, "layernorm"], ["dfc", FF, 0], FC, 1),
    matrices("attn.proj", ["mixed", C, "itself"], ["dmiddles", C, 0], ATTN_PROJ),
    matrices("attn.qkv", ["streams", C, "layernorm"], ["dqkv", 3 * C, 0], QKV),
    {
      label: "head weight gradient",
      kernel: "tiled/head_backward_weight",
      bindings: ["dlogits", `streams/${L}`, `statistics/${2 * L}`, "params/ln_f", "partials"],
      workgroups: [C / TILE, Math.ceil(V / TILE), PARTS],
      constants: { ...rows, C, V, ROWS: TILE },
    },
    {
      label: "LayerNorm weight gradients",
      kernel: "tiled/layernorm_backward_weight",
      bindings: ["streams", "middles", "statistics", "dnorms", "partials"],
      workgroups: [2 * L + 1, PARTS, 1],
      constants: { ...rows, C, L, SLOT, FIRST_LAYER, LAYER_SIZE, LN_1, LN_2, LN_F },
    },
    {
      label: "embedding backward",
      kernel: "tiled/embedding_backward",
      bindings: ["inp", "dstreams/0", "partials"],
      workgroups: [invocations("tiled/embedding_backward", (V + T) * C / 4)[0], PARTS, 1],
      constants: { ...rows, T, C, V, SIZE, WPE },
    },
  ];
}

function sumOfPartials({ C, V, PARTS, SIZE, STRIDE }: Tiled): Dispatch {
  return {
    label: "sum of the gradients",
    kernel: "tiled/partials_sum",
    bindings: ["partials", "grads"],
    workgroups: invocations("tiled/partials_sum", SIZE / 4),
    constants: { PARTS, SIZE, STRIDE, C, V },
  };
}
