// How many rows a workgroup of the fused plan takes. Each workgroup loads all weights that it multiplies by, so with 32
// rows, half as many workgroups load half as many bytes. That decides the speed of most cards, whose memory is slow. But
// a card computes many workgroups at a time, and half as many may leave a part of it idle.
import type { BackendOptions } from "../training/backend.ts";
import { type Card, fits } from "./card.ts";
import type { Plan } from "./plan.ts";

export type Rows = 16 | 32;

/**
 * 32 rows need at least this many workgroups. Laptops' cards have up to about as many cores (multiprocessors, compute
 * units), each of which computes a workgroup.
 */
const LEAST_WORKGROUPS = 32;
/**
 * NVIDIA's cards for data centres, which have more than 100 cores, by the name that a browser gives.
 * On an H200, with 132 cores, the lesson's 64 workgroups of 32 rows make 0.8 times as many iterations as 128 of 16 rows.
 */
const WIDE = /\b(A100|H100|H200|GH200|B200|GB200)\b|\bhopper\b/i;

/** What the workgroups of fused/tile.wgsl and fused/head.wgsl need: per row, 50 vec4, 16 numbers and one. */
export function limitsOfRows(rows: Rows): Plan["limits"] {
  if (rows === 16) return {}; // WebGPU's defaults are enough
  const invocations = 16 * rows;
  return {
    maxComputeInvocationsPerWorkgroup: invocations,
    maxComputeWorkgroupSizeX: invocations,
    maxComputeWorkgroupStorageSize: rows * (50 * 16 + 16 * 4 + 4),
  };
}

/** The rows for a run on a card. Only the card and the run decide: same seed, same bytes. */
export function rowsFor({ run: { model, training } }: BackendOptions, card: Card): Rows {
  if (!fits(card, limitsOfRows(32)) || isWide(card)) return 16;
  return training.batch_size * model.block_size / 32 >= LEAST_WORKGROUPS ? 32 : 16;
}

/** Chromium knows the architectures of NVIDIA's cards for desktops and laptops, but not of those for data centres. */
function isWide({ info: { vendor, architecture, description } }: Card): boolean {
  if (vendor === "nvidia" && !architecture && !description) return true;
  return WIDE.test(`${architecture} ${description}`);
}
