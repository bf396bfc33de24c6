// The plain plan's backward pass: from the loss to the gradient of every weight.
import { invocations, MATMUL_SIDE, SCORES_SIDE, squares } from "./grids.ts";
import { aligned, type Dispatch } from "./plan.ts";
import { elementwise, matmulBackward, matmulForward } from "./plain_dispatches.ts";
import type { Sizes } from "./sizes.ts";

function lossBackward({ N, V }: Sizes): Dispatch[] {
  return [{
    label: "loss backward",
    kernel: "cross_entropy_backward",
    bindings: ["logits", "targets", "lse", "dlogits"],
    workgroups: invocations("cross_entropy_backward", N * V),
    constants: { N, V },
  }];
}

/** dweight = inp^T dout: computed in parts, which are then added up. */
function weightGradient(
  { N, PART_ROWS, PARTS }: Sizes,
  name: string,
  inp: string,
  dout: string,
  K: number,
  M: number,
): Dispatch[] {
  return [
    {
      label: `${name} weight gradient`,
      kernel: "matmul_backward_weight",
      bindings: [inp, dout, "partials"],
      workgroups: squares(MATMUL_SIDE, M, K, PARTS),
      constants: { N, K, M, PART_ROWS },
    },
    partialsSum(`grads/${name}`, K * M, PARTS),
  ];
}

function partialsSum(out: string, SIZE: number, PARTS: number): Dispatch {
  return {
    label: `sum of ${out}`,
    kernel: "partials_sum",
    bindings: ["partials", out],
    workgroups: invocations("partials_sum", SIZE),
    constants: { SIZE, PARTS },
  };
}

/** Gradients of weight and bias; the input's gradient goes into `dinp`. */
function layernormBackward(sizes: Sizes, name: string, inp: string, dout: string, dinp: string): Dispatch[] {
  const { N, C, PART_ROWS, PARTS } = sizes, STRIDE = aligned(C);
  return [
    {
      label: `${name} weight gradient`,
      kernel: "layernorm_backward_weight",
      bindings: [dout, inp, `${name}.mean`, `${name}.rstd`, "partials"],
      workgroups: invocations("layernorm_backward_weight", STRIDE, PARTS),
      constants: { N, C, STRIDE, PART_ROWS },
    },
    partialsSum(`grads/${name}`, 2 * STRIDE, PARTS),
    {
      label: `${name} backward`,
      kernel: "layernorm_backward",
      bindings: [dout, inp, `${name}.mean`, `${name}.rstd`, `params/${name}.weight`, dinp],
      workgroups: invocations("layernorm_backward", N),
      constants: { N, C },
    },
  ];
}

/** From `logits` to all of `grads`. */
export function backward(sizes: Sizes): Dispatch[] {
  const { N, C, V, L } = sizes;
  const head = weightGradient(sizes, "wte", "dlogits", "ln_f.out", V, C);
  const last = L > 0 ? `h.${L - 1}.stream_2` : "stream";
  const list: Dispatch[] = [
    ...lossBackward(sizes),
    matmulForward(sizes, N, "logits backward", ["dlogits", "params/wte", "dsmall"], V, C),
    ...layernormBackward(sizes, "ln_f", last, "dsmall", "dstream"),
  ];
  for (let l = L - 1; l >= 0; l--) {
    const below = l > 0 ? `h.${l - 1}.stream_2` : "stream";
    list.push(...mlpBackward(sizes, `h.${l}`), ...attentionBackward(sizes, `h.${l}`, below));
  }
  return [...list, head[0], ...embeddingBackward(sizes)];
}

/**
 * The half of a layer that processes each position alone: updates `dstream` in place, and computes weight gradients.
 */
