// The tiled plan's forward pass: from a batch to its logits.
import type { BackendOptions } from "../training/backend.ts";
import { readEarly } from "./plain_dispatches.ts";
import type { Grid } from "./grids.ts";
import type { Dispatch } from "./plan.ts";
import { type Tiled, tiles, tiling } from "./tiled_sizes.ts";

/** Rows of a workgroup of the embedding, and of attention. */
const EMBEDDING_ROWS = 16, ATTENTION_ROWS = 32;

function attentionGrid({ T, NH }: Tiled, rows: number): Grid {
  return [Math.ceil(T / ATTENTION_ROWS), rows / T * NH, 1];
}

/**
 * To train or evaluate, from `starts` to `logits`; to write, from `inp`.
 * @param rows how many of the N rows to compute; only the grids depend on it, so the pipelines are shared
 */
export function forward(sizes: Tiled, rows: number, options: BackendOptions, purpose: "batch" | "write"): Dispatch[] {
  const { N, T, C, NH, HS, V, FF, L } = sizes, { layer_norm_eps: eps } = options.run.model;
  const list: Dispatch[] = [{
    label: "embedding forward",
    kernel: "tiled/embedding_forward",
    bindings: ["tokens", "starts", "params/wte", "params/wpe", "inp", "targets", "streams/0", "moments/0"],
    workgroups: [Math.ceil(rows / EMBEDDING_ROWS), 1, 1],
    constants: { N, T, C, GATHER: Number(purpose === "batch") },
  }];
  for (let l = 0; l < L; l++) {
    const h = `h.${l}`, p = `params/h.${l}`;
    const fromNorm = (what: string, inp: string, which: number, norm: string, out: string, M: number): Dispatch => ({
      label: `${h}.${what} forward`,
      kernel: "tiled/layernorm_matmul_forward",
      bindings: [inp, `moments/${which}`, `${p}.${norm}`, `${p}.${what}`, `statistics/${which}`, out],
      workgroups: tiles(sizes, M, rows),
      constants: { N, C, M, ...tiling(sizes, M), eps },
    });
    /** @param which the LayerNorm that reads the stream next */
    const toStream = (
      what: string,
      [inp, stream, out]: string[],
      which: number,
      K: number,
      GELU: number,
    ): Dispatch => ({
      label: `${h}.${what} forward`,
      kernel: "tiled/matmul_forward",
      bindings: [inp, `${p}.${what}`, stream, out, `moments/${which}`],
      workgroups: tiles(sizes, C, rows),
      constants: { N, K, C, ...tiling(sizes, C), GELU },
    });
    if (purpose === "write") list.push(readEarly(sizes, options, l, `streams/${l}`));
    list.push(
      fromNorm("attn.qkv", `streams/${l}`, 2 * l, "ln_1", `qkv/${l}`, 3 * C),
      {
        label: `${h}.attn forward`,
        kernel: "tiled/attention_forward",
        bindings: [`qkv/${l}`, `mixed/${l}`, `lse/${l}`],
        workgroups: attentionGrid(sizes, rows),
        constants: { T, NH, HS, scale: 1 / Math.sqrt(HS) },
      },
      toStream("attn.proj", [`mixed/${l}`, `streams/${l}`, `middles/${l}`], 2 * l + 1, C, 0),
      fromNorm("mlp.fc", `middles/${l}`, 2 * l + 1, "ln_2", `fc/${l}`, FF),
      toStream("mlp.proj", [`fc/${l}`, `middles/${l}`, `streams/${l + 1}`], 2 * l + 2, FF, 1),
    );
  }
  const which = 2 * L;
  list.push({
    label: "logits",
    kernel: "tiled/head_forward",
    bindings: [`streams/${L}`, `moments/${which}`, "params/ln_f", "params/wte", `statistics/${which}`, "logits"],
    workgroups: tiles(sizes, V, rows),
    constants: { N, C, V, ...tiling(sizes, V), eps },
  });
  return list;
}
