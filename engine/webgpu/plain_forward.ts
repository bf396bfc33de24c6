// The plain plan's forward pass: from characters to a loss for each.
import type { BackendOptions } from "../training/backend.ts";
import { invocations, SCORES_SIDE, squares } from "./grids.ts";
import type { Dispatch, TensorSpec } from "./plan.ts";
import { elementwise, matmulBackward, matmulForward } from "./plain_dispatches.ts";
import type { Sizes } from "./sizes.ts";

/** What forward() writes, layer by layer, and its input; the backward pass reads most of it. */
export function forwardTensors({ B, N, T, C, NH, V, FF, L }: Sizes): TensorSpec[] {
  const list: TensorSpec[] = [{ name: "inp", shape: [N], type: "u32" }];
  const add = (name: string, ...shape: number[]) => list.push({ name, shape, type: "f32" });
  const layernorm = (name: string) => {
    add(`${name}.out`, N, C);
    add(`${name}.mean`, N);
    add(`${name}.rstd`, N);
  };
  add("stream", N, C);
  for (let l = 0; l < L; l++) {
    layernorm(`h.${l}.ln_1`);
    add(`h.${l}.qkv`, N, 3 * C);
    add(`h.${l}.att`, B * NH * T, T);
    add(`h.${l}.mixed`, N, C);
    add(`h.${l}.stream_1`, N, C);
    layernorm(`h.${l}.ln_2`);
    add(`h.${l}.fc`, N, FF);
    add(`h.${l}.gelu`, N, FF);
    add(`h.${l}.stream_2`, N, C);
  }
  layernorm("ln_f");
  add("logits", N, V);
  add("branch", N, C);
  return list;
}

/** Name of the stream that enters block l, or that leaves the last one. */
export function streamInto(l: number): string {
  return l === 0 ? "stream" : `h.${l - 1}.stream_2`;
}

/** Dispatches to insert into a forward pass. */
interface Insertions {
  /** Before block l, which reads `stream`. */
  before_block?(l: number, stream: string): Dispatch[];
  /** After layer l's attention has written `mixed`, the outputs of all heads side by side. */
  after_heads?(l: number, mixed: string): Dispatch[];
}

/**
 * From `inp` to `logits`.
 * @param rows how many of the N rows to compute; only the grids depend on it, so the pipelines are shared
 */
export function forward(
  sizes: Sizes,
  rows: number,
  { run: { model: { layer_norm_eps: eps } } }: BackendOptions,
  { before_block = () => [], after_heads = () => [] }: Insertions = {},
): Dispatch[] {
  const { T, N, C, NH, HS, V, FF, L } = sizes;
  const sequences = rows / T;
  const layernorm = (name: string, inp: string): Dispatch => ({
    label: `${name} forward`,
    kernel: "layernorm_forward",
    bindings: [
      inp,
      `params/${name}.weight`,
      `params/${name}.bias`,
      `${name}.out`,
      `${name}.mean`,
      `${name}.rstd`,
    ],
    workgroups: invocations("layernorm_forward", rows),
    constants: { N, C, eps },
  });
  const list: Dispatch[] = [{
    label: "embedding forward",
    kernel: "embedding_forward",
    bindings: ["inp", "params/wte", "params/wpe", "stream"],
    workgroups: invocations("embedding_forward", rows * C),
    constants: { N, T, C },
  }];
  for (let l = 0; l < L; l++) {
    const h = `h.${l}`, p = `params/h.${l}`, stream = streamInto(l);
    const product = (what: string, inp: string, weight: string, out: string, K: number, M: number) =>
      matmulForward(sizes, rows, `${h}.${what} forward`, [inp, weight, out], K, M);
    list.push(
      ...before_block(l, stream),
      layernorm(`${h}.ln_1`, stream),
      product("attn.qkv", `${h}.ln_1.out`, `${p}.attn.qkv`, `${h}.qkv`, C, 3 * C),
      {
        label: `${h}.attn scores`,
        kernel: "attention_forward_scores",
        bindings: [`${h}.qkv`, `${h}.att`],
        workgroups: squares(SCORES_SIDE, T, T, sequences * NH),
        constants: { T, NH, HS, scale: 1 / Math.sqrt(HS) },
      },
      {
        label: `${h}.attn softmax`,
        kernel: "attention_forward_softmax",
        bindings: [`${h}.att`],
        workgroups: invocations("attention_forward_softmax", rows * NH),
        constants: { ROWS: N * NH, T },
      },
      {
        label: `${h}.attn mix`,
        kernel: "attention_forward_mix",
        bindings: [`${h}.att`, `${h}.qkv`, `${h}.mixed`],
        workgroups: invocations("attention_forward_mix", rows * C),
        constants: { N, T, NH, HS },
      },
      ...after_heads(l, `${h}.mixed`),
      product("attn.proj", `${h}.mixed`, `${p}.attn.proj`, "branch", C, C),
      elementwise(`${h} residual 1`, "residual_forward", [stream, "branch", `${h}.stream_1`], rows * C, N * C),
      layernorm(`${h}.ln_2`, `${h}.stream_1`),
      product("mlp.fc", `${h}.ln_2.out`, `${p}.mlp.fc`, `${h}.fc`, C, FF),
      elementwise(`${h}.mlp gelu`, "gelu_forward", [`${h}.fc`, `${h}.gelu`], rows * FF, N * FF),
      product("mlp.proj", `${h}.gelu`, `${p}.mlp.proj`, "branch", FF, C),
      elementwise(
        `${h} residual 2`,
        "residual_forward",
        [`${h}.stream_1`, "branch", `${h}.stream_2`],
        rows * C,
        N * C,
      ),
    );
  }
  list.push(
    layernorm("ln_f", streamInto(L)),
    matmulBackward(sizes, rows, "logits", ["ln_f.out", "params/wte", "logits"], V, C),
  );
  return list;
}

/** From `logits` to `nll`. */
export function loss({ N, V }: Sizes): Dispatch[] {
  return [{
    label: "loss",
    kernel: "cross_entropy_forward",
    bindings: ["logits", "targets", "nll", "lse"],
    workgroups: invocations("cross_entropy_forward", N),
    constants: { N, V },
  }];
}
