// The tiled plan's forward pass: from `inp` to `logits`, and to the loss.
import type { BackendOptions } from "../training/backend.ts";
import { invocations } from "./grids.ts";
import { readEarly } from "./plain_dispatches.ts";
import type { Dispatch } from "./plan.ts";
import { type Tiled, tileRows, tiles } from "./tiled_sizes.ts";

/** Rows of a workgroup of the LayerNorm kernels, of attention's, and of cross_entropy. */
const NORM_ROWS = 16, ATTENTION_ROWS = 32, LOSS_ROWS = 4;

export function normGrid(rows: number): [number, number, number] {
  return [Math.ceil(rows / NORM_ROWS), 1, 1];
}

/** @param rows of all sequences @param times workgroups for each of them */
export function attentionGrid({ T, NH }: Tiled, rows: number, times = 1): [number, number, number] {
  return [Math.ceil(T / ATTENTION_ROWS), rows / T * NH, times];
}

/**
 * From `inp` to `logits`.
 * @param rows how many of the N rows to compute; only the grids depend on it, so the pipelines are shared
 * @param early whether to read each stream early, for the character that is being written
 */
export function forward(sizes: Tiled, rows: number, options: BackendOptions, early = false): Dispatch[] {
  const { N, T, C, NH, HS, V, FF, L } = sizes, { layer_norm_eps: eps } = options.run.model;
  const statistics = (which: number, inp: string): Dispatch => ({
    label: `LayerNorm ${which} statistics`,
    kernel: "tiled/layernorm_statistics",
    bindings: [inp, `statistics/${which}`],
    workgroups: normGrid(rows),
    constants: { N, C, eps },
  });
  const list: Dispatch[] = [{
    label: "embedding forward",
    kernel: "embedding_forward",
    bindings: ["inp", "params/wte", "params/wpe", "streams/0"],
    workgroups: invocations("embedding_forward", rows * C),
    constants: { N, T, C },
  }];
  for (let l = 0; l < L; l++) {
    const h = `h.${l}`, p = `params/h.${l}`;
    const fromNorm = (what: string, inp: string, which: number, norm: string, out: string, M: number): Dispatch => ({
      label: `${h}.${what} forward`,
      kernel: "tiled/layernorm_matmul_forward",
      bindings: [inp, `statistics/${which}`, `${p}.${norm}`, `${p}.${what}`, out],
      workgroups: tiles(sizes, M, rows),
      constants: { N, K: C, M, ROWS: tileRows(sizes, M) },
    });
    const toStream = (what: string, inp: string, stream: string, out: string, K: number, GELU: number): Dispatch => ({
      label: `${h}.${what} forward`,
      kernel: "tiled/matmul_forward",
      bindings: [inp, `${p}.${what}`, stream, out],
      workgroups: tiles(sizes, C, rows),
      constants: { N, K, M: C, ROWS: tileRows(sizes, C), GELU },
    });
    if (early) list.push(readEarly(sizes, options, l, `streams/${l}`));
    list.push(
      statistics(2 * l, `streams/${l}`),
      fromNorm("attn.qkv", `streams/${l}`, 2 * l, "ln_1", `qkv/${l}`, 3 * C),
      {
        label: `${h}.attn forward`,
        kernel: "tiled/attention_forward",
        bindings: [`qkv/${l}`, `mixed/${l}`, `lse/${l}`],
        workgroups: attentionGrid(sizes, rows),
        constants: { T, NH, HS, scale: 1 / Math.sqrt(HS) },
      },
      toStream("attn.proj", `mixed/${l}`, `streams/${l}`, `middles/${l}`, C, 0),
      statistics(2 * l + 1, `middles/${l}`),
      fromNorm("mlp.fc", `middles/${l}`, 2 * l + 1, "ln_2", `fc/${l}`, FF),
      toStream("mlp.proj", `fc/${l}`, `middles/${l}`, `streams/${l + 1}`, FF, 1),
    );
  }
  list.push(statistics(2 * L, `streams/${L}`), {
    label: "logits",
    kernel: "tiled/head_forward",
    bindings: [`streams/${L}`, `statistics/${2 * L}`, "params/ln_f", "params/wte", "logits"],
    workgroups: tiles(sizes, V, rows),
    constants: { N, C, V, ROWS: tileRows(sizes, V) },
  });
  return list;
}

/** From `logits` to `nll` and, to train, `dlogits`. */
export function loss({ N, V }: Tiled, purpose: "train" | "evaluate"): Dispatch[] {
  return [{
    label: purpose === "train" ? "loss and its gradient" : "loss",
    kernel: "tiled/cross_entropy",
    bindings: ["logits", "targets", "nll", "dlogits"],
    workgroups: [Math.ceil(N / LOSS_ROWS), 1, 1],
    constants: { N, V, TRAINING: Number(purpose === "train") },
  }];
}
