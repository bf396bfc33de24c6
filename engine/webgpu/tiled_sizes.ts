// The sizes that tiled kernels use, where their weights are, and what the forward pass keeps for the backward pass.
import type { BackendOptions } from "../training/backend.ts";
import { type Grid, squares } from "./grids.ts";
import { layoutOf } from "./layout.ts";
import { aligned, type TensorSpec } from "./plan.ts";
import { type Sizes, sizesOf } from "./sizes.ts";

/** Columns of a tile; every width is a multiple of it. */
export const TILE = 64;
/**
 * A large GPU needs this many workgroups to use all its cores; a product with fewer tiles gets tiles of 32 rows and
 * MOST_TEAMS teams. Four times as many keep it busy; with fewer, two teams share a tile.
 */
const ENOUGH_WORKGROUPS = 128;
/** Sums over rows are split into parts of about ROWS_PER_PART rows, but into at most PARTS_TIMES_WIDTH / C parts. */
const PARTS_TIMES_WIDTH = 1024, ROWS_PER_PART = 256;

/** Most teams that share a tile's terms; four need more workgroup memory than every device has. */
export type Teams = 2 | 4;

/** Offsets are those of tensors in the flat vector of params.ts. */
export interface Tiled extends Sizes {
  MOST_TEAMS: Teams;
  SIZE: number;
  /** Rows of a slot of `statistics`, at least N. */
  SLOT: number;
  /** Length of a part in `partials`: all weights, then wte once more. */
  STRIDE: number;
  WPE: number;
  FIRST_LAYER: number;
  LAYER_SIZE: number;
  LN_F: number;
  /** Offsets within a layer. */
  LN_1: number;
  LN_2: number;
  QKV: number;
  ATTN_PROJ: number;
  FC: number;
  MLP_PROJ: number;
}

export function tiledSizes(options: BackendOptions, MOST_TEAMS: Teams = 2): Tiled {
  const sizes = sizesOf(options), { N, C, V, L } = sizes;
  const layout = layoutOf(options.run.model), SIZE = layout.size;
  const at = (name: string) => layout.tensors.find((tensor) => tensor.name === name)!.offset;
  const FIRST_LAYER = at("h.0.ln_1.weight"), LN_F = at("ln_f.weight");
  const parts = Math.max(1, Math.min(Math.round(PARTS_TIMES_WIDTH / C), Math.ceil(N / ROWS_PER_PART)));
  const PART_ROWS = Math.ceil(N / parts / 32) * 32;
  return {
    ...sizes,
    MOST_TEAMS,
    PART_ROWS,
    PARTS: Math.ceil(N / PART_ROWS),
    SLOT: aligned(2 * N) / 2,
    SIZE,
    STRIDE: SIZE + V * C,
    WPE: at("wpe"),
    FIRST_LAYER,
    LAYER_SIZE: (LN_F - FIRST_LAYER) / L,
    LN_F,
    LN_1: 0,
    LN_2: at("h.0.ln_2.weight") - FIRST_LAYER,
    QKV: at("h.0.attn.qkv") - FIRST_LAYER,
    ATTN_PROJ: at("h.0.attn.proj") - FIRST_LAYER,
    FC: at("h.0.mlp.fc") - FIRST_LAYER,
    MLP_PROJ: at("h.0.mlp.proj") - FIRST_LAYER,
  };
}

/** How to compute a product with `columns` columns: rows of a tile, and teams that share its terms. */
export function tiling({ N, MOST_TEAMS }: Tiled, columns: number): { ROWS: number; TEAMS: number } {
  const [x, y] = squares(TILE, columns, N);
  return x * y < ENOUGH_WORKGROUPS ? { ROWS: TILE / 2, TEAMS: MOST_TEAMS } : { ROWS: TILE, TEAMS: teams(x * y) };
}

/** How many teams share a tile's terms in a dispatch of `workgroups` tiles. */
export function teams(workgroups: number): number {
  return workgroups >= 4 * ENOUGH_WORKGROUPS ? 1 : 2;
}

/** The tiles of the first `rows` rows of a product. */
export function tiles(sizes: Tiled, columns: number, rows: number): Grid {
  return [Math.ceil(columns / TILE), Math.ceil(rows / tiling(sizes, columns).ROWS), 1];
}

/** Gain and bias of each LayerNorm as one tensor, "params/h.0.ln_1" and so on: [2, C]. They are adjacent. */
export function normPairs({ run: { model } }: BackendOptions): TensorSpec[] {
  return layoutOf(model).tensors.filter(({ name }) => name.endsWith(".weight")).map(({ name, offset, size }) => ({
    name: `params/${name.slice(0, -".weight".length)}`,
    shape: [2, size],
    type: "f32",
    within: { tensor: "params", offset },
  }));
}

/**
 * Tensors in which each layer has a slot, so that one dispatch can compute the weights' gradients of all layers; a slot
 * is also a tensor of its own, "streams/0" and so on. Names that begin with d are gradients.
 *
 * streams [L + 1, N, C]: the stream that enters layer l; middles [L, N, C]: the stream between its attention and MLP.
 * moments [2L + 1, N, C / 64, 2]: what statistics are made of, see wgsl/tiled/layernorm.wgsl.
 * statistics [2L + 1, SLOT, 2] and dnorms [2L + 1, N, C]: of LayerNorms 1 and 2 of layer l at 2l and 2l + 1, then
 * of the last one.
 * fc [L, N, FF]: GELU's input.
 */
export function tiledTensors({ B, N, T, C, NH, V, FF, L, PARTS, STRIDE }: Tiled): TensorSpec[] {
  const f32 = (name: string, ...shape: number[]): TensorSpec => ({ name, shape, type: "f32" });
  const slots = (name: string, count: number, ...shape: number[]): TensorSpec[] => {
    const size = aligned(shape.reduce((product, n) => product * n, 1));
    const slot = (i: number): TensorSpec => (
      { name: `${name}/${i}`, shape, type: "f32", within: { tensor: name, offset: i * size } }
    );
    return [f32(name, count, size), ...Array.from({ length: count }, (_, i) => slot(i))];
  };
  return [
    { name: "inp", shape: [N], type: "u32" },
    { name: "targets", shape: [N], type: "u32" },
    ...slots("streams", L + 1, N, C),
    ...slots("middles", L, N, C),
    ...slots("moments", 2 * L + 1, N, C / TILE, 2),
    ...slots("statistics", 2 * L + 1, N, 2),
    ...slots("qkv", L, N, 3 * C),
    ...slots("mixed", L, N, C),
    ...slots("lse", L, B * NH, T),
    ...slots("fc", L, N, FF),
    f32("logits", N, V),
    f32("dlogits", N, Math.ceil(V / TILE) * TILE),
    ...slots("dstreams", L + 1, N, C),
    ...slots("dmiddles", L, N, C),
    ...slots("dnorms", 2 * L + 1, N, C),
    ...slots("dqkv", L, N, 3 * C),
    ...slots("dfc", L, N, FF),
    f32("dmixed", N, C),
    f32("partials", PARTS, STRIDE),
  ];
}