function mlpBackward(sizes: Sizes, h: string): Dispatch[] {
  const { N, C, FF } = sizes;
  return [
    ...weightGradient(sizes, `${h}.mlp.proj`, `${h}.gelu`, "dstream", FF, C),
    matmulBackward(sizes, N, `${h}.mlp.proj backward`, ["dstream", `params/${h}.mlp.proj`, "dhidden"], FF, C),
    elementwise(`${h}.mlp gelu backward`, "gelu_backward", ["dhidden", `${h}.fc`, "dfc"], N * FF, N * FF),
    ...weightGradient(sizes, `${h}.mlp.fc`, `${h}.ln_2.out`, "dfc", C, FF),
    matmulBackward(sizes, N, `${h}.mlp.fc backward`, ["dfc", `params/${h}.mlp.fc`, "dsmall"], C, FF),
    ...layernormBackward(sizes, `${h}.ln_2`, `${h}.stream_1`, "dsmall", "dbranch"),
    elementwise(`${h} residual 2 backward`, "residual_backward", ["dbranch", "dstream"], N * C, N * C),
  ];
}

/** The half of a layer in which positions attend to each other; results as for mlpBackward. */
function attentionBackward(sizes: Sizes, h: string, below: string): Dispatch[] {
  const { B, T, N, C, NH, HS } = sizes;
  const perNumber = (what: string, kernel: string, bindings: string[]): Dispatch => ({
    label: `${h}.attn ${what} backward`,
    kernel,
    bindings,
    workgroups: invocations(kernel, N * C),
    constants: { N, T, NH, HS },
  });
  return [
    ...weightGradient(sizes, `${h}.attn.proj`, `${h}.mixed`, "dstream", C, C),
    matmulBackward(sizes, N, `${h}.attn.proj backward`, ["dstream", `params/${h}.attn.proj`, "dsmall"], C, C),
    {
      label: `${h}.attn att backward`,
      kernel: "attention_backward_att",
      bindings: ["dsmall", `${h}.qkv`, "datt"],
      workgroups: squares(SCORES_SIDE, T, T, B * NH),
      constants: { T, NH, HS },
    },
    perNumber("value", "attention_backward_value", [`${h}.att`, "dsmall", "dqkv"]),
    {
      label: `${h}.attn softmax backward`,
      kernel: "attention_backward_softmax",
      bindings: [`${h}.att`, "datt"],
      workgroups: invocations("attention_backward_softmax", N * NH),
      constants: { ROWS: N * NH, T, scale: 1 / Math.sqrt(HS) },
    },
    perNumber("query", "attention_backward_query", ["datt", `${h}.qkv`, "dqkv"]),
    perNumber("key", "attention_backward_key", ["datt", `${h}.qkv`, "dqkv"]),
    ...weightGradient(sizes, `${h}.attn.qkv`, `${h}.ln_1.out`, "dqkv", C, 3 * C),
    matmulBackward(sizes, N, `${h}.attn.qkv backward`, ["dqkv", `params/${h}.attn.qkv`, "dsmall"], C, 3 * C),
    ...layernormBackward(sizes, `${h}.ln_1`, below, "dsmall", "dbranch"),
    elementwise(`${h} residual 1 backward`, "residual_backward", ["dbranch", "dstream"], N * C, N * C),
  ];
}

/** wte is used twice, as embedding and as output head: these parts follow the head's parts, and one sum adds all. */
function embeddingBackward({ B, T, N, C, V, PART_ROWS, PARTS }: Sizes): Dispatch[] {
  return [
    {
      label: "embedding backward, characters",
      kernel: "embedding_backward_token",
      bindings: ["inp", "dstream", "partials"],
      workgroups: invocations("embedding_backward_token", V * C, PARTS),
      constants: { N, C, V, PART_ROWS, FIRST_PART: PARTS },
    },
    partialsSum("grads/wte", V * C, 2 * PARTS),
    {
      label: "embedding backward, positions",
      kernel: "embedding_backward_position",
      bindings: ["dstream", "grads/wpe"],
      workgroups: invocations("embedding_backward_position", T * C),
      constants: { B, T, C },
    },
  ];
}
